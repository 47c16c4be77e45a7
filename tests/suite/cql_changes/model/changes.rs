//! One change that can be made now, by chance.

use updown::scylla::CqlType;

use super::{Column, Index, Key, Model, Table, Target, UserType, View, is_collection};
use crate::cql_changes::random::Random;
use crate::cql_changes::said::Said;

/// Some need quotes.
const NAMES: [&str; 6] = ["name", "Name", "order", "two words", "set", "q\"q"];

impl Model {
    /// What it is, after it was made.
    pub fn change(&mut self, random: &mut Random) -> Said {
        loop {
            let done = match random.below(14) {
                0 | 1 => self.create_table(random),
                2 => self.drop_table(random),
                3 | 4 => self.add_column(random),
                5 => self.drop_column(random),
                6 => self.rename_column(random),
                7 => self.create_type(random),
                8 => self.drop_type(random),
                9 => self.rename_field(random),
                10 => self.create_index(random),
                11 => self.drop_index(random),
                12 => self.view(random),
                _ => self.alter_table(random),
            };
            if let Some(said) = done {
                return said;
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

    fn column(&mut self, random: &mut Random, key: Option<Key>) -> Column {
        let name = self.column_name(random);
        let descending = (key == Some(Key::Clustering)).then(|| random.is_one_in(2));
        Column { name, kind: kind(random, key.is_some()), key, descending, is_static: false }
    }

    fn create_table(&mut self, random: &mut Random) -> Option<Said> {
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
            0 => vec![("gc_grace_seconds", "3600".to_owned())],
            _ => Vec::new(),
        };
        let name = self.name(random.of(&["t", "T"]).expect("there are two"));
        let table = Table { name, columns, options };
        self.tables.push(table.clone());
        Some(Said::CreateTable(table))
    }

    /// One that nothing hangs on.
    fn drop_table(&mut self, random: &mut Random) -> Option<Said> {
        let is_free = |table: &&Table| {
            self.indexes.iter().all(|index| index.table != table.name)
                && self.views.iter().all(|view| view.table != table.name)
        };
        let free: Vec<&Table> = self.tables.iter().filter(is_free).collect();
        let table = (*random.of(&free)?).clone();
        self.tables.retain(|other| other.name != table.name);
        Some(Said::DropTable(table))
    }

    /// Of those without views, since others keep their columns.
    fn table_without_views(&self, random: &mut Random, is_it: impl Fn(&Table) -> bool) -> Option<usize> {
        let has_none = |table: &Table| self.views.iter().all(|view| view.table != table.name);
        let is_free = |at: &usize| has_none(&self.tables[*at]) && is_it(&self.tables[*at]);
        let free: Vec<usize> = (0..self.tables.len()).filter(is_free).collect();
        random.of(&free).copied()
    }

    fn add_column(&mut self, random: &mut Random) -> Option<Said> {
        let at = self.table_without_views(random, |table| !table.is_counter())?;
        let mut column = self.column(random, None);
        let table = &mut self.tables[at];
        column.is_static = table.key(Key::Clustering).next().is_some() && random.is_one_in(4);
        table.columns.push(column.clone());
        Some(Said::AddColumn(table.name.clone(), column))
    }

    fn drop_column(&mut self, random: &mut Random) -> Option<Said> {
        let at = self.table_without_views(random, |_| true)?;
        let table = &self.tables[at];
        let is_free = |column: &&Column| {
            column.key.is_none() && column.comes_back() && !self.is_indexed(&table.name, &column.name)
        };
        let free: Vec<&Column> = table.columns.iter().filter(is_free).collect();
        let column = (*random.of(&free)?).clone();
        let table = &mut self.tables[at];
        table.columns.retain(|other| other.name != column.name);
        Some(Said::DropColumn(table.name.clone(), column))
    }

    fn is_indexed(&self, table: &str, column: &str) -> bool {
        self.indexes.iter().any(|index| index.table == table && index.column == column)
    }

    fn rename_column(&mut self, random: &mut Random) -> Option<Said> {
        let at = self.table_without_views(random, |_| true)?;
        let to = self.column_name(random);
        let table = &self.tables[at];
        let is_free = |at: &usize| {
            table.columns[*at].key.is_some() && !self.is_indexed(&table.name, &table.columns[*at].name)
        };
        let free: Vec<usize> = (0..table.columns.len()).filter(is_free).collect();
        let column = *random.of(&free)?;
        let table = &mut self.tables[at];
        let from = std::mem::replace(&mut table.columns[column].name, to.clone());
        Some(Said::RenameColumn { table: table.name.clone(), from, to })
    }

    fn create_type(&mut self, random: &mut Random) -> Option<Said> {
        let name = self.column_name(random);
        let many = 1 + random.below(3);
        let fields = (0..many).map(|_| (self.column_name(random), kind(random, true))).collect();
        let made = UserType { name, fields };
        self.types.push(made.clone());
        Some(Said::CreateType(made))
    }

    fn drop_type(&mut self, random: &mut Random) -> Option<Said> {
        let is_used = |of: &UserType| {
            let udt = CqlType::udt(&of.name);
            self.tables.iter().flat_map(|table| &table.columns).any(|column| column.kind == udt)
        };
        let free: Vec<&UserType> = self.types.iter().filter(|of| !is_used(of)).collect();
        let dropped = (*random.of(&free)?).clone();
        self.types.retain(|other| other.name != dropped.name);
        Some(Said::DropType(dropped))
    }

    fn rename_field(&mut self, random: &mut Random) -> Option<Said> {
        let to = self.column_name(random);
        let at = random.below(self.types.len().max(1));
        let of = self.types.get_mut(at)?;
        let field = random.below(of.fields.len());
        let from = std::mem::replace(&mut of.fields[field].0, to.clone());
        Some(Said::RenameField { of: of.name.clone(), from, to })
    }

    fn create_index(&mut self, random: &mut Random) -> Option<Said> {
        let name = self.name("i");
        let table = random.of(&self.tables).filter(|table| !table.is_counter())?;
        let is_free = |column: &&Column| {
            column.key.is_none() && !column.has_duration() && !self.is_indexed(&table.name, &column.name)
        };
        let free: Vec<&Column> = table.columns.iter().filter(is_free).collect();
        let column = random.of(&free)?;
        let target = match &column.kind {
            CqlType::Map(..) => *random.of(&[Target::Keys, Target::Values, Target::Entries])?,
            CqlType::Set(_) | CqlType::List(_) => Target::Values,
            CqlType::Frozen(of) if is_collection(of) => Target::Full,
            _ => Target::Simple,
        };
        let index = Index { name, table: table.name.clone(), column: column.name.clone(), target };
        self.indexes.push(index.clone());
        Some(Said::CreateIndex(index))
    }

    fn drop_index(&mut self, random: &mut Random) -> Option<Said> {
        let index = random.of(&self.indexes)?.clone();
        self.indexes.retain(|other| other.name != index.name);
        Some(Said::DropIndex(index))
    }

    /// Makes one, or drops one.
    fn view(&mut self, random: &mut Random) -> Option<Said> {
        if let Some(view) = random.of(&self.views).cloned().filter(|_| random.is_one_in(2)) {
            self.views.retain(|other| other.name != view.name);
            return Some(Said::DropView(view));
        }
        let name = self.name("v");
        let table = random.of(&self.tables).filter(|table| !table.is_counter())?;
        let can_be_key = |column: &&Column| {
            column.key.is_none()
                && !column.is_static
                && !is_collection(&column.kind)
                && !column.has_duration()
        };
        let more = table.columns.iter().find(can_be_key);
        let of_table = table.columns.iter().filter(|column| column.key.is_some());
        let key: Vec<String> = more.into_iter().chain(of_table).map(|column| column.name.clone()).collect();
        let descending = key[1..].last().filter(|_| random.is_one_in(2)).cloned();
        let view = View { name, table: table.name.clone(), key, descending };
        self.views.push(view.clone());
        Some(Said::CreateView(view))
    }

    fn alter_table(&mut self, random: &mut Random) -> Option<Said> {
        let at = random.below(self.tables.len().max(1));
        let table = self.tables.get_mut(at)?;
        let (name, usual, other) =
            *random.of(&[("gc_grace_seconds", "864000", "7200"), ("comment", "''", "'it''s new'")])?;
        let was = table.options.iter().find(|(of, _)| *of == name);
        let from = was.map_or_else(|| usual.to_owned(), |(_, was)| was.clone());
        let to = if from == usual { other } else { usual };
        table.options.retain(|(of, _)| *of != name);
        if to != usual {
            table.options.push((name, to.to_owned()));
        }
        Some(Said::Option { table: table.name.clone(), name, from, to: to.to_owned() })
    }
}

fn kind(random: &mut Random, is_key: bool) -> CqlType {
    let simple = [CqlType::Int, CqlType::Text, CqlType::Uuid, CqlType::Date, CqlType::Inet, CqlType::Varint];
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
