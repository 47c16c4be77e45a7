//! Rust as rustfmt leaves it without a configuration, as far as a migration needs it.
//!
//! The widths are rustfmt's `chain_width` and `fn_call_width`:
//! <https://rust-lang.github.io/rustfmt/?version=v1.8.0#use_small_heuristics>.

const WIDEST_CHAIN: usize = 60;
const WIDEST_ARGUMENTS: usize = 60;
const TAB: usize = 4;

/// One call of a method, without its receiver.
pub struct Call {
    pub method: &'static str,
    pub arguments: Vec<String>,
}

impl Call {
    pub fn new<A: Into<String>>(method: &'static str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self { method, arguments: arguments.into_iter().map(Into::into).collect() }
    }

    fn on_one_line(&self) -> String {
        format!(".{}({})", self.method, self.arguments.join(", "))
    }

    fn broken(&self, indent: usize) -> String {
        let arguments = self.arguments.join(", ");
        if arguments.len() <= WIDEST_ARGUMENTS {
            return self.on_one_line();
        }
        let (outside, inside) = (" ".repeat(indent), " ".repeat(indent + TAB));
        // A closure that stands last keeps its place, where what is before it does.
        if let Some((head, body)) = self.closure()
            && head.len() <= WIDEST_ARGUMENTS
        {
            return format!(".{}({head}\n{inside}{body}\n{outside}}})", self.method);
        }
        let lines: Vec<String> =
            self.arguments.iter().map(|argument| format!("{inside}{argument},\n")).collect();
        format!(".{}(\n{}{outside})", self.method, lines.concat())
    }

    /// Where the last argument is `|c| body`: all up to the brace that it would get, and the body.
    fn closure(&self) -> Option<(String, &str)> {
        let (last, before) = self.arguments.split_last()?;
        let (parameter, body) = last.strip_prefix('|')?.split_once("| ")?;
        let before: String = before.iter().map(|argument| format!("{argument}, ")).collect();
        Some((format!("{before}|{parameter}| {{"), body))
    }
}

/// A statement: a receiver, and what is called on it, one behind the other.
pub fn statement(indent: usize, receiver: &str, calls: &[Call]) -> String {
    let outside = " ".repeat(indent);
    let [first, others @ ..] = calls else { return format!("{outside}{receiver};\n") };
    if others.is_empty() {
        return format!("{outside}{receiver}{};\n", first.broken(indent));
    }
    let line: String = calls.iter().map(Call::on_one_line).collect();
    if receiver.len() + line.len() <= WIDEST_CHAIN {
        return format!("{outside}{receiver}{line};\n");
    }
    let below = |call: &Call| format!("\n{}{}", " ".repeat(indent + TAB), call.broken(indent + TAB));
    // Below a receiver that is as short as the indentation there would be nothing.
    let first = if receiver.len() <= TAB { first.broken(indent) } else { below(first) };
    format!("{outside}{receiver}{first}{};\n", others.iter().map(below).collect::<String>())
}

/// A statement: a call of `function` with a text and a closure of several statements, each of which begins with
/// the closure's parameter.
pub fn block(indent: usize, function: &str, name: &str, parameter: &str, calls: &[Vec<Call>]) -> String {
    let (outside, name) = (" ".repeat(indent), text(name));
    let body = |indent| calls.iter().map(|calls| statement(indent, parameter, calls)).collect::<String>();
    let head = format!("{name}, |{parameter}| {{");
    if head.len() <= WIDEST_ARGUMENTS {
        return format!("{outside}{function}({head}\n{}{outside}}});\n", body(indent + TAB));
    }
    let inside = " ".repeat(indent + TAB);
    let body = body(indent + 2 * TAB);
    format!(
        "{outside}{function}(\n{inside}{name},\n{inside}|{parameter}| {{\n{body}{inside}}},\n{outside});\n"
    )
}

/// A text of Rust.
pub fn text(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_broken_as_rustfmt_breaks_it() {
        let x = |length| text(&"x".repeat(length));
        let add = |length| Call::new("add_column", [x(length), x(5), "|c| c.text()".to_owned()]);
        assert_eq!(
            statement(0, "schema", &[add(3)]),
            "schema.add_column(\"xxx\", \"xxxxx\", |c| c.text());\n"
        );
        assert_eq!(
            statement(4, "schema", &[add(40)]),
            format!("    schema.add_column({}, \"xxxxx\", |c| {{\n        c.text()\n    }});\n", x(40))
        );
        assert_eq!(
            statement(0, "schema", &[add(44)]),
            format!("schema.add_column(\n    {},\n    \"xxxxx\",\n    |c| c.text(),\n);\n", x(44))
        );
        let chain = [Call::new("drop_column", [x(20), x(20)]), Call::new("was", ["|c| c.text()"])];
        assert_eq!(
            statement(0, "schema", &chain),
            format!("schema\n    .drop_column({0}, {0})\n    .was(|c| c.text());\n", x(20))
        );
        let chain = [
            Call::new("timestamp_with_time_zone", ["\"created_at\""]),
            Call::new("not_null", [""; 0]),
            Call::new("default_now", [""; 0]),
        ];
        assert_eq!(
            statement(0, "t", &chain),
            "t.timestamp_with_time_zone(\"created_at\")\n    .not_null()\n    .default_now();\n"
        );
    }
}
