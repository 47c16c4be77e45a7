//! What is printed of a database: its tables, as they were read.

use std::collections::BTreeSet;
use std::fmt;

use super::config::PrintConfig;
use super::names;
use crate::ledger::{HISTORY, JOURNAL, LEASE, LEDGER};

/// The tables of one schema.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Theirs, where it is not the one that needs no mention.
    pub schema: Option<String>,
    /// In the order of their names.
    pub tables: Vec<Table>,
    /// Those of the schema, also between tables that are not printed.
    pub foreign_keys: Vec<ForeignKey>,
    /// The types that Diesel has for the database: any other is defined beside the tables.
    pub known_types: BTreeSet<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub comment: Option<String>,
    /// Its columns; at least one.
    pub primary_key: Vec<String>,
    /// In the order in which they are printed.
    pub columns: Vec<Column>,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub column_type: ColumnType,
    pub max_length: Option<i32>,
    pub comment: Option<String>,
}

/// A column's type. Shown as in `table!`.
#[derive(Clone, Debug)]
pub struct ColumnType {
    /// Its own, where it is not the default one.
    pub schema: Option<String>,
    pub sql_name: String,
    pub rust_name: String,
    pub is_array: bool,
    pub is_nullable: bool,
}

/// A foreign key. Several from one table to another are one with the columns of all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignKey {
    pub child: String,
    pub parent: String,
    pub columns: Vec<String>,
    pub to_columns: Vec<String>,
}

impl Tables {
    /// Of what can be printed, and will not work.
    pub fn warnings(&self) -> Vec<String> {
        let all =
            self.tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
        let strange = all.filter(|(_, column)| {
            let name = column.column_type.sql_name.to_lowercase();
            column.column_type.is_array && ["varchar", "citext"].contains(&name.as_str())
        });
        let warning = |(table, column): (&Table, &Column)| {
            let (table, column, of) = (&table.name, &column.name, &column.column_type.sql_name);
            format!(
                "the column {table}.{column} is a {of}[], which Diesel cannot read as text: text[] would do"
            )
        };
        strange.map(warning).collect()
    }
}

impl Table {
    pub fn rust_name(&self) -> String {
        names::of(&self.name)
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.is_array {
            // Whether an array has NULLs in it, no database says.
            true => format!("Array<Nullable<{}>>", self.rust_name),
            false => self.rust_name.clone(),
        };
        if self.is_nullable { write!(f, "Nullable<{name}>") } else { f.write_str(&name) }
    }
}

/// Whether a table is printed.
pub fn is_meant(name: &str, config: &PrintConfig, without_ledger: bool) -> bool {
    let is_ledgers = without_ledger && [LEDGER, HISTORY, JOURNAL, LEASE].contains(&name);
    config.filter.lets_pass(name) && !is_ledgers
}
