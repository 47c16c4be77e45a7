//! What differs, table by table, put in an order in which it can be changed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::beside::Extras;
use super::from_model::FromModel;
use super::lookup::{Lookup, Names};
use super::{Diff, Needed, PossibleRename};
use crate::schema::declared::{Declared, DeclaredTable, Place, Problem, Types};
use crate::schema::model::{ForeignKey, Index, Model, Name, Table};
use crate::schema::op::Op;
use crate::store::Database;

/// When something is done: what stands in the way goes first, what refers to others comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    DropForeignKey,
    DropIndex,
    DropConstraint,
    DropTable,
    CreateTable,
    AddColumn,
    ChangeColumn,
    DropColumn,
    AddConstraint,
    AddForeignKey,
    CreateIndex,
}

/// A foreign key that has to go for a while, or for good.
pub struct Cut<'a> {
    pub table: &'a Name,
    pub key: &'a ForeignKey,
    pub because: String,
}

/// All that is known, and what was found so far.
pub struct Differ<'a> {
    pub database: Database,
    pub model: &'a Model,
    pub declared: &'a Declared,
    pub lookup: Lookup<'a>,
    pub names: Names,
    pub from: FromModel<'a>,
    pub types: Types<'a>,
    /// What stands beside each table, by the key of its name.
    pub extras: HashMap<Name, Extras>,
    /// The tables that go, by the keys of their names.
    pub going: BTreeSet<Name>,
    /// Foreign keys that go, by their table and their place there.
    pub cuts: BTreeMap<(Name, usize), Cut<'a>>,
    /// Indexes and checks that go, by their table and what they are called.
    pub gone: HashSet<(Name, String)>,
    /// Names of what has one of its own in a schema.
    pub taken: HashSet<(Option<String>, String)>,
    pub renames: Vec<PossibleRename>,
    pub notes: Vec<String>,
    pub problems: Vec<Problem>,
    phases: BTreeMap<Phase, Vec<Needed>>,
}

pub fn diff(
    database: Database,
    model: &Model,
    declared: &Declared,
    is_meant: &dyn Fn(&Name) -> bool,
) -> Result<Diff, Vec<Problem>> {
    let names = Names::new(database, model);
    let mut differ = Differ {
        database,
        model,
        declared,
        lookup: Lookup::new(names, model, declared),
        names,
        from: FromModel { database, model },
        types: Types { database, model },
        extras: HashMap::new(),
        going: BTreeSet::new(),
        cuts: BTreeMap::new(),
        gone: HashSet::new(),
        taken: HashSet::new(),
        renames: Vec::new(),
        notes: Vec::new(),
        problems: Vec::new(),
        phases: BTreeMap::new(),
    };
    differ.take_names();
    differ.collect_extras();
    let left = differ.left_over(is_meant);
    differ.drop_tables(&left);
    let mut new: Vec<&DeclaredTable> = Vec::new();
    for table in &declared.tables {
        match differ.lookup.table(&table.name) {
            Some((name, found)) => differ.change_table(table, name, found),
            None if differ.is_no_table(&table.name) => {}
            None => new.push(table),
        }
    }
    differ.create_tables(&new);
    differ.possible_tables(&new, &left);
    differ.settle_cuts();
    if !differ.problems.is_empty() {
        return Err(differ.problems);
    }
    let mut needed: Vec<Needed> = std::mem::take(&mut differ.phases).into_values().flatten().collect();
    super::alone::settle(&mut needed);
    Ok(Diff { needed, renames: differ.renames, notes: differ.notes })
}

impl<'a> Differ<'a> {
    pub fn add(&mut self, phase: Phase, needed: Needed) {
        self.phases.entry(phase).or_default().push(needed);
    }

    /// One that takes nothing away.
    pub fn need(&mut self, phase: Phase, op: Op, at: Option<&Place>) {
        let is_addition = matches!(
            op,
            Op::CreateTable(_) | Op::AddColumn { .. } | Op::CreateIndex(_) | Op::AddConstraint { .. }
        );
        self.add(phase, Needed::new(op, at).addition(is_addition));
    }

    /// Drops an index, as far as it does not go anyway.
    pub fn drop_index(&mut self, table: &Name, index: &Index, loses: Option<String>, at: Option<&Place>) {
        if !self.gone.insert((self.names.key_of(table), format!("index {}", index.name))) {
            return;
        }
        let op = self.from.drop_index(table, index);
        self.give_back(table, &index.name);
        self.add(Phase::DropIndex, Needed { loses, ..Needed::new(op, at) });
    }

    pub fn is_index_gone(&self, table: &Name, index: &Index) -> bool {
        self.gone.contains(&(self.names.key_of(table), format!("index {}", index.name)))
    }

    pub fn needed_mut(&mut self) -> impl Iterator<Item = &mut Needed> {
        self.phases.values_mut().flatten()
    }

    /// That a foreign key has to go, as far as it is not gone already.
    pub fn cut(&mut self, table: &'a Name, key: &'a ForeignKey, because: impl Into<String>) {
        let Some((_, of)) = self.lookup.table(table) else { return };
        let Some(at) = of.foreign_keys.iter().position(|other| std::ptr::eq(other, key)) else { return };
        let id = (self.names.key_of(table), at);
        self.cuts.entry(id).or_insert_with(|| Cut { table, key, because: because.into() });
    }

    pub fn is_cut(&self, table: &Name, key: &ForeignKey) -> bool {
        self.cuts
            .values()
            .any(|cut| std::ptr::eq(cut.key, key) && self.names.key_of(cut.table) == self.names.key_of(table))
    }

    /// Those that refer to a table.
    pub fn referrers(&self, table: &Name) -> Vec<(&'a Name, &'a ForeignKey)> {
        self.lookup.referrers.get(&self.names.key_of(table)).cloned().unwrap_or_default()
    }

    /// What is declared as a table and is something else.
    fn is_no_table(&mut self, name: &Name) -> bool {
        let called = self.names.of_table(name);
        let kinds = ["foreign table", "virtual table"];
        let other = kinds.iter().find(|kind| self.model.others.contains_key(&format!("{kind} {called}")));
        let kind = match other {
            Some(kind) => *kind,
            None if self.lookup.is_view(name) => "view",
            None => return false,
        };
        self.notes.push(format!("{called} is a {kind}: neither it nor its columns are compared"));
        true
    }

    /// Tables that are meant and that nobody declares.
    fn left_over(&mut self, is_meant: &dyn Fn(&Name) -> bool) -> Vec<(&'a Name, &'a Table)> {
        let mut left = Vec::new();
        for (name, table) in &self.model.tables {
            if self.lookup.declared(name).is_some() || !is_meant(name) {
                continue;
            }
            // What `table!` could not say is not missing there.
            let why = if table.primary_key.is_none() && self.database != Database::Sqlite {
                "it has no primary key, without which Diesel cannot declare it"
            } else if table.partition_of.is_some() {
                "it is a partition"
            } else if name.name.starts_with("__") {
                "its name begins with two underscores"
            } else {
                left.push((name, table));
                continue;
            };
            self.notes.push(format!("the table {name} is declared nowhere, and left alone: {why}"));
        }
        self.going = left.iter().map(|(name, _)| self.names.key_of(name)).collect();
        left
    }
}
