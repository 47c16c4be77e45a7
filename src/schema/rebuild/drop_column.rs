//! A column goes, with what is of it alone. What else uses it stands against that.

use super::alter::all;
use super::constraint::{Constraint, Rule};
use super::current::Current;
use super::patch::Patch;
use super::table_text::{Content, TableText};
use super::uses::{index_uses, may_use, uses};
use crate::schema::model::tidy;

/// Whose a constraint is.
#[derive(PartialEq, Eq)]
enum Whose {
    /// The column has nothing to do with it.
    Others,
    /// Of the column alone.
    Its,
    /// Of the column and of others.
    Shared,
}

pub fn drop_column(
    table: &TableText<'_>,
    current: &Current,
    patch: &mut Patch<'_>,
    name: &str,
) -> Result<(), String> {
    let Some((_, column)) = table.column(name) else {
        return Err(format!(
            "{} has no column {name}; `.schema {}` shows those that it has",
            table.name, table.name
        ));
    };
    let refused = |who: &str| {
        Err(format!("column {name} of {} cannot be dropped while {who} uses it; drop that first", table.name))
    };
    let others = || table.columns().filter(|(_, other)| other.name != column.name);
    if !others().any(|(_, other)| !other.is_generated()) {
        return Err(format!("column {name} of {} is its last one; drop the table", table.name));
    }
    if table.without_rowid && table.primary_key().iter().any(|key| key.eq_ignore_ascii_case(name)) {
        return Err(format!(
            "column {name} of {} is in its primary key, without which a table WITHOUT ROWID cannot be; make another table",
            table.name
        ));
    }
    if let Some(index) = current.indexes.iter().find(|index| index_uses(&index.sql, name)) {
        return refused(&format!("index {}", index.name));
    }
    let mut objects = current.triggers.iter().chain(&current.others);
    if let Some(object) = objects.find(|object| may_use(&object.sql, &table.name, name)) {
        return refused(&format!("{} {}", object.kind, object.name));
    }
    for (_, other) in others() {
        let computes = other.constraints.iter().any(|constraint| match &constraint.rule {
            Rule::Generated { expression, .. } => uses(&table.sql[expression.clone()], name),
            _ => false,
        });
        if computes {
            return refused(&format!("generated column {}", other.name));
        }
    }
    let key = table.primary_key();
    for referrer in &current.referrers {
        let columns = if referrer.columns.is_empty() { &key } else { &referrer.columns };
        let is_own = referrer.table.eq_ignore_ascii_case(&table.name);
        if !is_own && columns.iter().any(|column| column.eq_ignore_ascii_case(name)) {
            return refused(&format!("a foreign key of {}", referrer.table));
        }
    }
    let gone = gone(table, name, &refused)?;
    patch.cut_pieces(table, &gone.pieces);
    for constraint in gone.constraints {
        patch.cut_words(constraint.at.clone());
    }
    Ok(())
}

/// What goes.
struct Gone<'t> {
    pieces: Vec<usize>,
    /// In pieces that stay.
    constraints: Vec<&'t Constraint>,
}

fn gone<'t>(
    table: &'t TableText<'_>,
    name: &str,
    refused: &dyn Fn(&str) -> Result<(), String>,
) -> Result<Gone<'t>, String> {
    let mut its = Vec::new();
    let is_column = |at: usize| match &table.pieces[at].content {
        Content::Column(column) => column.name.eq_ignore_ascii_case(name),
        Content::Constraints(_) => false,
    };
    for (piece, constraint) in all(table) {
        match whose(table, constraint, name) {
            Whose::Others => {}
            Whose::Its => its.push((piece, constraint)),
            Whose::Shared => refused(&said(table, constraint))?,
        }
    }
    let mut gone = Gone { pieces: Vec::new(), constraints: Vec::new() };
    for (at, piece) in table.pieces.iter().enumerate() {
        let here: Vec<_> = its.iter().filter(|(piece, _)| *piece == at).map(|(_, it)| *it).collect();
        let is_whole = match &piece.content {
            Content::Column(_) => is_column(at),
            Content::Constraints(constraints) => constraints.len() == here.len(),
        };
        if is_whole {
            gone.pieces.push(at);
        } else {
            gone.constraints.extend(here);
        }
    }
    Ok(gone)
}

fn whose(table: &TableText<'_>, constraint: &Constraint, name: &str) -> Whose {
    let is_it = |column: &String| column.eq_ignore_ascii_case(name);
    let of = |columns: &[String]| match columns {
        [one] if is_it(one) => Whose::Its,
        _ if columns.iter().any(is_it) => Whose::Shared,
        _ => Whose::Others,
    };
    match &constraint.rule {
        Rule::PrimaryKey { columns, .. } | Rule::Unique { columns, .. } => of(columns),
        Rule::ForeignKey(key) => {
            let key_here = table.primary_key();
            let to = if key.to_columns.is_empty() { &key_here } else { &key.to_columns };
            let refers = key.table.eq_ignore_ascii_case(&table.name) && to.iter().any(is_it);
            match of(&key.columns) {
                Whose::Others if refers => Whose::Shared,
                whose => whose,
            }
        }
        Rule::Check(at) => {
            let expression = &table.sql[at.clone()];
            let uses_others =
                table.columns().any(|(_, other)| !is_it(&other.name) && uses(expression, &other.name));
            match (uses(expression, name), uses_others) {
                (false, _) => Whose::Others,
                (true, false) => Whose::Its,
                (true, true) => Whose::Shared,
            }
        }
        _ => Whose::Others,
    }
}

fn said(table: &TableText<'_>, constraint: &Constraint) -> String {
    let kind = match constraint.rule {
        Rule::PrimaryKey { .. } => "the primary key",
        Rule::Unique { .. } => "the unique constraint",
        Rule::ForeignKey(_) => "the foreign key",
        _ => "the check",
    };
    match &constraint.name {
        Some(name) => format!("{kind} {name}"),
        None => format!("{kind} `{}`", tidy(&table.sql[constraint.at.clone()])),
    }
}
