//! Names that are looked for.

use std::collections::BTreeSet;

use super::reader::Named;
use crate::ledger::{HISTORY, JOURNAL, LEDGER};
use crate::schema::cql::CqlType;
use crate::schema::cql::inspect::is_kept_for;
use crate::schema::cql::text::{NATIVE, Wrong};

/// Whether a table is the ledger's, or the database's own: `DESCRIBE` gives them, too.
pub fn is_ours(table: &str, tables: &[String]) -> bool {
    [LEDGER, HISTORY, JOURNAL].contains(&table) || is_kept_for(table, tables)
}

/// That each of them is there once; `of` is what stands before its name: `column videos.`.
pub fn once<'a>(of: &str, names: impl Iterator<Item = &'a Named>) -> Result<(), Wrong> {
    let mut seen = BTreeSet::new();
    for named in names {
        if !seen.insert(&named.name) {
            let what = format!("{of}{} is there twice", named.name);
            return Err(Wrong::new(named.at, what, "rename or remove one of them"));
        }
    }
    Ok(())
}

/// That all types in one are there.
pub fn no_type(kind: &CqlType, known: &BTreeSet<String>, at: usize) -> Result<(), Wrong> {
    let Some(name) = kind.user_types().into_iter().find(|name| !known.contains(*name)) else {
        return Ok(());
    };
    let all = NATIVE.into_iter().chain(known.iter().map(String::as_str));
    let hint = match nearest(name, all) {
        Some(near) => format!("perhaps `{near}` is meant; a type of your own is declared by `CREATE TYPE`"),
        None => format!("declare it: `CREATE TYPE {} (…);`", crate::schema::cql::name::quoted(name)),
    };
    Err(Wrong::new(at, format!("there is no type {name}"), hint))
}

/// A column that a table has not.
pub fn missing_column<'a>(column: &Named, table: &str, columns: impl Iterator<Item = &'a str>) -> Wrong {
    let columns: Vec<&str> = columns.collect();
    Wrong::new(
        column.at,
        format!("there is no column {} in table {table}", column.name),
        format!("the table has {}", columns.join(", ")),
    )
}

fn nearest<'a>(name: &str, all: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |known: &&str| strsim::damerau_levenshtein(name, known);
    all.min_by_key(distance).filter(|known| distance(known) <= 2)
}
