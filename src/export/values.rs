//! A statement with its values in the text. Diesel shows them behind it as Rust would: `-- binds: [1, "a"]`.

use crate::ledger::quote;
use crate::recorder::without_binds;
use crate::store::Database;

/// The statement as one could type it; or the value that cannot be written.
pub fn written(recorded: &str, database: Database) -> Result<String, String> {
    let statement = without_binds(recorded);
    let shown = recorded[statement.len()..].trim();
    let Some(inside) = shown.strip_prefix("-- binds: [").and_then(|rest| rest.strip_suffix(']')) else {
        return Ok(statement.to_owned());
    };
    let values = values(inside)?;
    if values.is_empty() {
        return Ok(statement.to_owned());
    }
    let dialect = database.dialect();
    let mut text = String::with_capacity(recorded.len());
    let mut next = 0;
    let mut skipped = 0;
    for lexeme in crate::sql::lex(statement, dialect) {
        if lexeme.at < skipped {
            continue;
        }
        let index = match lexeme.text {
            "?" => {
                next += 1;
                Some(next - 1)
            }
            word => word
                .strip_prefix('$')
                .and_then(|number| number.parse::<usize>().ok())
                .and_then(|n| n.checked_sub(1)),
        };
        match index {
            Some(index) => text.push_str(values.get(index).ok_or_else(|| lexeme.text.to_owned())?),
            None => text.push_str(lexeme.text),
        }
        skipped = lexeme.end();
    }
    Ok(text)
}

/// The values as SQL.
fn values(inside: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut rest = inside.trim();
    while !rest.is_empty() {
        let (value, behind) = value(rest)?;
        found.push(value);
        rest = behind.trim_start().strip_prefix(',').unwrap_or(behind).trim_start();
    }
    Ok(found)
}

fn value(text: &str) -> Result<(String, &str), String> {
    if let Some(inside) = text.strip_prefix("Some(") {
        let (value, behind) = value(inside)?;
        return behind.strip_prefix(')').map(|behind| (value, behind)).ok_or_else(|| text.to_owned());
    }
    if text.starts_with('"') {
        return string(text);
    }
    let end = text.find([',', ')']).unwrap_or(text.len());
    let (word, behind) = text.split_at(end);
    let is_number = word.parse::<f64>().is_ok_and(f64::is_finite);
    match word.trim() {
        "None" => Ok(("NULL".to_owned(), behind)),
        "true" => Ok(("TRUE".to_owned(), behind)),
        "false" => Ok(("FALSE".to_owned(), behind)),
        number if is_number => Ok((number.to_owned(), behind)),
        _ => Err(text.to_owned()),
    }
}

/// A text as Rust shows it.
fn string(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((quote(&value), &text[at + 1..])),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, 't')) => value.push('\t'),
                Some((_, same @ ('\\' | '"' | '\''))) => value.push(same),
                _ => return Err(text.to_owned()),
            },
            other => value.push(other),
        }
    }
    Err(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_where_they_are_meant() {
        for (recorded, expected) in [
            ("SELECT 1", "SELECT 1"),
            ("SELECT 1 -- binds: []", "SELECT 1"),
            (
                "INSERT INTO t VALUES (?, '?', ?) -- binds: [1, \"it's, \\\"so\\\"\\n\"]",
                "INSERT INTO t VALUES (1, '?', 'it''s, \"so\"\n')",
            ),
            ("UPDATE t SET a = ? -- binds: [None]", "UPDATE t SET a = NULL"),
            ("UPDATE t SET a = ? -- binds: [Some(-2.5)]", "UPDATE t SET a = -2.5"),
            ("UPDATE t SET a = ? -- binds: [true]", "UPDATE t SET a = TRUE"),
        ] {
            assert_eq!(written(recorded, Database::Sqlite).as_deref(), Ok(expected), "{recorded}");
        }
        let recorded = "UPDATE t SET a = $2, b = $1, c = '$1' -- binds: [1, \"x\"]";
        assert_eq!(
            written(recorded, Database::Postgres).as_deref(),
            Ok("UPDATE t SET a = 'x', b = 1, c = '$1'")
        );
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        for recorded in [
            "SELECT ? -- binds: [2024-01-01T00:00:00]",
            "SELECT ? -- binds: [[1, 2]]",
            "SELECT ? -- binds: [\"\\u{1}\"]",
            "SELECT ?, ? -- binds: [1]",
        ] {
            assert!(written(recorded, Database::Sqlite).is_err(), "{recorded}");
        }
    }
}
