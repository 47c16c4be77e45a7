//! Foreign keys: whether what they refer to is there, and can be referred to.

use std::collections::BTreeSet;

use super::known::Known;
use crate::schema::op::{Constraint, ForeignKey, Op, Table};
use crate::schema::render::Unfit;

impl Known {
    /// `table` is the one that refers, as it will be.
    pub fn foreign_key(&self, table: &Table, key: &ForeignKey, later: &[&Op], say: &mut dyn FnMut(Unfit)) {
        let columns = key.columns.join(", ");
        if key.columns.len() != key.to_columns.len() || key.columns.is_empty() {
            say(Unfit::new(
                format!(
                    "the foreign key of {}.{columns} has {} columns and refers to {}",
                    table.name,
                    key.columns.len(),
                    key.to_columns.len()
                ),
                "name as many columns of the other table",
            ));
        }
        let to_itself = self.key(&table.name) == self.key(&key.to_table);
        // Of a table that was there before, the columns are not known.
        let own = Some(table).filter(|table| to_itself && !table.columns.is_empty());
        let Some(target) = own.or_else(|| self.made.get(&self.key(&key.to_table))) else {
            let comes =
                later.iter().any(|op| matches!(op, Op::CreateTable(made) if made.name == key.to_table));
            if comes {
                say(Unfit::new(
                    format!(
                        "{}.{columns} refers to {}, which is created behind it",
                        table.name, key.to_table
                    ),
                    format!(
                        "create {0} first; where each refers to the other, add this one at the end: \
                         `schema.add_foreign_key(\"{1}\", …, \"{0}\", …)`",
                        key.to_table, table.name
                    ),
                ));
            } else if self.is_there(&key.to_table) == Some(false) {
                let near = self.near(&key.to_table).map(|near| format!("did you mean {near}?"));
                say(Unfit::new(
                    format!(
                        "{}.{columns} refers to the table {}, which does not exist",
                        table.name, key.to_table
                    ),
                    near.unwrap_or_else(|| "create it in a migration before this one".to_owned()),
                ));
            }
            return;
        };
        for name in &key.to_columns {
            if !target.columns.iter().any(|column| self.key(&column.name) == self.key(name)) {
                say(Unfit::new(
                    format!(
                        "{}.{columns} refers to {}.{name}, which does not exist",
                        table.name, target.name
                    ),
                    "name its primary key, or a unique column",
                ));
                return;
            }
        }
        let is_key = |constraint: &Constraint| match constraint {
            Constraint::PrimaryKey { columns, .. } | Constraint::Unique { columns, .. } => {
                let these: BTreeSet<&String> = columns.iter().collect();
                these == key.to_columns.iter().collect()
            }
            _ => false,
        };
        if !target.all_constraints().any(is_key) {
            say(Unfit::new(
                format!(
                    "{}.{columns} refers to {}.{}, which is neither its primary key nor unique",
                    table.name,
                    target.name,
                    key.to_columns.join(", ")
                ),
                "make it unique, or refer to the primary key",
            ));
        }
    }
}
