//! A change in such changes as the builder can say: what it says of a column alone becomes a constraint of the
//! table where it has a name of its own, several statements become one change each, and what only reverses make
//! becomes SQL.

use std::collections::HashSet;

use super::source::needs_name;
use crate::schema::NoCatalog;
use crate::schema::op::{Column, Constraint, ForeignKey, Index, Op, Table};
use crate::schema::recorded::Was;
use crate::schema::render;
use crate::store::Database;

/// Why what is dropped without a word cannot come back.
pub const UNSAID: &str = "nobody has said what it was";

/// The same change, in order. In steps an index can be built beside others.
pub fn sayable(op: &Op, in_steps: bool) -> Vec<Op> {
    match op.clone() {
        Op::CreateTable(table) => vec![Op::CreateTable(of_table(table))],
        Op::DropTable { name, was } => {
            let was = said(was, |table| of_table(Table { name: name.clone(), ..table }));
            vec![Op::DropTable { name, was }]
        }
        Op::AddColumn { table, column } => {
            let (column, others) = of_column(&table, column, &mut HashSet::new(), Within::Added);
            let mut ops = vec![Op::AddColumn { table: table.clone(), column }];
            let add = |constraint| Op::AddConstraint { table: table.clone(), constraint, not_valid: false };
            ops.extend(others.into_iter().map(add));
            ops
        }
        Op::DropColumn { table, name, was } => dropped_column(table, name, was),
        Op::ChangeType { table, column, from, to, using, back_using } => {
            let cast = |kind| {
                let kind =
                    render::sql_type(kind, Database::Postgres, false).unwrap_or_else(|_| "text".to_owned());
                format!("{}::{kind}", render::quoted(&column))
            };
            let (using, back_using) = match (using, back_using) {
                (None, None) => (None, None),
                (up, down) => (up.or_else(|| Some(cast(&to))), down.or_else(|| Some(cast(&from)))),
            };
            vec![Op::ChangeType { table, column, from, to, using, back_using }]
        }
        Op::SetNotNull { table, column, by_check } => {
            vec![Op::SetNotNull { table, column, by_check: by_check && in_steps }]
        }
        Op::DropNotNull { table, column, .. } => vec![Op::DropNotNull { table, column, by_check: false }],
        Op::CreateIndex(index) => {
            vec![Op::CreateIndex(Index { concurrently: index.concurrently && in_steps, ..index })]
        }
        Op::DropIndex { name, concurrently, was } => {
            let concurrently = concurrently && in_steps;
            let was = said(was, |index| Index { name: name.clone(), concurrently, ..index });
            vec![Op::DropIndex { name, concurrently, was }]
        }
        Op::AddConstraint { table, constraint, not_valid } => {
            let can_wait = matches!(constraint, Constraint::Check { .. } | Constraint::ForeignKey(_));
            let constraint = named(&table, constraint);
            vec![Op::AddConstraint { table, constraint, not_valid: not_valid && can_wait }]
        }
        Op::DropConstraint { table, name, was } => {
            let was = said(was, |mut constraint| {
                if let Constraint::PrimaryKey { name, .. } = &mut constraint {
                    *name = None;
                }
                constraint.was_called(&table, &name);
                constraint
            });
            vec![Op::DropConstraint { table, name, was }]
        }
        Op::ValidateConstraint { .. } | Op::RemoveEnumValue { .. } => as_sql(op, in_steps),
        Op::DropEnum { name, was } => vec![Op::DropEnum { name, was: said(was, |was| was) }],
        Op::AddEnumValue { name, value, after, was } => {
            vec![Op::AddEnumValue { name, value, after, was: said(was, |was| was) }]
        }
        Op::DropView { name, materialized, was } => {
            vec![Op::DropView { name, materialized, was: said(was, |was| was) }]
        }
        Op::Raw { up, down } => raw(up, down),
        other => vec![other],
    }
}

/// Where a column is said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Table,
    Added,
    Dropped,
}

impl Within {
    /// Whether a foreign key can be said there: behind an added column only `add_reference` says one.
    fn says(self, table: &str, column: &str, foreign: &Constraint) -> bool {
        let Constraint::ForeignKey(key) = foreign else { return true };
        let plain = ForeignKey::new([column], &key.to_table, key.to_columns.clone());
        let plain = Constraint::ForeignKey(plain);
        match self {
            Self::Table => true,
            Self::Added => named(table, plain) == *foreign,
            Self::Dropped => false,
        }
    }
}

fn said<T>(was: Was<T>, change: impl FnOnce(T) -> T) -> Was<T> {
    match was {
        Was::Known(was) => Was::Known(change(was)),
        Was::Unsaid => Was::Irreversible(UNSAID.to_owned()),
        irreversible => irreversible,
    }
}

/// The way back adds what is said of the column again, in the reverse order.
fn dropped_column(table: String, name: String, was: Was<Column>) -> Vec<Op> {
    let mut ops = Vec::new();
    let was = said(was, |was| {
        let was = Column { name: name.clone(), ..was };
        let (column, others) = of_column(&table, was, &mut HashSet::new(), Within::Dropped);
        ops.extend(others.into_iter().rev().map(|constraint| Op::DropConstraint {
            table: table.clone(),
            name: constraint.name_on(&table),
            was: Was::Known(constraint),
        }));
        column
    });
    ops.push(Op::DropColumn { table, name, was });
    ops
}

fn of_table(mut table: Table) -> Table {
    let mut taken = HashSet::new();
    let mut moved = Vec::new();
    let columns = std::mem::take(&mut table.columns);
    for column in columns {
        let (column, others) = of_column(&table.name, column, &mut taken, Within::Table);
        table.columns.push(column);
        moved.extend(others);
    }
    moved.append(&mut table.constraints);
    for mut constraint in moved {
        constraint.give_name(&table.name, None, &mut taken);
        table.constraints.push(constraint);
    }
    table
}

/// The column with what can be said of it, and the rest.
fn of_column(
    table: &str,
    mut column: Column,
    taken: &mut HashSet<String>,
    within: Within,
) -> (Column, Vec<Constraint>) {
    column.not_null |= column.identity.is_some();
    let own = std::slice::from_ref(&column.name);
    let (mut keys, mut kept, mut foreign, mut others) = (Vec::new(), Vec::new(), None, Vec::new());
    for mut constraint in std::mem::take(&mut column.constraints) {
        match &mut constraint {
            Constraint::PrimaryKey { name: None, columns } if columns == own && keys.is_empty() => {
                if column.not_null {
                    keys.push(constraint);
                } else {
                    others.push(constraint);
                }
            }
            Constraint::PrimaryKey { .. } => others.push(constraint),
            Constraint::ForeignKey(key)
                if key.columns == own && key.to_columns.len() == 1 && foreign.is_none() =>
            {
                foreign = Some(constraint);
            }
            Constraint::Unique { columns, .. } if columns != own => others.push(named(table, constraint)),
            Constraint::ForeignKey(_) => others.push(named(table, constraint)),
            Constraint::Unique { name, .. } | Constraint::Check { name, .. } => {
                let has_none = name.is_none();
                if has_none {
                    constraint.give_name(table, Some(&column.name), taken);
                    kept.push(constraint);
                } else if needs_name(table, Some(&column.name), &constraint, taken) {
                    others.push(constraint);
                } else {
                    taken.extend(constraint.name().map(ToOwned::to_owned));
                    kept.push(constraint);
                }
            }
        }
    }
    if let Some(constraint) = &mut foreign {
        constraint.give_name(table, Some(&column.name), taken);
    }
    let foreign = foreign.filter(|constraint| {
        let stays = within.says(table, &column.name, constraint);
        others.extend((!stays).then(|| constraint.clone()));
        stays
    });
    column.constraints = keys.into_iter().chain(kept).chain(foreign).collect();
    (column, others)
}

/// With the name that it would get.
fn named(table: &str, mut constraint: Constraint) -> Constraint {
    constraint.give_name(table, None, &mut HashSet::new());
    constraint
}

/// PostgreSQL's: no other database has it.
fn as_sql(op: &Op, in_steps: bool) -> Vec<Op> {
    if in_steps && matches!(op, Op::ValidateConstraint { .. }) {
        return vec![op.clone()];
    }
    let statements = |op: &Op| render::statements(op, Database::Postgres, &mut NoCatalog).unwrap_or_default();
    let down = match op.reverse() {
        crate::schema::recorded::WayBack::By(ops) => Was::Known(ops.iter().flat_map(statements).collect()),
        crate::schema::recorded::WayBack::Irreversible(because) => Was::Irreversible(because),
        crate::schema::recorded::WayBack::Unsaid(_) => Was::Irreversible(UNSAID.to_owned()),
    };
    raw(statements(op), down)
}

/// One statement in each. The way back goes through them from the last to the first.
fn raw(up: Vec<String>, down: Was<Vec<String>>) -> Vec<Op> {
    let count = up.len();
    let mut downs: Vec<Was<Vec<String>>> = vec![Was::Known(Vec::new()); count];
    match said(down, |down| down) {
        Was::Known(down) => {
            let mut down = down.into_iter();
            for place in downs.iter_mut().skip(1).rev() {
                *place = Was::Known(down.next().into_iter().collect());
            }
            let rest: Vec<String> = down.collect();
            if let Some(first) = downs.first_mut()
                && !rest.is_empty()
            {
                *first = Was::Known(vec![rest.join(";\n")]);
            }
        }
        irreversible => downs.iter_mut().take(1).for_each(|first| *first = irreversible.clone()),
    }
    up.into_iter().zip(downs).map(|(sql, down)| Op::Raw { up: vec![sql], down }).collect()
}
