//! What is written, as a keyspace; where one thing needs another, it is looked for.

use std::collections::{BTreeMap, BTreeSet};

use super::Declared;
use super::index::DeclaredIndex;
use super::names::{is_ours, missing_column, no_type, once};
use super::reader::Named;
use super::statement::{DeclaredUserType, Statements};
use super::table::DeclaredTable;
use super::unread::line_of;
use super::view::DeclaredView;
use super::with::With;
use crate::ledger::quote;
use crate::schema::cql::inspect::unusual;
use crate::schema::cql::keyspace::{ColumnOf, FieldOf, IndexOf, Place, TableOf, ViewOf};
use crate::schema::cql::parts::{CqlIndex, Target};
use crate::schema::cql::statement;
use crate::schema::cql::text::{Wrong, canonical, canonical_text};

impl Declared {
    pub fn resolve(&mut self, all: Statements, text: &str) -> Result<(), Wrong> {
        let Statements { types, mut tables, mut indexes, mut views } = all;
        let names: Vec<String> = tables.iter().map(|table| table.name.name.clone()).collect();
        tables.retain(|table| !is_ours(&table.name.name, &names));
        indexes.retain(|index| !is_ours(&index.table.name, &names));
        views.retain(|view| !is_ours(&view.table.name, &names));
        once("type ", types.iter().map(|kind| &kind.name))?;
        once("table ", tables.iter().map(|table| &table.name).chain(views.iter().map(|view| &view.name)))?;
        once("index ", indexes.iter().map(|index| &index.name))?;
        let known: BTreeSet<String> = types.iter().map(|kind| kind.name.name.clone()).collect();
        for kind in types {
            self.user_type(kind, &known, text)?;
        }
        for table in tables {
            self.table(table, &known, text)?;
        }
        for index in indexes {
            self.index(index, text)?;
        }
        for view in views {
            self.view(view, text)?;
        }
        Ok(())
    }

    fn learn(&mut self, what: String, text: &str, at: usize) {
        self.lines.insert(what, line_of(text, at));
    }

    fn user_type(
        &mut self,
        kind: DeclaredUserType,
        known: &BTreeSet<String>,
        text: &str,
    ) -> Result<(), Wrong> {
        let name = kind.name.name;
        self.learn(format!("type {name}"), text, kind.name.at);
        once(&format!("field {name}."), kind.fields.iter().map(|(field, _)| field))?;
        let mut fields = Vec::new();
        for (field, kind) in kind.fields {
            no_type(&kind, known, field.at)?;
            self.learn(format!("field {name}.{}", field.name), text, field.at);
            fields.push(FieldOf { name: field.name, kind: canonical(kind).to_string() });
        }
        self.keyspace.types.insert(name, fields);
        Ok(())
    }

    fn table(&mut self, table: DeclaredTable, known: &BTreeSet<String>, text: &str) -> Result<(), Wrong> {
        let name = table.name.name.clone();
        self.learn(format!("table {name}"), text, table.name.at);
        once(&format!("column {name}."), table.columns.iter().map(|column| &column.name))?;
        once("in the key, column ", table.partition.iter().chain(&table.clustering))?;
        let descending = order(&table.with, &table.clustering)?;
        let has = |key: &Named| table.columns.iter().any(|column| column.name.name == key.name);
        if let Some(key) = table.partition.iter().chain(&table.clustering).find(|key| !has(key)) {
            let columns = table.columns.iter().map(|column| column.name.name.as_str());
            return Err(missing_column(key, &name, columns));
        }
        let places = places(&table.partition, &table.clustering, &descending);
        let mut columns = BTreeMap::new();
        for column in &table.columns {
            no_type(&column.kind, known, column.kind_at)?;
            let own = &column.name.name;
            let place = places.get(own).copied();
            let kind = canonical(column.kind.clone());
            if place.is_some() && kind.is_multi_cell() {
                let what = format!("column {name}.{own} is in the primary key, and {kind} is not frozen");
                return Err(Wrong::new(column.kind_at, what, format!("write `frozen<{kind}>`")));
            }
            if column.is_static && (place.is_some() || table.clustering.is_empty()) {
                let why = if place.is_some() {
                    "in the primary key"
                } else {
                    "in a table without a clustering key"
                };
                let what = format!("column {name}.{own} is static, and {why}");
                return Err(Wrong::new(column.name.at, what, "remove `static`"));
            }
            let place = place.unwrap_or(if column.is_static { Place::Static } else { Place::Regular });
            self.learn(format!("column {name}.{own}"), text, column.name.at);
            columns.insert(own.clone(), ColumnOf { kind: kind.to_string(), place });
        }
        let (options, usual) = self.options(&name, &table.with, text);
        let names = table.columns.into_iter().map(|column| column.name.name).collect();
        self.order.insert(name.clone(), names);
        self.keyspace.tables.insert(name, TableOf { columns, options, usual });
        Ok(())
    }

    fn options(
        &mut self,
        of: &str,
        with: &With,
        text: &str,
    ) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        for (name, _) in &with.options {
            self.learn(format!("option {of}.{}", name.name), text, name.at);
        }
        unusual(with.options.iter().map(|(name, value)| (name.name.clone(), value.cql())).collect())
    }

    fn index(&mut self, index: DeclaredIndex, text: &str) -> Result<(), Wrong> {
        let name = index.name.name;
        let table = self.declared_table(&index.table)?;
        let Some(column) = table.columns.get(&index.column.name) else {
            return Err(missing_column(
                &index.column,
                &index.table.name,
                table.columns.keys().map(String::as_str),
            ));
        };
        // As the database has it.
        let target = match canonical_text(&column.kind).is_collection() && index.target == Target::Simple {
            true => Target::Values,
            false => index.target,
        };
        let made = CqlIndex {
            name: name.clone(),
            table: index.table.name.clone(),
            column: index.column.name,
            target,
            using: None,
            options: Vec::new(),
        };
        self.learn(format!("index {name}"), text, index.name.at);
        let options = index.options.into_iter().map(|(name, value)| (name, quote(&value))).collect();
        let of = IndexOf {
            table: index.table.name,
            target: statement::target(&made),
            class: index.class,
            options,
        };
        self.keyspace.indexes.insert(name, of);
        Ok(())
    }

    fn declared_table(&self, table: &Named) -> Result<&TableOf, Wrong> {
        self.keyspace.tables.get(&table.name).ok_or_else(|| {
            let what = format!("there is no table {}", table.name);
            Wrong::new(table.at, what, "declare it, or remove what is of it")
        })
    }

    fn view(&mut self, view: DeclaredView, text: &str) -> Result<(), Wrong> {
        let name = view.name.name.clone();
        let table = self.declared_table(&view.table)?;
        once("in the key, column ", view.partition.iter().chain(&view.clustering))?;
        let said = order(&view.with, &view.clustering)?;
        // Where nothing is said, it is that of the table.
        let in_table = |column: &&Named| {
            matches!(
                table.columns.get(&column.name),
                Some(ColumnOf { place: Place::Clustering { is_descending: true, .. }, .. })
            )
        };
        let descending = match view.with.order.is_empty() {
            true => view.clustering.iter().filter(in_table).map(|column| column.name.clone()).collect(),
            false => said,
        };
        let places = places(&view.partition, &view.clustering, &descending);
        let keys = view.partition.iter().chain(&view.clustering);
        let wanted = view.columns.iter().flatten().chain(keys);
        let mut columns = BTreeMap::new();
        for column in wanted {
            let Some(of) = table.columns.get(&column.name) else {
                return Err(missing_column(
                    column,
                    &view.table.name,
                    table.columns.keys().map(String::as_str),
                ));
            };
            let place = places.get(&column.name).copied().unwrap_or(Place::Regular);
            columns.insert(column.name.clone(), ColumnOf { kind: of.kind.clone(), place });
        }
        if view.columns.is_none() {
            for (column, of) in &table.columns {
                let place = places.get(column).copied().unwrap_or(Place::Regular);
                columns.insert(column.clone(), ColumnOf { kind: of.kind.clone(), place });
            }
        }
        let of = ViewOf {
            table: view.table.name,
            has_all_columns: view.columns.is_none(),
            condition: view.conditions.join(" AND "),
            columns,
            options: BTreeMap::new(),
            usual: BTreeMap::new(),
        };
        self.learn(format!("materialized view {name}"), text, view.name.at);
        let (options, usual) = self.options(&name, &view.with, text);
        self.keyspace.views.insert(name, ViewOf { options, usual, ..of });
        Ok(())
    }
}

/// The columns that are in descending order.
fn order(with: &With, clustering: &[Named]) -> Result<BTreeSet<String>, Wrong> {
    for (at, (column, _)) in with.order.iter().enumerate() {
        if clustering.get(at).is_none_or(|key| key.name != column.name) {
            let key: Vec<&str> = clustering.iter().map(|key| key.name.as_str()).collect();
            return Err(Wrong::new(
                column.at,
                format!("`{}` is not at this place in the clustering key", column.name),
                match key.as_slice() {
                    [] => "remove the order: there is no clustering key".to_owned(),
                    key => format!("the clustering key is {}", key.join(", ")),
                },
            ));
        }
    }
    Ok(with.order.iter().filter(|(_, down)| *down).map(|(column, _)| column.name.clone()).collect())
}

/// What is in the key, and where.
fn places(
    partition: &[Named],
    clustering: &[Named],
    descending: &BTreeSet<String>,
) -> BTreeMap<String, Place> {
    let number = |at: usize| i32::try_from(at).unwrap_or(i32::MAX);
    let first =
        partition.iter().enumerate().map(|(at, key)| (key.name.clone(), Place::Partition(number(at))));
    let then = clustering.iter().enumerate().map(|(at, key)| {
        let is_descending = descending.contains(&key.name);
        (key.name.clone(), Place::Clustering { position: number(at), is_descending })
    });
    first.chain(then).collect()
}
