//! How each change is undone.

use super::{Constraint, Op};
use crate::schema::recorded::{Was, WayBack};

impl Op {
    /// What undoes it, in order.
    pub fn reverse(&self) -> WayBack<Self> {
        let one = |op| WayBack::By(vec![op]);
        match self {
            Self::CreateTable(table) => {
                one(Self::DropTable { name: table.name.clone(), was: Was::Known(table.clone()) })
            }
            Self::DropTable { name, was } => was.way_back(
                &format!("say what it was: `.was(|t| …)`, or `.irreversible(\"because\")`; without it nobody can make {name} again"),
                |table| vec![Self::CreateTable(table.clone())],
            ),
            Self::RenameTable { from, to } => one(Self::RenameTable { from: to.clone(), to: from.clone() }),
            Self::AddColumn { table, column } => one(Self::DropColumn {
                table: table.clone(),
                name: column.name.clone(),
                was: Was::Known(column.clone()),
            }),
            Self::DropColumn { table, name: _, was } => was.way_back(
                "say what it was: `.was(|c| c.text().not_null())`, or `.irreversible(\"because\")`",
                |column| vec![Self::AddColumn { table: table.clone(), column: column.clone() }],
            ),
            Self::RenameColumn { table, from, to } => {
                one(Self::RenameColumn { table: table.clone(), from: to.clone(), to: from.clone() })
            }
            Self::ChangeType { table, column, from, to, using, back_using } => one(Self::ChangeType {
                table: table.clone(),
                column: column.clone(),
                from: to.clone(),
                to: from.clone(),
                using: back_using.clone(),
                back_using: using.clone(),
            }),
            Self::SetNotNull { table, column, by_check } => {
                one(Self::DropNotNull { table: table.clone(), column: column.clone(), by_check: *by_check })
            }
            Self::DropNotNull { table, column, by_check } => {
                one(Self::SetNotNull { table: table.clone(), column: column.clone(), by_check: *by_check })
            }
            Self::ChangeDefault { table, column, from, to } => one(Self::ChangeDefault {
                table: table.clone(),
                column: column.clone(),
                from: to.clone(),
                to: from.clone(),
            }),
            Self::ChangeComment { table, column, from, to } => one(Self::ChangeComment {
                table: table.clone(),
                column: column.clone(),
                from: to.clone(),
                to: from.clone(),
            }),
            Self::CreateIndex(index) => one(Self::DropIndex {
                name: index.name.clone(),
                concurrently: index.concurrently,
                was: Was::Known(index.clone()),
            }),
            Self::DropIndex { name: _, concurrently: _, was } => was.way_back(
                "say what it was: `.was(\"table\", [\"column\"])`, or `.irreversible(\"because\")`",
                |index| vec![Self::CreateIndex(index.clone())],
            ),
            Self::RenameIndex { from, to } => one(Self::RenameIndex { from: to.clone(), to: from.clone() }),
            Self::AddConstraint { table, constraint, not_valid: _ } => one(Self::DropConstraint {
                table: table.clone(),
                name: constraint.name_on(table),
                was: Was::Known(constraint.clone()),
            }),
            Self::DropConstraint { table, name: _, was } => was.way_back(
                "say what it was: `.was_unique([…])`, `.was_check(\"…\")`, `.was_foreign_key(…)`, `.was_primary_key([…])`, \
                 or `.irreversible(\"because\")`",
                |constraint| {
                    let (table, constraint) = (table.clone(), constraint.clone());
                    vec![Self::AddConstraint { table, constraint, not_valid: false }]
                },
            ),
            // What holds for all rows may stay known.
            Self::ValidateConstraint { .. } => WayBack::By(Vec::new()),
            Self::CreateEnum { name, values } => {
                one(Self::DropEnum { name: name.clone(), was: Was::Known(values.clone()) })
            }
            Self::DropEnum { name, was } => was
                .way_back("say which values it had: `.was([…])`, or `.irreversible(\"because\")`", |values| {
                    vec![Self::CreateEnum { name: name.clone(), values: values.clone() }]
                }),
            Self::RenameEnum { from, to } => one(Self::RenameEnum { from: to.clone(), to: from.clone() }),
            Self::AddEnumValue { name, value, after: _, was } => was.way_back(
                "say which values there were: `.was([…])`; the way back makes the type anew without the value and fails where a \
                 row has it. Or `.irreversible(\"because\")`",
                |values| {
                    let (name, value, values) = (name.clone(), value.clone(), values.clone());
                    vec![Self::RemoveEnumValue { name, value, values }]
                },
            ),
            Self::RenameEnumValue { name, from, to } => {
                one(Self::RenameEnumValue { name: name.clone(), from: to.clone(), to: from.clone() })
            }
            Self::RemoveEnumValue { name, value, values } => one(Self::AddEnumValue {
                name: name.clone(),
                value: value.clone(),
                after: None,
                was: Was::Known(values.clone()),
            }),
            Self::CreateView { name, select, materialized } => one(Self::DropView {
                name: name.clone(),
                materialized: *materialized,
                was: Was::Known(select.clone()),
            }),
            Self::DropView { name, materialized, was } => was
                .way_back("say what it was: `.was(\"SELECT …\")`, or `.irreversible(\"because\")`", |select| {
                    let (name, select) = (name.clone(), select.clone());
                    vec![Self::CreateView { name, select, materialized: *materialized }]
                }),
            Self::ChangeView { name, from, to } => {
                one(Self::ChangeView { name: name.clone(), from: to.clone(), to: from.clone() })
            }
            Self::CreateExtension { name } => one(Self::DropExtension { name: name.clone() }),
            Self::DropExtension { name } => one(Self::CreateExtension { name: name.clone() }),
            Self::Raw { up, down } => down.way_back(
                "say what undoes it: `.reverse(\"…\")`, `.nothing_to_reverse()`, or `.irreversible(\"because\")`",
                |down| match down.is_empty() {
                    true => Vec::new(),
                    false => vec![Self::Raw { up: down.clone(), down: Was::Known(up.clone()) }],
                },
            ),
        }
    }
}

impl Constraint {
    /// Its name on a table: its own, or the one that PostgreSQL gives.
    pub fn name_on(&self, table: &str) -> String {
        let named = |name: &Option<String>, columns: &[String], suffix: &str| {
            name.clone().unwrap_or_else(|| match columns {
                [] => format!("{table}_{suffix}"),
                columns => format!("{table}_{}_{suffix}", columns.join("_")),
            })
        };
        match self {
            Self::PrimaryKey { name, .. } => named(name, &[], "pkey"),
            Self::Unique { name, columns } => named(name, columns, "key"),
            Self::Check { name, .. } => named(name, &[], "check"),
            Self::ForeignKey(key) => named(&key.name, &key.columns, "fkey"),
        }
    }
}
