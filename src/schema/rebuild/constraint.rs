//! A constraint in SQLite's CREATE TABLE, of a column or of the table.

use super::cursor::Cursor;
use super::quoted;
use super::table_text::Span;
use crate::schema::model::index_text::split;
use crate::schema::model::words::{Kind, Word};
use crate::schema::model::{ReferentialAction, tidy};

/// A constraint, with its place.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Its name.
    pub name: Option<String>,
    /// From its first word, which may be `CONSTRAINT`, to its last.
    pub at: Span,
    /// What it says.
    pub rule: Rule,
    /// `ON CONFLICT …`.
    pub conflict: Option<String>,
}

/// What a constraint says. Expressions are places in the text, without their parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `list` is what stands in its parentheses; empty behind a column, where `descending` may stand.
    PrimaryKey {
        columns: Vec<String>,
        list: Span,
        descending: bool,
        autoincrement: bool,
    },
    Unique {
        columns: Vec<String>,
        list: Span,
    },
    NotNull,
    Null,
    Check(Span),
    Default(Span),
    /// The name of a collation.
    Collate(String),
    Generated {
        expression: Span,
        stored: bool,
    },
    ForeignKey(Box<Reference>),
    /// `DEFERRABLE …` of the foreign key before it, with something in between; whether it is deferred.
    Deferrable(bool),
    /// `CONSTRAINT name` with nothing behind it, which SQLite allows.
    Nothing,
}

/// What a foreign key says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    pub columns: Vec<String>,
    pub table: String,
    /// Empty where it is the primary key.
    pub to_columns: Vec<String>,
    pub on_delete: ReferentialAction,
    pub on_update: ReferentialAction,
    /// `DEFERRABLE INITIALLY DEFERRED`: all else is checked at once.
    pub deferred: bool,
}

impl Rule {
    pub const fn is_primary_key(&self) -> bool {
        matches!(self, Self::PrimaryKey { .. })
    }
}

/// The next constraint; of the column, or of the table.
pub fn constraint(cursor: &mut Cursor<'_, '_>, column: Option<&str>) -> Result<Constraint, String> {
    let begin = cursor.peek().map_or(0, |word| word.at);
    let name = if cursor.takes(&["CONSTRAINT"]) { cursor.any()?.name() } else { None };
    let dangles = cursor.peek().is_none_or(|word| word.is("CONSTRAINT"));
    let rule = if name.is_some() && dangles { Rule::Nothing } else { rule(cursor, column)? };
    let conflict =
        if cursor.takes(&["ON", "CONFLICT"]) { Some(cursor.any()?.text.to_ascii_uppercase()) } else { None };
    let mut rule = rule;
    if let Rule::PrimaryKey { autoincrement, .. } = &mut rule {
        *autoincrement |= cursor.takes(&["AUTOINCREMENT"]);
    }
    Ok(Constraint { name, at: begin..cursor.end(), rule, conflict })
}

fn rule(cursor: &mut Cursor<'_, '_>, column: Option<&str>) -> Result<Rule, String> {
    let word = cursor.any()?;
    let own = || column.map(str::to_owned).into_iter().collect::<Vec<_>>();
    if word.is("PRIMARY") {
        cursor.expect("KEY")?;
        if column.is_some() {
            let descending = cursor.takes(&["DESC"]);
            cursor.takes(&["ASC"]);
            return Ok(Rule::PrimaryKey { columns: own(), list: 0..0, descending, autoincrement: false });
        }
        let mut list = cursor.parentheses()?;
        let autoincrement = list.last().is_some_and(|word| word.is("AUTOINCREMENT"));
        if autoincrement {
            list = &list[..list.len() - 1];
        }
        return Ok(Rule::PrimaryKey {
            columns: names(list),
            list: span(list),
            descending: false,
            autoincrement,
        });
    }
    if word.is("UNIQUE") {
        let list = if column.is_some() { &[][..] } else { cursor.parentheses()? };
        let columns = if column.is_some() { own() } else { names(list) };
        return Ok(Rule::Unique { columns, list: span(list) });
    }
    if word.is("CHECK") {
        return Ok(Rule::Check(span(cursor.parentheses()?)));
    }
    if column.is_none() {
        if !word.is("FOREIGN") {
            return Err(format!("`{}` begins no constraint", word.text));
        }
        cursor.expect("KEY")?;
        let columns = names(cursor.parentheses()?);
        cursor.expect("REFERENCES")?;
        return reference(cursor, columns);
    }
    if word.is("NOT") && cursor.takes(&["NULL"]) {
        return Ok(Rule::NotNull);
    }
    if word.is("DEFERRABLE") {
        return Ok(Rule::Deferrable(initially(cursor)));
    }
    if word.is("NOT") && cursor.takes(&["DEFERRABLE"]) {
        initially(cursor);
        return Ok(Rule::Deferrable(false));
    }
    if word.is("NULL") {
        return Ok(Rule::Null);
    }
    if word.is("DEFAULT") {
        return default(cursor);
    }
    if word.is("COLLATE") {
        let name = cursor.any()?;
        return name.name().map(Rule::Collate).ok_or_else(|| format!("`{}` is no collation", name.text));
    }
    if word.is("REFERENCES") {
        return reference(cursor, own());
    }
    if word.is("AS") || (word.is("GENERATED") && cursor.takes(&["ALWAYS", "AS"])) {
        let expression = span(cursor.parentheses()?);
        let stored = cursor.takes(&["STORED"]);
        cursor.takes(&["VIRTUAL"]);
        return Ok(Rule::Generated { expression, stored });
    }
    Err(format!("`{}` is not understood", word.text))
}

fn names(words: &[Word<'_>]) -> Vec<String> {
    split(words).filter_map(|name| name.first().and_then(Word::name)).collect()
}

/// A literal, a word, or something in parentheses.
fn default(cursor: &mut Cursor<'_, '_>) -> Result<Rule, String> {
    let first = cursor.peek().ok_or("nothing stands behind DEFAULT")?;
    if first.is_mark('(') {
        cursor.parentheses()?;
    } else {
        cursor.next();
        if first.kind == Kind::Operator {
            cursor.any()?;
        }
    }
    Ok(Rule::Default(first.at..cursor.end()))
}

fn reference(cursor: &mut Cursor<'_, '_>, columns: Vec<String>) -> Result<Rule, String> {
    let table = cursor.any()?;
    let name = table.name().ok_or_else(|| format!("`{}` is no table", table.text))?;
    let mut found = Reference { columns, table: name, ..Reference::default() };
    if cursor.peek().is_some_and(|word| word.is_mark('(')) {
        found.to_columns = names(cursor.parentheses()?);
    }
    loop {
        if cursor.takes(&["MATCH"]) {
            // SQLite reads it, and does nothing with it.
            cursor.any()?;
        } else if cursor.takes(&["ON", "DELETE"]) {
            found.on_delete = action(cursor)?;
        } else if cursor.takes(&["ON", "UPDATE"]) {
            found.on_update = action(cursor)?;
        } else if cursor.takes(&["ON", "INSERT"]) {
            action(cursor)?;
        } else if cursor.takes(&["NOT", "DEFERRABLE"]) {
            initially(cursor);
        } else if cursor.takes(&["DEFERRABLE"]) {
            found.deferred = initially(cursor);
        } else {
            return Ok(Rule::ForeignKey(Box::new(found)));
        }
    }
}

fn initially(cursor: &mut Cursor<'_, '_>) -> bool {
    cursor.takes(&["INITIALLY", "DEFERRED"]) || {
        cursor.takes(&["INITIALLY", "IMMEDIATE"]);
        false
    }
}

fn action(cursor: &mut Cursor<'_, '_>) -> Result<ReferentialAction, String> {
    let known = [
        ReferentialAction::NoAction,
        ReferentialAction::Restrict,
        ReferentialAction::Cascade,
        ReferentialAction::SetNull,
        ReferentialAction::SetDefault,
    ];
    let taken = known.into_iter().find(|action| {
        let words: Vec<&str> = action.sql().split(' ').collect();
        cursor.takes(&words)
    });
    taken.ok_or_else(|| {
        format!("`{}` is nothing that a foreign key does", cursor.peek().map_or("", |word| word.text))
    })
}

/// The place of words; empty where there are none.
fn span(words: &[Word<'_>]) -> Span {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => first.at..last.end(),
        _ => 0..0,
    }
}

impl Constraint {
    /// A key or a check as a constraint of the table, without its name, in one line.
    pub fn definition(&self, sql: &str) -> Option<String> {
        let listed = |columns: &[String], list: &Span, order: &str| {
            if list.is_empty() {
                format!("{}{order}", quoted_list(columns))
            } else {
                tidy(&sql[list.clone()])
            }
        };
        let mut said = match &self.rule {
            Rule::PrimaryKey { columns, list, descending, .. } => {
                let order = if *descending { " DESC" } else { "" };
                format!("PRIMARY KEY ({})", listed(columns, list, order))
            }
            Rule::Unique { columns, list } => format!("UNIQUE ({})", listed(columns, list, "")),
            Rule::Check(at) => format!("CHECK ({})", tidy(&sql[at.clone()])),
            _ => return None,
        };
        if let Some(conflict) = &self.conflict {
            said.push_str(" ON CONFLICT ");
            said.push_str(conflict);
        }
        Some(said)
    }
}

/// Names in SQL, with commas.
pub fn quoted_list(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    quoted.join(", ")
}
