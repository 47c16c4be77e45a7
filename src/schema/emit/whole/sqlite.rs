//! SQLite: what a typed change makes is read again, and taken where it is the same.

use std::collections::BTreeSet;

use super::mention::{Known, table_id};
use super::order::{self, Changes, Piece, in_order};
use super::{made, raw};
use crate::schema::NoCatalog;
use crate::schema::diff::from_model::FromModel;
use crate::schema::emit::sayable;
use crate::schema::inspect::sqlite_table;
use crate::schema::model::index_text::IndexText;
use crate::schema::model::words::{Language, words};
use crate::schema::model::{Index, Model, Name, Table, tidy};
use crate::schema::op::Op;
use crate::schema::render;
use crate::store::Database;

pub fn whole(model: &Model) -> Vec<Op> {
    let known = Known::of(model);
    let mut pieces: Vec<Piece> = Vec::new();
    for (called, by) in &model.made_by {
        if called.starts_with("virtual table ") {
            pieces.push(piece(called.clone(), made(by)));
        }
    }
    for (name, table) in &model.tables {
        let refers = table.foreign_keys.iter().map(|key| table_id(&key.to)).collect();
        let (model, table_name, table) = (model.clone_one(name), name.clone(), table.clone());
        pieces.push(Piece {
            refers,
            changes: Changes::Table(Box::new(move |there| order::Table {
                now: of_table(&model, &table_name, &table, there),
                later: Vec::new(),
            })),
            ..piece(table_id(name), Vec::new())
        });
    }
    for (name, view) in &model.views {
        let mut needs = BTreeSet::new();
        known.mentioned(&view.definition, true, &mut needs);
        needs.remove(&format!("view {name}"));
        let is_query = words(&view.definition, Language::Sqlite)
            .first()
            .is_some_and(|word| word.is_any(&["SELECT", "WITH", "VALUES"]));
        let by = model.made_by.get(&format!("view {name}"));
        let ops = match by {
            Some(by) if !is_query || has_comments(&by.up.concat()) => made(by),
            _ => vec![Op::CreateView {
                name: name.to_string(),
                select: view.definition.clone(),
                materialized: false,
            }],
        };
        pieces.push(Piece { needs, ..piece(format!("view {name}"), ops) });
    }
    let mut ops = in_order(pieces);
    for (called, by) in &model.made_by {
        if called.starts_with("trigger ") {
            ops.extend(made(by));
        }
    }
    ops
}

fn piece(id: String, ops: Vec<Op>) -> Piece {
    Piece { id, needs: BTreeSet::new(), refers: BTreeSet::new(), changes: Changes::Ops(ops) }
}

impl Model {
    /// The same with what is known of one table alone.
    fn clone_one(&self, name: &Name) -> Self {
        let table = self.tables.get(name).cloned();
        let mut one = Self::default();
        let indexes =
            table.iter().flat_map(|table| &table.indexes).map(|index| format!("index {}", index.name));
        for called in indexes.chain([table_id(name)]) {
            one.made_by.extend(self.made_by.get(&called).map(|by| (called.clone(), by.clone())));
        }
        one.tables.extend(table.map(|table| (name.clone(), table)));
        one
    }
}

/// The table and its indexes.
fn of_table(model: &Model, name: &Name, table: &Table, there: &BTreeSet<String>) -> Vec<Op> {
    let from = FromModel { database: Database::Sqlite, model };
    let by = model.made_by.get(&table_id(name));
    let text = by.map(|by| by.up.concat()).unwrap_or_default();
    let typed = Op::CreateTable(from.table(name, table));
    // With the names that it would give to constraints without one.
    let typed = sayable(&typed, false).into_iter().next().unwrap_or(typed);
    // SQLite lets a table refer to one that comes later, or never.
    let is_known = table.foreign_keys.iter().all(|key| there.contains(&table_id(&key.to)));
    let is_same = is_known && !has_comments(&text) && same_table(name, table, &typed);
    let mut ops = match by {
        Some(by) if !is_same => made(by),
        _ => vec![typed],
    };
    for index in &table.indexes {
        ops.push(of_index(&from, name, index));
    }
    ops
}

fn of_index(from: &FromModel<'_>, table: &Name, index: &Index) -> Op {
    let by = from.model.made_by.get(&format!("index {}", index.name));
    let typed = from.index(table, index).map(Op::CreateIndex);
    let is_same = |op: &Op| {
        statement(op)
            .and_then(|sql| IndexText::read(&tidy(&sql), Language::Standard))
            .is_some_and(|parts| parts.one_line() == index.parts.one_line())
    };
    match (typed, by) {
        (Some(op), Some(by)) if is_same(&op) && !has_comments(&by.up.concat()) => op,
        (_, Some(by)) => raw(by.up.concat(), by.down.clone()),
        (_, None) => raw(&index.definition, format!("DROP INDEX {}", render::quoted(&index.name))),
    }
}

fn statement(op: &Op) -> Option<String> {
    render::statements(op, Database::Sqlite, &mut NoCatalog).ok().map(|sql| sql.concat())
}

/// Whether what a change makes is what there is, by its facts and by the order of the columns.
fn same_table(name: &Name, table: &Table, typed: &Op) -> bool {
    let Some(made) = statement(typed).and_then(|sql| sqlite_table::read(&sql).ok()) else { return false };
    let facts = |table: &Table| {
        let mut one = Model::default();
        one.tables.insert(name.clone(), Table { indexes: Vec::new(), ..table.clone() });
        // A foreign key without columns means the primary key.
        sqlite_table::resolve_keys(&mut one.tables);
        one.facts()
    };
    let names = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    names(&made) == names(table) && facts(&made) == facts(table)
}

/// Whether somebody has written something there that is no SQL.
fn has_comments(sql: &str) -> bool {
    let words = words(sql, Language::Sqlite);
    let mut end = 0;
    let mut between = words.iter().map(|word| (word.at, word.end())).chain([(sql.len(), sql.len())]);
    between.any(|(at, next)| {
        let is_said = !sql[end..at].trim().is_empty();
        end = next;
        is_said
    })
}
