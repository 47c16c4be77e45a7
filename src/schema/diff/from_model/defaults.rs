//! What a column has where no value is given, as a value where it is one.

use super::FromModel;
use crate::schema::model::words::{Kind, Language, Word, words};
use crate::schema::model::{Column, Name, type_name, without_parentheses};
use crate::schema::op::{DefaultValue, Type};
use crate::store::Database;

impl FromModel<'_> {
    /// The default that the database has written like this.
    pub fn default(&self, sql: &str, kind: &Type) -> DefaultValue {
        let sql = without_parentheses(sql);
        let found = words(sql, Language::Standard);
        value(without_cast(&found), kind, self.database)
            .unwrap_or_else(|| DefaultValue::Expression(sql.to_owned()))
    }

    /// `bigserial` and the like: where the default counts by a sequence that the column owns, under the name
    /// that such a type gives it.
    pub fn serial(&self, table: &Name, column: &Column, default: &str) -> Option<&'static str> {
        if self.database != Database::Postgres {
            return None;
        }
        let found = words(default, Language::Standard);
        let [call, open, text, ..] = &found[..] else { return None };
        if !call.is("nextval") || !open.is_mark('(') || text.kind != Kind::Text {
            return None;
        }
        let sequence = super::types::name_of(&text.name()?)?;
        let is_owned = !self.model.others.contains_key(&format!("sequence {sequence}"));
        if !is_owned || sequence.name != format!("{}_{}_seq", table.name, column.name) {
            return None;
        }
        match type_name(&column.sql_type).as_str() {
            "smallint" => Some("smallserial"),
            "integer" => Some("serial"),
            "bigint" => Some("bigserial"),
            _ => None,
        }
    }
}

/// Without the type that PostgreSQL writes behind a constant.
fn without_cast<'w, 't>(found: &'w [Word<'t>]) -> &'w [Word<'t>] {
    let Some(at) = found.iter().position(|word| word.text == "::") else { return found };
    let is_type = |word: &Word<'_>| {
        matches!(word.kind, Kind::Word | Kind::Quoted | Kind::Number)
            || (word.kind == Kind::Mark && word.text != ";")
    };
    match (&found[..at], found[at + 1..].iter().all(is_type)) {
        ([text], true) if text.kind == Kind::Text => &found[..at],
        _ => found,
    }
}

fn value(found: &[Word<'_>], kind: &Type, database: Database) -> Option<DefaultValue> {
    let is_number = matches!(kind, Type::SmallInteger | Type::Integer | Type::BigInteger);
    match found {
        [only] if only.kind == Kind::Text && only.text.starts_with('\'') => {
            let text = only.name()?;
            // PostgreSQL writes a negative number as a text.
            match text.parse() {
                Ok(number) if is_number && database != Database::Sqlite => {
                    Some(DefaultValue::Integer(number))
                }
                _ => Some(DefaultValue::Text(text)),
            }
        }
        [only] if only.is("true") => Some(DefaultValue::Boolean(true)),
        [only] if only.is("false") => Some(DefaultValue::Boolean(false)),
        [only] if only.is("CURRENT_TIMESTAMP") => {
            (!matches!(kind, Type::Date | Type::Time)).then_some(DefaultValue::Now)
        }
        [only] if only.is("CURRENT_DATE") => (*kind == Type::Date).then_some(DefaultValue::Now),
        [only] if only.is("CURRENT_TIME") => (*kind == Type::Time).then_some(DefaultValue::Now),
        [only] if only.kind == Kind::Number => number("", only.text),
        [sign, only] if only.kind == Kind::Number && matches!(sign.text, "-" | "+") => {
            number(sign.text, only.text)
        }
        // SQLite takes any other word for a text.
        [only] if database == Database::Sqlite && !only.is("NULL") && is_name(only) => {
            only.name().map(DefaultValue::Text)
        }
        _ => None,
    }
}

fn is_name(word: &Word<'_>) -> bool {
    matches!(word.kind, Kind::Word | Kind::Quoted)
}

/// None where it would be written otherwise.
fn number(sign: &str, digits: &str) -> Option<DefaultValue> {
    let sign = if sign == "-" { "-" } else { "" };
    let written = format!("{sign}{digits}");
    if let Ok(number) = written.parse::<i64>() {
        return Some(DefaultValue::Integer(number)).filter(|_| number.to_string() == written);
    }
    let number: f64 = written.parse().ok()?;
    (number.is_finite() && format!("{number:?}") == written).then_some(DefaultValue::Float(number))
}
