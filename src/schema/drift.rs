//! How one database differs from another of its kind, as the changes that make it the same: what was done by
//! hand, undone. Pure.

use std::collections::BTreeSet;

use super::diff::Needed;
use super::diff::from_model::FromModel;
use super::model::{Column, Model, Name, Table, View};
use super::op::{Constraint, Op};
use super::recorded::Was;
use crate::store::Database;

/// What brings a schema back, and what nobody can say as a change.
#[derive(Clone, Debug, Default)]
pub struct Back {
    pub needed: Vec<Needed>,
    /// In words.
    pub by_hand: Vec<String>,
}

/// The changes that make `is` what `wanted` is, in an order in which they can be made.
pub fn back(database: Database, is: &Model, wanted: &Model) -> Back {
    let mut steps = Steps {
        is: FromModel { database, model: is },
        wanted: FromModel { database, model: wanted },
        by_stage: Default::default(),
        by_hand: Vec::new(),
    };
    steps.enums();
    steps.tables();
    steps.views();
    steps.others();
    Back { needed: steps.by_stage.into_iter().flatten().collect(), by_hand: steps.by_hand }
}

/// When a change can be made: what others depend on goes last and comes first.
#[derive(Clone, Copy)]
enum Stage {
    DropViews,
    DropForeignKeys,
    DropIndexes,
    DropConstraints,
    DropColumns,
    DropTables,
    Types,
    CreateTables,
    Columns,
    Constraints,
    Indexes,
    ForeignKeys,
    Views,
}

const STAGES: usize = Stage::Views as usize + 1;

struct Steps<'a> {
    is: FromModel<'a>,
    wanted: FromModel<'a>,
    by_stage: [Vec<Needed>; STAGES],
    by_hand: Vec<String>,
}

/// Every name that either has.
fn all<'a, V: 'a, K: Ord + Clone + 'a>(
    one: &'a std::collections::BTreeMap<K, V>,
    other: &'a std::collections::BTreeMap<K, V>,
) -> BTreeSet<&'a K> {
    one.keys().chain(other.keys()).collect()
}

impl Steps<'_> {
    fn push(&mut self, stage: Stage, op: Op) {
        let loses = match &op {
            Op::DropTable { name, .. } => Some(format!("the table {name} is dropped with its rows")),
            Op::DropColumn { table, name, .. } => {
                Some(format!("the column {table}.{name} is dropped with its values"))
            }
            _ => None,
        };
        let is_addition = matches!(
            op,
            Op::CreateTable(_)
                | Op::AddColumn { .. }
                | Op::CreateIndex(_)
                | Op::AddConstraint { .. }
                | Op::CreateEnum { .. }
                | Op::CreateView { .. }
                | Op::CreateExtension { .. }
        );
        let needed = Needed { loses, ..Needed::new(op, None).addition(is_addition) };
        self.by_stage[stage as usize].push(needed);
    }

    fn enums(&mut self) {
        for name in self.wanted.model.extensions.difference(&self.is.model.extensions) {
            self.push(Stage::Types, Op::CreateExtension { name: name.clone() });
        }
        for name in self.is.model.extensions.difference(&self.wanted.model.extensions) {
            self.by_hand.push(format!("the extension {name}"));
        }
        for name in all(&self.is.model.enums, &self.wanted.model.enums) {
            match (self.is.model.enums.get(name), self.wanted.model.enums.get(name)) {
                (Some(was), None) => {
                    let was = Was::Known(was.clone());
                    self.push(Stage::DropTables, Op::DropEnum { name: name.to_string(), was });
                }
                (None, Some(values)) => {
                    let values = values.clone();
                    self.push(Stage::Types, Op::CreateEnum { name: name.to_string(), values });
                }
                (Some(was), Some(wanted)) if was != wanted => self.values(name, was, wanted),
                _ => {}
            }
        }
    }

    /// A value can be added; taking one away rewrites every table that has the type.
    fn values(&mut self, name: &Name, was: &[String], wanted: &[String]) {
        if !was.iter().all(|value| wanted.contains(value)) {
            self.by_hand.push(format!("the values of the enum {name}"));
            return;
        }
        let mut there = was.to_vec();
        for (index, value) in wanted.iter().enumerate().filter(|(_, value)| !was.contains(value)) {
            let after = index.checked_sub(1).map(|before| wanted[before].clone());
            let op = Op::AddEnumValue {
                name: name.to_string(),
                value: value.clone(),
                after,
                was: Was::Known(there.clone()),
            };
            there.insert(index.min(there.len()), value.clone());
            self.push(Stage::Types, op);
        }
    }

    fn tables(&mut self) {
        for name in all(&self.is.model.tables, &self.wanted.model.tables) {
            match (self.is.model.tables.get(name), self.wanted.model.tables.get(name)) {
                (Some(is), None) => {
                    for index in &is.indexes {
                        let op = self.is.drop_index(name, index);
                        self.push(Stage::DropIndexes, op);
                    }
                    let was = Was::Known(self.is.table(name, is));
                    self.push(Stage::DropTables, Op::DropTable { name: name.to_string(), was });
                }
                (None, Some(wanted)) => {
                    let table = self.wanted.table(name, wanted);
                    self.push(Stage::CreateTables, Op::CreateTable(table));
                    for index in &wanted.indexes {
                        let op = self.wanted.create_index(name, index);
                        self.push(Stage::Indexes, op);
                    }
                    let unsaid = self.wanted.unsaid(name, wanted);
                    self.by_hand.extend(unsaid.into_iter().map(|one| format!("{} of {name}", one.what)));
                }
                (Some(is), Some(wanted)) => self.table(name, is, wanted),
                (None, None) => {}
            }
        }
    }

    fn table(&mut self, name: &Name, is: &Table, wanted: &Table) {
        for column in &is.columns {
            match find(wanted, &column.name) {
                None => {
                    let was = Was::Known(self.is.column(name, is, column));
                    let op = Op::DropColumn { table: name.to_string(), name: column.name.clone(), was };
                    self.push(Stage::DropColumns, op);
                }
                Some(other) if other != column => self.column(name, (is, column), (wanted, other)),
                Some(_) => {}
            }
        }
        for column in wanted.columns.iter().filter(|column| find(is, &column.name).is_none()) {
            let column = self.wanted.column(name, wanted, column);
            self.push(Stage::Columns, Op::AddColumn { table: name.to_string(), column });
        }
        self.constraints(name, is, wanted);
        for index in is.indexes.iter().filter(|index| !has(&wanted.indexes, index)) {
            let op = self.is.drop_index(name, index);
            self.push(Stage::DropIndexes, op);
        }
        for index in wanted.indexes.iter().filter(|index| !has(&is.indexes, index)) {
            let op = self.wanted.create_index(name, index);
            self.push(Stage::Indexes, op);
        }
        if is.comment != wanted.comment {
            let op = Op::ChangeComment {
                table: name.to_string(),
                column: None,
                from: is.comment.clone(),
                to: wanted.comment.clone(),
            };
            self.push(Stage::Columns, op);
        }
        let (was, is_wanted) = (self.is.unsaid(name, is), self.wanted.unsaid(name, wanted));
        for one in was
            .iter()
            .filter(|one| !is_wanted.contains(one))
            .chain(is_wanted.iter().filter(|one| !was.contains(one)))
        {
            self.by_hand.push(format!("{} of {name}", one.what));
        }
        if (is.strict, is.without_rowid) != (wanted.strict, wanted.without_rowid) {
            self.by_hand.push(format!("how the table {name} is kept (STRICT, WITHOUT ROWID)"));
        }
    }

    fn column(&mut self, name: &Name, is: (&Table, &Column), wanted: (&Table, &Column)) {
        let old = self.is.column(name, is.0, is.1);
        let new = self.wanted.column(name, wanted.0, wanted.1);
        let (table, column) = (name.to_string(), new.name.clone());
        if (&old.generated, &old.identity, &old.collation) != (&new.generated, &new.identity, &new.collation)
        {
            self.by_hand.push(format!("how {table}.{column} is computed, numbered or sorted"));
        }
        if old.kind != new.kind {
            let (from, to) = (old.kind.clone(), new.kind.clone());
            let (table, column) = (table.clone(), column.clone());
            let op = Op::ChangeType { table, column, from, to, using: None, back_using: None };
            self.push(Stage::Columns, op);
        }
        if old.default != new.default {
            let (from, to) = (old.default.clone(), new.default.clone());
            let (table, column) = (table.clone(), column.clone());
            self.push(Stage::Columns, Op::ChangeDefault { table, column, from, to });
        }
        if old.not_null != new.not_null {
            let (table, column) = (table.clone(), column.clone());
            let op = match new.not_null {
                true => Op::SetNotNull { table, column, by_check: false },
                false => Op::DropNotNull { table, column, by_check: false },
            };
            self.push(Stage::Columns, op);
        }
        if old.comment != new.comment {
            let (from, to) = (old.comment, new.comment);
            let op = Op::ChangeComment { table, column: Some(column), from, to };
            self.push(Stage::Columns, op);
        }
    }

    fn constraints(&mut self, name: &Name, is: &Table, wanted: &Table) {
        let old = self.is.constraints(name, is);
        let new = self.wanted.constraints(name, wanted);
        let stage = |constraint: &Constraint, drops: bool| match (constraint, drops) {
            (Constraint::ForeignKey(_), true) => Stage::DropForeignKeys,
            (Constraint::ForeignKey(_), false) => Stage::ForeignKeys,
            (_, true) => Stage::DropConstraints,
            (_, false) => Stage::Constraints,
        };
        for constraint in old.iter().filter(|constraint| !new.contains(constraint)) {
            let op = Op::DropConstraint {
                table: name.to_string(),
                name: constraint.name_on(&name.name),
                was: Was::Known(constraint.clone()),
            };
            self.push(stage(constraint, true), op);
        }
        for constraint in new.iter().filter(|constraint| !old.contains(constraint)) {
            let op = Op::AddConstraint {
                table: name.to_string(),
                constraint: constraint.clone(),
                not_valid: false,
            };
            self.push(stage(constraint, false), op);
        }
    }

    fn views(&mut self) {
        for name in all(&self.is.model.views, &self.wanted.model.views) {
            let (is, wanted) = (self.is.model.views.get(name), self.wanted.model.views.get(name));
            if is.map(shape) == wanted.map(shape) {
                continue;
            }
            if let Some(view) = is {
                let op = Op::DropView {
                    name: name.to_string(),
                    materialized: view.materialized,
                    was: Was::Known(view.definition.clone()),
                };
                self.push(Stage::DropViews, op);
            }
            if let Some(view) = wanted {
                let op = Op::CreateView {
                    name: name.to_string(),
                    select: view.definition.clone(),
                    materialized: view.materialized,
                };
                self.push(Stage::Views, op);
            }
        }
    }

    fn others(&mut self) {
        for name in all(&self.is.model.others, &self.wanted.model.others) {
            if self.is.model.others.get(name) != self.wanted.model.others.get(name) {
                self.by_hand.push(format!("the {name}"));
            }
        }
    }
}

fn find<'a>(table: &'a Table, column: &str) -> Option<&'a Column> {
    table.columns.iter().find(|other| other.name == column)
}

fn has(indexes: &[super::model::Index], index: &super::model::Index) -> bool {
    indexes.iter().any(|other| {
        (&other.name, &other.parts, &other.comment) == (&index.name, &index.parts, &index.comment)
    })
}

/// What a view is; what it reads may have got another number meanwhile.
fn shape(view: &View) -> (bool, String) {
    (view.materialized, super::model::one_line(&view.definition))
}

/// The same for a keyspace.
#[cfg(feature = "scylla")]
pub fn back_in_cql(is: &super::cql::Keyspace, wanted: &super::cql::Keyspace) -> Back {
    let found = super::cql::diff::diff(is, &wanted.clone().into(), &[]);
    Back { needed: found.needed, by_hand: found.problems.into_iter().map(|problem| problem.what).collect() }
}
