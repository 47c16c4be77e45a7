//! Expressions compared, where PostgreSQL has read one of them and written it anew.

use crate::schema::model::one_line;
use crate::schema::model::words::{Kind, Language, Word, words};

/// An expression in a form that is the same before and after PostgreSQL has read it: without parentheses and
/// casts, and with its own words for `IN`, `LIKE`, `BETWEEN`, `!=` and `now()`. Two that differ only in what
/// stands in parentheses have the same one.
pub fn loose(expression: &str) -> String {
    let found = words(expression, Language::Standard);
    let mut said: Vec<String> = Vec::new();
    // How much was said before each word.
    let mut before: Vec<usize> = Vec::new();
    // What an AND stands for behind BETWEEN.
    let mut ends: Vec<Vec<String>> = Vec::new();
    let mut at = 0;
    while at < found.len() {
        let word = &found[at];
        let next = found.get(at + 1);
        let follows = |keyword: &str| next.is_some_and(|word| word.is(keyword));
        let start = said.len();
        let taken = if word.text == "::" {
            1 + cast(&found[at + 1..])
        } else if let Some(number) = number_in_text(&found[at..]) {
            said.push(number);
            1
        } else if word.is("BETWEEN") || (word.is("NOT") && follows("BETWEEN")) {
            let operand =
                said[operand(&found[..at]).and_then(|at| before.get(at)).map_or(start, |at| *at)..].to_vec();
            let (first, join, second) = if word.is("NOT") { ("<", "or", ">") } else { (">=", "and", "<=") };
            said.push(first.to_owned());
            let mut end = vec![join.to_owned()];
            end.extend(operand);
            end.push(second.to_owned());
            ends.push(end);
            if word.is("NOT") { 2 } else { 1 }
        } else if let Some(end) = ends.pop_if(|_| word.is("AND")) {
            said.extend(end);
            1
        } else if word.is("now") && next.is_some_and(|next| next.is_mark('(')) {
            said.push("current_timestamp".to_owned());
            1
        } else if word.is("ARRAY") || "()[];".contains(word.text) {
            1
        } else if let Some((with, taken)) = other_words(word, next) {
            said.extend(with.iter().map(|word| (*word).to_owned()));
            taken
        } else {
            said.push(match word.kind {
                Kind::Word => word.text.to_ascii_lowercase(),
                _ => one_line(word.text),
            });
            1
        };
        before.extend(std::iter::repeat_n(start, taken));
        at += taken;
    }
    said.join(" ")
}

/// What PostgreSQL writes for a word or two, and how many they are.
fn other_words(word: &Word<'_>, next: Option<&Word<'_>>) -> Option<(&'static [&'static str], usize)> {
    let follows = |keyword: &str| word.is("NOT") && next.is_some_and(|word| word.is(keyword));
    Some(match () {
        () if follows("IN") => (&["<>", "all"], 2),
        () if follows("LIKE") => (&["!~~"], 2),
        () if follows("ILIKE") => (&["!~~*"], 2),
        () if word.is("IN") => (&["=", "any"], 1),
        () if word.is("LIKE") => (&["~~"], 1),
        () if word.is("ILIKE") => (&["~~*"], 1),
        () if word.text == "!=" => (&["<>"], 1),
        () => return None,
    })
}

/// Where the last operand begins: a name, a call, or what stands in parentheses.
fn operand(found: &[Word<'_>]) -> Option<usize> {
    let last = found.len().checked_sub(1)?;
    if !found[last].is_mark(')') {
        return Some(last);
    }
    let mut depth = 0_usize;
    for at in (0..=last).rev() {
        if found[at].is_mark(')') {
            depth += 1;
        } else if found[at].is_mark('(') {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                let is_call = |at: &usize| matches!(found[*at].kind, Kind::Word | Kind::Quoted);
                return Some(at.checked_sub(1).filter(is_call).unwrap_or(at));
            }
        }
    }
    None
}

/// PostgreSQL writes a negative number as a text with a cast.
fn number_in_text(found: &[Word<'_>]) -> Option<String> {
    let [text, cast, kind, ..] = found else { return None };
    let numbers = ["smallint", "integer", "bigint", "numeric", "real", "double"];
    if text.kind != Kind::Text || cast.text != "::" || !kind.is_any(&numbers) {
        return None;
    }
    let digits = text.name()?;
    let number = digits.strip_prefix('-').unwrap_or(&digits);
    let is_number = number.starts_with(|c: char| c.is_ascii_digit());
    is_number.then(|| if number == digits { digits.clone() } else { format!("- {number}") })
}

/// How many words the type of a cast has.
fn cast(found: &[Word<'_>]) -> usize {
    /// What a type of several words goes on with.
    const MORE: [&str; 6] = ["varying", "precision", "without", "with", "time", "zone"];
    let mut at = usize::from(!found.is_empty());
    while let Some(word) = found.get(at) {
        let is_size = word.is_mark('(') || word.is_mark('[');
        if is_size {
            let close = if word.is_mark('(') { ')' } else { ']' };
            let Some(end) = found[at..].iter().position(|word| word.is_mark(close)) else { return at };
            at += end + 1;
        } else if word.is_any(&MORE) {
            at += 1;
        } else if word.is_mark('.') {
            at += 2;
        } else {
            return at.min(found.len());
        }
    }
    at.min(found.len())
}
