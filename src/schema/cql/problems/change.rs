//! What is wrong with a change, after those that came before it.

use super::kinds::{against_fields, against_keyspace};
use super::{Known, Wrong, index, table, view, wrong};
use crate::schema::cql::parts::{Column, CqlView, Key, OptionTo};
use crate::schema::cql::{CqlType, Op, Was};

impl Known {
    pub fn against(&self, op: &Op) -> Vec<Wrong> {
        match op {
            Op::CreateKeyspace(keyspace) => {
                let mut found = against_keyspace(keyspace);
                found.extend(again("keyspace", &keyspace.name, self.keyspaces.contains(&keyspace.name)));
                found
            }
            Op::DropKeyspace { was: Was::Known(keyspace), .. } => against_keyspace(keyspace),
            Op::CreateTable(table) => {
                let mut found = table::against(table);
                found.extend(self.name_again("table", &table.name));
                found
            }
            Op::DropTable { name, was } => {
                let mut found = self.views_of(name, "be dropped");
                found.extend(self.indexes_of(name));
                if let Was::Known(table) = was {
                    found.extend(table::against(table));
                }
                found
            }
            Op::AlterTable { table, options } => self.against_options(table, options),
            Op::AddColumn { table, column, .. } => self.against_new(table, column),
            Op::DropColumn { table, name, was } => self.against_dropped(table, name, was),
            Op::RenameColumn { table, from, to } => self.against_renamed(table, from, to),
            Op::CreateType(kind) => {
                let mut found = against_fields(&kind.name, &kind.fields);
                found.extend(again("type", &kind.name, self.types.contains_key(&kind.name)));
                found
            }
            Op::DropType { name, was: Was::Known(kind) } => against_fields(name, &kind.fields),
            Op::AddTypeField { name, field, .. } => {
                let mut found = against_fields(name, std::slice::from_ref(field));
                found.extend(self.field_again(name, &field.name));
                found
            }
            Op::RenameTypeField { name, to, .. } => self.field_again(name, to).into_iter().collect(),
            Op::CreateIndex(index) => {
                let table = self.tables.get(&index.table);
                let mut found: Vec<Wrong> =
                    table.into_iter().flat_map(|table| index::against(index, table)).collect();
                found.extend(again("index", &index.name, self.indexes.contains_key(&index.full_name())));
                found
            }
            Op::CreateMaterializedView(view) => {
                let mut found = view::against(view, self.tables.get(&view.table));
                found.extend(self.name_again("materialized view", &view.name));
                found
            }
            Op::DropMaterializedView { was: Was::Known(view), .. } => view::against(view, None),
            _ => Vec::new(),
        }
    }

    fn name_again(&self, kind: &str, name: &str) -> Option<Wrong> {
        again(kind, name, self.tables.contains_key(name) || self.views.contains_key(name))
    }

    fn field_again(&self, kind: &str, field: &String) -> Option<Wrong> {
        let fields = self.types.get(kind)?;
        again("field", &format!("{kind}.{field}"), fields.contains(field))
    }

    fn against_options(&self, table: &str, options: &[OptionTo]) -> Vec<Wrong> {
        if options.is_empty() {
            return vec![wrong(
                format!("nothing of table {table} is changed"),
                "say what: `t.option(\"gc_grace_seconds\").from(\"864000\").to(\"3600\")`",
            )];
        }
        let mut found =
            table::against_options(table, options.iter().map(|option| (&option.name, &option.to)));
        for option in options.iter().filter(|option| option.from == option.to) {
            found.push(wrong(
                format!("option {} of {table} is {} before and after", option.name, option.to),
                "say what it was in `.from(…)`, or remove it",
            ));
        }
        found
    }

    fn against_new(&self, name: &str, column: &Column) -> Vec<Wrong> {
        let Some(table) = self.tables.get(name) else { return Vec::new() };
        let whole = format!("{name}.{}", column.name);
        let mut found: Vec<Wrong> =
            again("column", &whole, table.column(&column.name).is_some()).into_iter().collect();
        if column.is_static && table.key(Key::Clustering).next().is_none() {
            found.push(table::alone(&whole));
        }
        for view in self.views.values().filter(|view| view.table == name) {
            found.push(wrong(
                format!(
                    "column {whole} cannot be dropped on the way back: its table has materialized view {}",
                    view.name
                ),
                "add the column before the view is made",
            ));
        }
        let is_counter = column.kind == CqlType::Counter;
        if let Some(other) = table.columns.iter().find(|column| column.key.is_none())
            && is_counter != table.is_counter()
        {
            found.push(table::mixed(name, if is_counter { other } else { column }));
        }
        found
    }

    fn against_dropped(&self, name: &str, column: &str, was: &Was<Column>) -> Vec<Wrong> {
        let mut found = Vec::new();
        if let Was::Known(was) = was
            && !was.kind.comes_back()
        {
            found.push(wrong(
                format!("column {name}.{column} ({}) cannot be added again once it is dropped", was.kind),
                "say `.irreversible(\"because\")`: Cassandra refuses that of counters and of user-defined types",
            ));
        }
        let Some(table) = self.tables.get(name) else { return found };
        match table.column(column) {
            None => found.push(index::missing("what is dropped", table, column)),
            Some(of) if of.key.is_some() => found.push(wrong(
                format!("column {name}.{column} is in the primary key, and cannot be dropped"),
                "make another table, and copy the rows over: a key stays as it is",
            )),
            Some(_) => {}
        }
        found.extend(self.views_of(name, "lose a column"));
        found.extend(self.indexes_on(name, column, "dropped"));
        found
    }

    fn against_renamed(&self, name: &str, from: &str, to: &str) -> Vec<Wrong> {
        let Some(table) = self.tables.get(name) else { return Vec::new() };
        let mut found = Vec::new();
        match table.column(from) {
            None => found.push(index::missing("what is renamed", table, from)),
            Some(column) if column.key.is_none() => found.push(wrong(
                format!("column {name}.{from} is not in the primary key, and cannot be renamed"),
                "add another one, fill it in, and drop this one: in CQL only the key's columns can be renamed",
            )),
            Some(_) => {}
        }
        found.extend(again("column", &format!("{name}.{to}"), table.column(to).is_some()));
        found.extend(self.indexes_on(name, from, "renamed"));
        found
    }

    fn views_of(&self, table: &str, what: &str) -> Vec<Wrong> {
        let views = self.views.values().filter(|view| view.table == table);
        let against = |view: &CqlView| {
            wrong(
                format!("table {table} has materialized view {}, and cannot {what}", view.name),
                format!("drop the view before: `schema.drop_materialized_view(\"{}\")`", view.name),
            )
        };
        views.map(against).collect()
    }

    /// They go with the table, but do not come back with it.
    fn indexes_of(&self, table: &str) -> Vec<Wrong> {
        let indexes = self.indexes.iter().filter(|(_, index)| index.table == table);
        let against = |name: &String| {
            wrong(
                format!("table {table} has index {name}, which would not come back with it"),
                format!("drop the index before: `schema.drop_index(\"{name}\")`"),
            )
        };
        indexes.map(|(name, _)| against(name)).collect()
    }

    fn indexes_on(&self, table: &str, column: &str, what: &str) -> Vec<Wrong> {
        let indexes = self.indexes.iter().filter(|(_, index)| index.table == table && index.column == column);
        let against = |name: &String| {
            wrong(
                format!("column {table}.{column} has index {name}, and cannot be {what}"),
                format!("drop the index before: `schema.drop_index(\"{name}\")`"),
            )
        };
        indexes.map(|(name, _)| against(name)).collect()
    }
}

fn again(kind: &str, name: &str, is_there: bool) -> Option<Wrong> {
    is_there.then(|| wrong(format!("{kind} {name} is there already"), "give this one another name"))
}
