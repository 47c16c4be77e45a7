//! What a CREATE TABLE of SQLite says, as a table of the model.

use std::collections::BTreeMap;

use crate::schema::model::{
    Check, Column, ForeignKey, Generated, Identity, Key, Name, ReferentialAction, Table, tidy,
};
use crate::schema::rebuild::{ColumnText, Constraint, Rule, TableText, quoted, quoted_list};

/// Reads a CREATE TABLE.
///
/// # Errors
///
/// What is not understood.
pub fn read(sql: &str) -> Result<Table, String> {
    let text = TableText::read(sql)?;
    let mut table = Table { strict: text.strict, without_rowid: text.without_rowid, ..Table::default() };
    let alias = text.rowid_alias().map(|column| column.name.clone());
    let key = text.primary_key();
    for (_, column) in text.columns() {
        let in_key = key.iter().any(|name| name.eq_ignore_ascii_case(&column.name));
        let is_alias = alias.as_deref() == Some(column.name.as_str());
        // A primary key alone says nothing about NULL, as SQLite came to have it.
        let implied = is_alias || (in_key && (text.strict || text.without_rowid));
        table.columns.push(read_column(sql, column, !implied));
        add_all(&mut table, sql, &column.constraints);
    }
    for (_, constraint) in text.constraints() {
        add_all(&mut table, sql, std::slice::from_ref(constraint));
        if let (Rule::PrimaryKey { autoincrement: true, .. }, [only]) = (&constraint.rule, &key[..]) {
            let column = table.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(only));
            if let Some(column) = column {
                column.identity = Some(Identity::Autoincrement);
            }
        }
    }
    Ok(table)
}

fn read_column(sql: &str, column: &ColumnText, nullable: bool) -> Column {
    let mut found =
        Column { name: column.name.clone(), sql_type: column.sql_type(sql), nullable, ..Column::default() };
    let text = |at: &std::ops::Range<usize>| tidy(&sql[at.clone()]);
    for constraint in &column.constraints {
        match &constraint.rule {
            Rule::NotNull => {
                found.nullable = false;
                found.not_null_conflict = constraint.conflict.clone();
            }
            Rule::Default(at) => found.default = Some(text(at)),
            Rule::Collate(name) => found.collation = Some(name.to_lowercase()),
            Rule::Generated { expression, stored } => {
                found.generated = Some(Generated { expression: text(expression), stored: *stored });
            }
            Rule::PrimaryKey { autoincrement: true, .. } => found.identity = Some(Identity::Autoincrement),
            _ => {}
        }
    }
    found
}

fn add_all(table: &mut Table, sql: &str, constraints: &[Constraint]) {
    for constraint in constraints {
        let name = constraint.name.clone();
        let definition = constraint.definition(sql).unwrap_or_default();
        match &constraint.rule {
            Rule::PrimaryKey { columns, .. } => {
                table.primary_key = Some(Key { name, columns: columns.clone(), definition });
            }
            Rule::Unique { columns, .. } => {
                table.uniques.push(Key { name, columns: columns.clone(), definition });
            }
            Rule::Check(at) => {
                let expression = tidy(&sql[at.clone()]);
                table.checks.push(Check { name, expression, no_inherit: false, validated: true });
            }
            Rule::ForeignKey(to) => table.foreign_keys.push(ForeignKey {
                name,
                columns: to.columns.clone(),
                to: Name::new(&to.table),
                to_columns: to.to_columns.clone(),
                on_delete: to.on_delete,
                on_update: to.on_update,
                // Any other than `DEFERRABLE INITIALLY DEFERRED` is checked at once.
                deferrable: to.deferred,
                initially_deferred: to.deferred,
                definition,
                validated: true,
            }),
            _ => {}
        }
    }
}

/// A foreign key that names no columns means the primary key, and letter case makes no other table.
pub fn resolve_keys(tables: &mut BTreeMap<Name, Table>) {
    let keys: BTreeMap<String, (Name, Vec<String>)> = tables
        .iter()
        .map(|(name, table)| {
            let columns = table.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
            (name.name.to_ascii_lowercase(), (name.clone(), columns))
        })
        .collect();
    for key in tables.values_mut().flat_map(|table| &mut table.foreign_keys) {
        if let Some((name, columns)) = keys.get(&key.to.name.to_ascii_lowercase()) {
            key.to = name.clone();
            if key.to_columns.is_empty() {
                key.to_columns.clone_from(columns);
            }
        }
        key.definition = foreign_key(key);
    }
}

fn foreign_key(key: &ForeignKey) -> String {
    let (columns, to) = (quoted_list(&key.columns), quoted(&key.to.name));
    let mut said = format!("FOREIGN KEY ({columns}) REFERENCES {to}");
    if !key.to_columns.is_empty() {
        said.push_str(&format!("({})", quoted_list(&key.to_columns)));
    }
    for (on, action) in [(" ON UPDATE ", key.on_update), (" ON DELETE ", key.on_delete)] {
        if action != ReferentialAction::NoAction {
            said.push_str(on);
            said.push_str(action.sql());
        }
    }
    if key.initially_deferred {
        said.push_str(" DEFERRABLE INITIALLY DEFERRED");
    }
    said
}
