//! What exists, and what can be done with it.

use std::collections::BTreeMap;

use super::random::Random;
use super::say::{say, say_target, say_view};
use crate::schema::cql::builder::TableBuilder;
use crate::schema::cql::parts::{Column, CqlIndex, CqlTable, CqlView, Key, Target, UserType};
use crate::schema::cql::{CqlType, NewColumn, OldColumn, TypeBuilder, ViewBuilder};
use crate::schema::recorded::Schema;
use crate::store::scylla::ScyllaConnection;

#[derive(Default)]
pub struct Model {
    pub tables: Vec<CqlTable>,
    pub types: Vec<UserType>,
    pub indexes: Vec<CqlIndex>,
    pub views: Vec<CqlView>,
    named: usize,
}

/// Some need quotes.
const NAMES: [&str; 6] = ["name", "Name", "order", "two words", "set", "q\"q"];

impl Model {
    /// Records one change that can be made now.
    pub fn change(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) {
        loop {
            let done = match random.below(14) {
                0 | 1 => self.create_table(random, schema),
                2 => self.drop_table(random, schema),
                3 | 4 => self.add_column(random, schema),
                5 => self.drop_column(random, schema),
                6 => self.rename_column(random, schema),
                7 => self.create_type(random, schema),
                8 => self.drop_type(random, schema),
                9 => self.rename_field(random, schema),
                10 => self.create_index(random, schema),
                11 => self.drop_index(random, schema),
                12 => self.view(random, schema),
                _ => self.alter_table(random, schema),
            };
            if done.is_some() {
                return;
            }
        }
    }

    fn name(&mut self, of: &str) -> String {
        self.named += 1;
        format!("{of}{}", self.named)
    }

    fn column_name(&mut self, random: &mut Random) -> String {
        let name = random.of(&NAMES).expect("there are some");
        if random.is_one_in(2) { self.name(name) } else { self.name("c") }
    }

    fn kind(&self, random: &mut Random, is_key: bool) -> CqlType {
        let simple =
            [CqlType::Int, CqlType::Text, CqlType::Uuid, CqlType::Date, CqlType::Inet, CqlType::Varint];
        let one = random.of(&simple).expect("there are some").clone();
        match random.below(8) {
            0 => CqlType::frozen(CqlType::set(one)),
            1 => CqlType::tuple([one, CqlType::list(CqlType::Blob)]),
            2 if !is_key => CqlType::set(one),
            3 if !is_key => CqlType::map(one, CqlType::list(CqlType::Double)),
            4 if !is_key => CqlType::list(CqlType::tuple([one, CqlType::Duration])),
            _ => one,
        }
    }

    fn column(&mut self, random: &mut Random, key: Option<Key>) -> Column {
        let name = self.column_name(random);
        let descending = (key == Some(Key::Clustering)).then(|| random.is_one_in(2));
        let kind = self.kind(random, key.is_some());
        Column { name, kind, key, descending, is_static: false }
    }

    fn create_table(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let mut columns: Vec<Column> =
            (0..=random.below(2)).map(|_| self.column(random, Some(Key::Partition))).collect();
        columns.extend((0..random.below(3)).map(|_| self.column(random, Some(Key::Clustering))));
        let is_clustered = columns.iter().any(|column| column.key == Some(Key::Clustering));
        let is_counter = random.is_one_in(5);
        for _ in 0..random.below(4) {
            let mut column = self.column(random, None);
            column.is_static = is_clustered && random.is_one_in(4);
            match random.of(&self.types) {
                _ if is_counter => column.kind = CqlType::Counter,
                Some(of) if random.is_one_in(3) => column.kind = CqlType::udt(&of.name),
                _ => {}
            }
            columns.push(column);
        }
        // Their order in the statement is not that of the key alone.
        columns.sort_by_key(|column| column.kind.to_string().len());
        let options = match random.below(3) {
            0 => vec![("gc_grace_seconds".to_owned(), "3600".to_owned())],
            _ => Vec::new(),
        };
        let name = self.name(random.of(&["t", "T"]).expect("there are two"));
        let table = CqlTable { name, columns, options };
        schema.create_table(&table.name, |t| say(&table, t));
        self.tables.push(table);
        Some(())
    }

    /// One that nothing hangs on.
    fn drop_table(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let is_free = |table: &&CqlTable| {
            self.indexes.iter().all(|index| index.table != table.name)
                && self.views.iter().all(|view| view.table != table.name)
        };
        let free: Vec<&CqlTable> = self.tables.iter().filter(is_free).collect();
        let table = (*random.of(&free)?).clone();
        schema.drop_table(&table.name).was(|t| say(&table, t));
        self.tables.retain(|other| other.name != table.name);
        Some(())
    }

    fn without_views(&self) -> impl Iterator<Item = usize> {
        let has_none = |table: &CqlTable| self.views.iter().all(|view| view.table != table.name);
        (0..self.tables.len()).filter(move |at| has_none(&self.tables[*at]))
    }

    fn add_column(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let free: Vec<usize> = self.without_views().filter(|at| !self.tables[*at].is_counter()).collect();
        let at = *random.of(&free)?;
        let mut column = self.column(random, None);
        column.is_static = self.tables[at].key(Key::Clustering).next().is_some() && random.is_one_in(4);
        schema.add_column(&self.tables[at].name, |c: NewColumn| {
            let said = c.column(&column.name, column.kind.clone());
            if column.is_static { said.static_column() } else { said }
        });
        self.tables[at].columns.push(column);
        Some(())
    }

    fn drop_column(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let free: Vec<usize> = self.without_views().collect();
        let at = *random.of(&free)?;
        let table = &self.tables[at];
        let is_free = |column: &&Column| {
            column.key.is_none() && column.kind.comes_back() && !self.is_indexed(&table.name, &column.name)
        };
        let free: Vec<&Column> = table.columns.iter().filter(is_free).collect();
        let column = (*random.of(&free)?).clone();
        schema.drop_column(&table.name, &column.name).was(|c: OldColumn| {
            let said = c.column(column.kind.clone());
            if column.is_static { said.static_column() } else { said }
        });
        self.tables[at].columns.retain(|other| other.name != column.name);
        Some(())
    }

    fn is_indexed(&self, table: &str, column: &str) -> bool {
        self.indexes.iter().any(|index| index.table == table && index.column == column)
    }

    fn rename_column(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let free: Vec<usize> = self.without_views().collect();
        let at = *random.of(&free)?;
        let to = self.column_name(random);
        let table = &self.tables[at];
        let is_free = |column: &&Column| column.key.is_some() && !self.is_indexed(&table.name, &column.name);
        let free: Vec<&Column> = table.columns.iter().filter(is_free).collect();
        let from = random.of(&free)?.name.clone();
        schema.rename_column(&table.name, &from, &to);
        let column = self.tables[at].columns.iter_mut().find(|column| column.name == from)?;
        column.name = to;
        Some(())
    }

    fn create_type(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let name = self.column_name(random);
        let mut kind = TypeBuilder::new(name);
        for _ in 0..=random.below(3) {
            let (field, of) = (self.column_name(random), self.kind(random, true));
            kind.column(field, of);
        }
        let kind = kind.0;
        schema.create_type(&kind.name, |t| {
            kind.fields.iter().for_each(|of| t.column(&of.name, of.kind.clone()))
        });
        self.types.push(kind);
        Some(())
    }

    fn drop_type(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let is_used = |kind: &UserType| {
            let udt = CqlType::udt(&kind.name);
            self.tables.iter().flat_map(|table| &table.columns).any(|column| column.kind == udt)
        };
        let free: Vec<&UserType> = self.types.iter().filter(|kind| !is_used(kind)).collect();
        let kind = (*random.of(&free)?).clone();
        schema
            .drop_type(&kind.name)
            .was(|t| kind.fields.iter().for_each(|of| t.column(&of.name, of.kind.clone())));
        self.types.retain(|other| other.name != kind.name);
        Some(())
    }

    fn rename_field(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let (to, many) = (self.column_name(random), self.types.len());
        let kind = if many == 0 { None } else { self.types.get_mut(random.below(many)) }?;
        let at = random.below(kind.fields.len());
        schema.rename_type_field(&kind.name, &kind.fields[at].name, &to);
        kind.fields[at].name = to;
        Some(())
    }

    fn create_index(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let name = self.name("i");
        let table = random.of(&self.tables)?;
        let is_free = |column: &&Column| {
            let has_duration = column.kind.has(&|of| *of == CqlType::Duration);
            column.key.is_none() && !has_duration && !self.is_indexed(&table.name, &column.name)
        };
        let free: Vec<&Column> = table.columns.iter().filter(is_free).collect();
        let column = random.of(&free).filter(|_| !table.is_counter())?;
        let index = schema.create_index(&name, &table.name, &column.name);
        let target = match &column.kind {
            CqlType::Map(..) => *random.of(&[Target::Keys, Target::Values, Target::Entries])?,
            CqlType::Set(_) | CqlType::List(_) => Target::Values,
            CqlType::Frozen(of) if of.is_collection() => Target::Full,
            _ => Target::Simple,
        };
        let index = say_target(index, target).index;
        self.indexes.push(index);
        Some(())
    }

    fn drop_index(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let index = random.of(&self.indexes)?.clone();
        say_target(schema.drop_index(&index.name).was(&index.table, &index.column), index.target);
        self.indexes.retain(|other| other.name != index.name);
        Some(())
    }

    /// Makes one, or drops one.
    fn view(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        if let Some(view) = random.of(&self.views).cloned().filter(|_| random.is_one_in(2)) {
            schema.drop_materialized_view(&view.name).was(|v| say_view(&view, v));
            self.views.retain(|other| other.name != view.name);
            return Some(());
        }
        let name = self.name("v");
        let table = random.of(&self.tables).filter(|table| !table.is_counter())?;
        let mut key: Vec<String> = table
            .columns
            .iter()
            .filter(|column| column.key.is_some())
            .map(|column| column.name.clone())
            .collect();
        let has_duration = |column: &Column| column.kind.has(&|of| *of == CqlType::Duration);
        let more = table.columns.iter().find(|column| {
            column.key.is_none() && !column.is_static && !column.kind.is_multi_cell() && !has_duration(column)
        });
        key.splice(0..0, more.map(|column| column.name.clone()));
        let mut view = ViewBuilder::new(name).from(&table.name).select(&key).partition_key([&key[0]]);
        view = view.clustering_key(&key[1..]);
        if let Some(last) = key[1..].last().filter(|_| random.is_one_in(2)) {
            view = view.order_desc(last);
        }
        let view = view.0;
        schema.create_materialized_view(&view.name, |v| say_view(&view, v));
        self.views.push(view);
        Some(())
    }

    fn alter_table(&mut self, random: &mut Random, schema: &mut Schema<ScyllaConnection>) -> Option<()> {
        let many = self.tables.len();
        let table = if many == 0 { None } else { self.tables.get_mut(random.below(many)) }?;
        let (name, usual, other) =
            *random.of(&[("gc_grace_seconds", "864000", "7200"), ("comment", "''", "'it''s new'")])?;
        let was = table.options.iter().find(|(of, _)| of == name).map_or(usual, |(_, was)| was).to_owned();
        let to = if was == usual { other } else { usual };
        schema.alter_table(&table.name, |t| t.option(name).from(&was).to(to));
        table.options.retain(|(of, _)| of != name);
        if to != usual {
            table.options.push((name.to_owned(), to.to_owned()));
        }
        Some(())
    }
}
