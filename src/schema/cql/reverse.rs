//! How each change is undone.

use super::Op;
use super::parts::OptionTo;
use super::types::CqlType;
use crate::schema::recorded::{Was, WayBack};

impl Op {
    /// What undoes it, in order.
    pub fn reverse(&self) -> WayBack<Self> {
        let one = |op| WayBack::By(vec![op]);
        match self {
            Self::CreateKeyspace(keyspace) => {
                one(Self::DropKeyspace { name: keyspace.name.clone(), was: Was::Known(keyspace.clone()) })
            }
            Self::DropKeyspace { name: _, was } => was.way_back(
                "say what it was: `.was(|k| k.simple(1))`, or `.irreversible(\"because\")`",
                |keyspace| vec![Self::CreateKeyspace(keyspace.clone())],
            ),
            Self::CreateTable(table) => {
                one(Self::DropTable { name: table.name.clone(), was: Was::Known(table.clone()) })
            }
            Self::DropTable { name, was } => was.way_back(
                &format!(
                    "say what it was: `.was(|t| …)`, or `.irreversible(\"because\")`; without it nobody can make {name} again"
                ),
                |table| vec![Self::CreateTable(table.clone())],
            ),
            Self::AlterTable { table, options } => {
                let back = |option: &OptionTo| OptionTo {
                    name: option.name.clone(),
                    from: option.to.clone(),
                    to: option.from.clone(),
                };
                one(Self::AlterTable { table: table.clone(), options: options.iter().map(back).collect() })
            }
            Self::AddColumn { table, column, back } => match (&column.kind, back) {
                // Nor is it dropped by Cassandra.
                (CqlType::Udt(_), Was::Known(())) => WayBack::Unsaid(format!(
                    "a column of a type that is not frozen cannot be dropped again: write `c.udt(\"{}\", …)`, which is frozen, or \
                     say `.irreversible(\"because\")`",
                    column.name
                )),
                _ => back.way_back("say `.irreversible(\"because\")`", |()| {
                    let (table, name, was) =
                        (table.clone(), column.name.clone(), Was::Known(column.clone()));
                    vec![Self::DropColumn { table, name, was }]
                }),
            },
            Self::DropColumn { table, name: _, was } => was.way_back(
                "say what it was: `.was(|c| c.text())`, or `.irreversible(\"because\")`; what is in it is gone either way",
                |column| {
                    let (table, column) = (table.clone(), column.clone());
                    vec![Self::AddColumn { table, column, back: Was::Known(()) }]
                },
            ),
            Self::RenameColumn { table, from, to } => {
                one(Self::RenameColumn { table: table.clone(), from: to.clone(), to: from.clone() })
            }
            Self::CreateType(kind) => {
                one(Self::DropType { name: kind.name.clone(), was: Was::Known(kind.clone()) })
            }
            Self::DropType { name: _, was } => was
                .way_back("say what it was: `.was(|t| …)`, or `.irreversible(\"because\")`", |kind| {
                    vec![Self::CreateType(kind.clone())]
                }),
            Self::AddTypeField { name: _, field: _, back } => back.way_back(
                "say `.irreversible(\"because\")`: in CQL a field cannot be taken away from a type",
                |never| match *never {},
            ),
            Self::RenameTypeField { name, from, to } => {
                one(Self::RenameTypeField { name: name.clone(), from: to.clone(), to: from.clone() })
            }
            Self::CreateIndex(index) => {
                one(Self::DropIndex { name: index.full_name(), was: Was::Known(index.clone()) })
            }
            Self::DropIndex { name: _, was } => was.way_back(
                "say what it was: `.was(\"table\", \"column\")`, or `.irreversible(\"because\")`",
                |index| vec![Self::CreateIndex(index.clone())],
            ),
            Self::CreateMaterializedView(view) => {
                one(Self::DropMaterializedView { name: view.name.clone(), was: Was::Known(view.clone()) })
            }
            Self::DropMaterializedView { name: _, was } => was.way_back(
                "say what it was: `.was(|v| v.from(\"table\")…)`, or `.irreversible(\"because\")`",
                |view| vec![Self::CreateMaterializedView(view.clone())],
            ),
            Self::Raw { up, down } => down.way_back(
                "say what undoes it: `.reverse(\"…\")`, `.nothing_to_reverse()`, or `.irreversible(\"because\")`",
                |down| {
                    let back = |statement: &String| Self::Raw {
                        up: statement.clone(),
                        down: Was::Known(vec![up.clone()]),
                    };
                    down.iter().map(back).collect()
                },
            ),
        }
    }
}
