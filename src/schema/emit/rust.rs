//! Rust as rustfmt leaves it without a configuration, as far as a migration needs it: statements that are calls
//! of methods, one behind the other.
//!
//! The widths are rustfmt's `max_width`, `chain_width`, `fn_call_width`, `array_width` and
//! `short_array_element_width_threshold`:
//! <https://rust-lang.github.io/rustfmt/?version=v1.8.0#use_small_heuristics>.

use super::text::{self, WIDEST};

const WIDEST_CHAIN: usize = 60;
const WIDEST_ARGUMENTS: usize = 60;
const WIDEST_ARRAY: usize = 60;
const SHORT_ELEMENT: usize = 10;
const TAB: usize = 4;

/// What stands between parentheses or brackets.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A text.
    Text(String),
    /// What is written as it is, on one line.
    Code(String),
    /// An array.
    List(Vec<Expr>),
    /// A function that is called, and methods of what it returns.
    Calls(Vec<Call>),
    /// `|c| c.text()`: what is called on the parameter.
    Says(&'static str, Vec<Call>),
    /// `|t| { … }`: statements that begin with the parameter.
    Block(&'static str, Vec<Vec<Call>>),
}

/// One call, without what it is called on.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: &'static str,
    pub arguments: Vec<Expr>,
}

impl Call {
    pub fn new(method: &'static str, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Self { method, arguments: arguments.into_iter().collect() }
    }

    /// One without arguments.
    pub fn plain(method: &'static str) -> Self {
        Self { method, arguments: Vec::new() }
    }

    /// Its argument, where that is a call and stands alone.
    fn inner_call(&self) -> Option<&Self> {
        match &self.arguments[..] {
            [Expr::Calls(calls)] if calls.len() == 1 => calls.first(),
            _ => None,
        }
    }

    fn is_short(&self) -> bool {
        one_line(&self.arguments).is_some_and(|arguments| width(&arguments) <= WIDEST_ARGUMENTS)
    }

    fn on_one_line(&self, dot: &str) -> Option<String> {
        let arguments = one_line(&self.arguments)?;
        // One alone may be as wide as the line, unless it is a call.
        let is_free = self.arguments.len() == 1 && self.inner_call().is_none();
        (is_free || width(&arguments) <= WIDEST_ARGUMENTS)
            .then(|| format!("{dot}{}({arguments})", self.method))
    }

    /// As it stands behind `used` characters of a line, on lines that begin `indent` from the left; `behind` more
    /// stand behind it.
    fn written(&self, dot: &str, indent: usize, used: usize, behind: usize) -> String {
        let head = format!("{dot}{}", self.method);
        if let Some(line) = self.on_one_line(dot)
            && used + width(&line) + behind <= WIDEST
        {
            return line;
        }
        if let Some(inner) = self.inner_call() {
            return format!("{head}({})", inner.on_lines("", indent));
        }
        if let Some((last, before)) = self.arguments.split_last()
            && let Some(before) = one_line(before)
        {
            let before = if before.is_empty() { before } else { format!("{before}, ") };
            let fits = |opens: &str| {
                let first = width(&before) + opens.len();
                first <= WIDEST_ARGUMENTS && used + head.len() + 1 + first <= WIDEST
            };
            if let Expr::Says(parameter, _) | Expr::Block(parameter, _) = last {
                let opens = format!("|{parameter}| {{");
                if fits(&opens) {
                    return format!("{head}({before}{})", last.closure_in_braces(indent));
                }
            }
            if matches!(last, Expr::List(_)) && before.is_empty() && self.arguments.len() == 1 {
                return format!("{head}({})", last.written(indent, used + head.len() + 1));
            }
        }
        self.on_lines(dot, indent)
    }

    /// Each argument on its own.
    fn on_lines(&self, dot: &str, indent: usize) -> String {
        let inside = indent + TAB;
        let lines = self.arguments.iter().map(|argument| argument.written(inside, inside));
        let lines: String = lines.map(|line| format!("{}{line},\n", " ".repeat(inside))).collect();
        format!("{dot}{}(\n{lines}{})", self.method, " ".repeat(indent))
    }
}

impl Expr {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn texts<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::Text(text.into())).collect())
    }

    fn one_line(&self) -> Option<String> {
        match self {
            Self::Text(text) => text::literal(text),
            Self::Code(code) => Some(code.clone()),
            Self::List(list) => {
                let inside = one_line(list)?;
                // One alone may be as wide as the line, unless it is a call of much.
                let is_free = match &list[..] {
                    [Self::Text(_)] => true,
                    [Self::Calls(calls)] => calls.len() > 1 && calls.iter().all(Call::is_short),
                    _ => false,
                };
                (is_free || width(&inside) <= WIDEST_ARRAY).then(|| format!("[{inside}]"))
            }
            Self::Calls(calls) => chain_on_one_line("", calls),
            Self::Says(parameter, calls) => {
                Some(format!("|{parameter}| {}", chain_on_one_line(parameter, calls)?))
            }
            Self::Block(..) => None,
        }
    }

    fn written(&self, indent: usize, used: usize) -> String {
        if let Some(line) = self.one_line()
            && used + width(&line) < WIDEST
        {
            return line;
        }
        match self {
            Self::Text(text) => text::block(text, indent),
            Self::Code(code) => code.clone(),
            Self::List(list) => list_of_lines(list, indent),
            Self::Calls(calls) => chain("", calls, indent, 1),
            Self::Says(..) | Self::Block(..) => self.closure_in_braces(indent),
        }
    }

    fn closure_in_braces(&self, indent: usize) -> String {
        let (inside, outside) = (indent + TAB, " ".repeat(indent));
        match self {
            Self::Says(parameter, calls) => format!(
                "|{parameter}| {{\n{}{}\n{outside}}}",
                " ".repeat(inside),
                chain(parameter, calls, inside, 0)
            ),
            Self::Block(parameter, statements) => {
                let lines = statements.iter().map(|calls| statement(inside, parameter, calls));
                format!("|{parameter}| {{\n{}{outside}}}", lines.collect::<String>())
            }
            other => other.one_line().unwrap_or_default(),
        }
    }
}

fn one_line(list: &[Expr]) -> Option<String> {
    let list: Option<Vec<String>> = list.iter().map(Expr::one_line).collect();
    list.map(|list| list.join(", "))
}

/// An array that is too long for a line: each element on its own, or as many as fit where all are short.
fn list_of_lines(list: &[Expr], indent: usize) -> String {
    let (inside, outside) = (" ".repeat(indent + TAB), " ".repeat(indent));
    if let [Expr::Calls(calls)] = list {
        // A call alone within brackets has no more room than its arguments would have.
        if let [call] = &calls[..] {
            return format!("[{}]", call.on_lines("", indent));
        }
        let joined = chain("", calls, indent, 2);
        if joined.lines().next().is_some_and(|first| width(first) <= WIDEST_ARRAY) {
            return format!("[{joined}]");
        }
    }
    let elements: Vec<String> =
        list.iter().map(|element| element.written(indent + TAB, indent + TAB)).collect();
    let are_short = elements.iter().all(|element| width(element) <= SHORT_ELEMENT && !element.contains('\n'));
    if !are_short {
        let lines: String = elements.iter().map(|element| format!("{inside}{element},\n")).collect();
        return format!("[\n{lines}{outside}]");
    }
    let mut lines = vec![inside.clone()];
    for element in elements {
        let last = lines.len() - 1;
        let is_first = lines[last].len() == inside.len();
        if !is_first && width(&lines[last]) + 1 + width(&element) + 1 > WIDEST {
            lines.push(inside.clone());
        }
        let last = lines.len() - 1;
        if lines[last].len() > inside.len() {
            lines[last].push(' ');
        }
        lines[last].push_str(&element);
        lines[last].push(',');
    }
    format!("[\n{}\n{outside}]", lines.join("\n"))
}

fn chain_on_one_line(receiver: &str, calls: &[Call]) -> Option<String> {
    let mut line = receiver.to_owned();
    for call in calls {
        let dot = if line.is_empty() { "" } else { "." };
        line.push_str(&call.on_one_line(dot)?);
    }
    (children(receiver, calls) <= 1 || width(&line) <= WIDEST_CHAIN).then_some(line)
}

/// How many calls are methods: the first one is a function where nothing stands before it.
fn children(receiver: &str, calls: &[Call]) -> usize {
    if receiver.is_empty() { calls.len().saturating_sub(1) } else { calls.len() }
}

/// A statement: a receiver, and what is called on it.
pub fn statement(indent: usize, receiver: &str, calls: &[Call]) -> String {
    format!("{}{};\n", " ".repeat(indent), chain(receiver, calls, indent, 1))
}

/// As it stands at the beginning of a line, `indent` from the left; `behind` more characters stand behind it.
fn chain(receiver: &str, calls: &[Call], indent: usize, behind: usize) -> String {
    if let Some(line) = chain_on_one_line(receiver, calls)
        && indent + width(&line) + behind <= WIDEST
    {
        return line;
    }
    let is_alone = children(receiver, calls) == 1;
    // Of a statement only the last line ends with it; between commas every line has room for one.
    let between = if receiver.is_empty() { behind } else { 0 };
    // What is shorter than an indentation keeps the call behind it.
    let (mut root, mut calls) = (receiver.to_owned(), calls);
    while root.len() <= TAB
        && let [first, others @ ..] = calls
    {
        let dot = if root.is_empty() { "" } else { "." };
        let more = if others.is_empty() { behind } else { between };
        let call = first.written(dot, indent, indent + root.len(), more);
        root.push_str(&call);
        calls = others;
    }
    let Some((last, before)) = calls.split_last() else { return root };
    // Below what ends with a parenthesis on a line of its own nothing is indented.
    let ends_block = root.contains('\n') && root.lines().last().is_some_and(closes);
    let below = if ends_block { indent } else { indent + TAB };
    let mut lines = vec![root];
    lines.extend(before.iter().map(|call| call.written(".", below, below, between)));
    if lines.iter().all(|line| !line.contains('\n')) {
        let so_far: usize = lines.iter().map(|line| width(line)).sum();
        let room = if is_alone { WIDEST - indent } else { WIDEST_CHAIN };
        let joined = last.written(".", indent, indent + so_far, behind);
        let first = joined.lines().next().map_or(0, width);
        if joined.contains('\n') && so_far + first <= room {
            let below = last.written(".", below, below, behind).lines().count();
            if joined.lines().count() >= 5 || below >= joined.lines().count() {
                return format!("{}{joined}", lines.concat());
            }
        }
    }
    lines.push(last.written(".", below, below, behind));
    lines.join(&format!("\n{}", " ".repeat(below)))
}

fn closes(line: &str) -> bool {
    line.trim().chars().all(|c| matches!(c, ')' | '}' | ']'))
}

/// How much room it takes on a line.
pub fn width(text: &str) -> usize {
    text.chars().count()
}
