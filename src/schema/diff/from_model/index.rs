//! Indexes, as far as a change can say them; the others by what made them.

use super::FromModel;
use crate::schema::model::index_text::{IndexKey, IndexText, closing, split};
use crate::schema::model::words::{Kind, Language, words};
use crate::schema::model::{self, Name, without_parentheses};
use crate::schema::op::{Index, IndexColumn, Op};
use crate::schema::recorded::Was;
use crate::schema::render::qualified;
use crate::store::Database;

impl FromModel<'_> {
    /// None where it has what no change can say: a collation, `NULLS FIRST`, `NULLS NOT DISTINCT`, `WITH (…)`.
    pub fn index(&self, table: &Name, index: &model::Index) -> Option<Index> {
        let IndexText { unique, method, keys, options, predicate } = &index.parts;
        Some(Index {
            name: index.name.clone(),
            table: table.to_string(),
            columns: keys.iter().map(key).collect::<Option<_>>()?,
            unique: *unique,
            only_where: predicate.as_deref().map(|sql| without_parentheses(sql).to_owned()),
            including: including(options)?,
            method: method.clone().filter(|method| method != "btree"),
            concurrently: false,
        })
    }

    /// None as well where SQLite, which keeps the text, would have another one: a change puts parentheses
    /// around an expression.
    fn exactly(&self, table: &Name, index: &model::Index) -> Option<Index> {
        let is_bare = |key: &IndexKey| key.column.is_none() && !key.text.starts_with('(');
        let differs = self.database == Database::Sqlite && index.parts.keys.iter().any(is_bare);
        self.index(table, index).filter(|_| !differs)
    }

    /// What makes it.
    pub fn create_index(&self, table: &Name, index: &model::Index) -> Op {
        match self.exactly(table, index) {
            Some(index) => Op::CreateIndex(index),
            None => {
                let (up, down) = raw(table, index);
                Op::Raw { up, down: Was::Known(down) }
            }
        }
    }

    /// What drops it, and knows what it was.
    pub fn drop_index(&self, table: &Name, index: &model::Index) -> Op {
        match self.exactly(table, index) {
            Some(was) => {
                Op::DropIndex { name: index.name.clone(), concurrently: false, was: Was::Known(was) }
            }
            None => {
                let (down, up) = raw(table, index);
                Op::Raw { up, down: Was::Known(down) }
            }
        }
    }
}

/// What makes it, and what drops it.
fn raw(table: &Name, index: &model::Index) -> (Vec<String>, Vec<String>) {
    let name = Name { schema: table.schema.clone(), name: index.name.clone() };
    (vec![index.definition.clone()], vec![format!("DROP INDEX {}", qualified(&name.to_string()))])
}

fn key(key: &IndexKey) -> Option<IndexColumn> {
    let details = words(&key.details, Language::Standard);
    let Some(column) = &key.column else {
        return expression(&key.text);
    };
    let (class, order) = match &details[..] {
        [] => (None, None),
        [order] if order.is_any(&["ASC", "DESC"]) => (None, Some(order)),
        [class] if class.kind == Kind::Word && !class.is_any(&["COLLATE", "NULLS"]) => (Some(class), None),
        [class, order] if class.kind == Kind::Word && order.is_any(&["ASC", "DESC"]) => {
            (Some(class), Some(order))
        }
        _ => return None,
    };
    if class.is_some_and(|class| class.is_any(&["COLLATE", "NULLS"])) {
        return None;
    }
    Some(IndexColumn {
        what: column.clone(),
        is_expression: false,
        descending: order.is_some_and(|order| order.is("DESC")),
        operator_class: class.and_then(|class| class.name()),
    })
}

/// `lower(title) DESC`.
fn expression(text: &str) -> Option<IndexColumn> {
    let found = words(text, Language::Standard);
    let (found, descending) = match &found[..] {
        [rest @ .., last] if last.is("DESC") => (rest, true),
        [rest @ .., last] if last.is("ASC") => (rest, false),
        all => (all, false),
    };
    // An operator class or a collation may stand behind a parenthesis.
    let open = found.iter().position(|word| word.is_mark('('))?;
    let ends = open + closing(&found[open..])? + 1 == found.len();
    let has_order = found.iter().any(|word| word.is_any(&["NULLS", "COLLATE"]));
    if !ends || open > 1 || has_order {
        return None;
    }
    let sql = &text[found.first()?.at..found.last()?.end()];
    Some(IndexColumn {
        what: without_parentheses(sql).to_owned(),
        is_expression: true,
        descending,
        operator_class: None,
    })
}

/// The columns of `INCLUDE (…)`; none where there is more.
fn including(options: &str) -> Option<Vec<String>> {
    let found = words(options, Language::Standard);
    let Some((first, rest)) = found.split_first() else { return Some(Vec::new()) };
    if !first.is("INCLUDE") || closing(rest)? + 1 != rest.len() {
        return None;
    }
    split(&rest[1..rest.len() - 1]).map(|column| column.first()?.name()).collect()
}
