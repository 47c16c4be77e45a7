//! Which other things a text of SQL is about. It may find more than there is, never less: then only the order is
//! another one.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::model::words::{Kind, Language, Word, words};
use crate::schema::model::{Model, Name};

/// What can be needed, by its name without a schema.
#[derive(Debug, Default)]
pub struct Known {
    /// Enums, domains, composite types.
    types: BTreeMap<String, Vec<String>>,
    functions: BTreeMap<String, Vec<String>>,
    /// Sequences that no column owns.
    sequences: BTreeMap<String, Vec<String>>,
    /// Tables and views.
    relations: BTreeMap<String, Vec<String>>,
}

impl Known {
    pub fn of(model: &Model) -> Self {
        let mut known = Self::default();
        fn add(to: &mut BTreeMap<String, Vec<String>>, name: &str, id: String) {
            to.entry(name.to_owned()).or_default().push(id);
        }
        for name in model.enums.keys() {
            add(&mut known.types, &name.name, format!("enum {name}"));
        }
        for name in model.tables.keys() {
            add(&mut known.relations, &name.name, format!("table {name}"));
        }
        for name in model.views.keys() {
            add(&mut known.relations, &name.name, format!("view {name}"));
        }
        for called in model.others.keys() {
            let Some((kind, name)) = called.split_once(' ') else { continue };
            let name = name.split('(').next().unwrap_or(name);
            let plain = name.rsplit('.').next().unwrap_or(name);
            match kind {
                "domain" | "type" => add(&mut known.types, plain, called.clone()),
                "sequence" => add(&mut known.sequences, plain, called.clone()),
                "function" | "procedure" => add(&mut known.functions, plain, called.clone()),
                "virtual" => add(&mut known.relations, plain.trim_start_matches("table "), called.clone()),
                _ => {}
            }
        }
        known
    }

    /// Types, functions and sequences that are named in it; relations too, where they can be.
    pub fn mentioned(&self, sql: &str, relations: bool, found: &mut BTreeSet<String>) {
        let words = words(sql, Language::Standard);
        for (at, word) in words.iter().enumerate() {
            if word.kind == Kind::Text {
                // `nextval('s'::regclass)`.
                let inside = word.name().unwrap_or_default();
                let name = inside.rsplit('.').next().unwrap_or_default().trim_matches('"');
                found.extend(self.sequences.get(name).into_iter().flatten().cloned());
                continue;
            }
            let Some(name) = word.name().filter(|_| matches!(word.kind, Kind::Word | Kind::Quoted)) else {
                continue;
            };
            let next = words.get(at + 1);
            found.extend(self.types.get(&name).into_iter().flatten().cloned());
            if next.is_some_and(|next| next.is_mark('(')) {
                found.extend(self.functions.get(&name).into_iter().flatten().cloned());
            }
            if relations && is_relation(at.checked_sub(1).and_then(|at| words.get(at)), next) {
                found.extend(self.relations.get(&name).into_iter().flatten().cloned());
            }
        }
    }

    /// Everything that is named where types stand: `RETURNS SETOF videos`.
    #[cfg(feature = "postgres")]
    pub fn signature(&self, sql: &str, found: &mut BTreeSet<String>) {
        self.mentioned(sql, false, found);
        for word in words(sql, Language::Standard) {
            if let Some(name) = word.name().filter(|_| matches!(word.kind, Kind::Word | Kind::Quoted)) {
                found.extend(self.relations.get(&name).into_iter().flatten().cloned());
            }
        }
    }
}

/// Whether a name that stands between these can be one of a table.
fn is_relation(before: Option<&Word<'_>>, next: Option<&Word<'_>>) -> bool {
    let behind = before.is_some_and(|word| {
        word.is_any(&["FROM", "JOIN", "ONLY", "INTO", "UPDATE"]) || ["(", ",", "."].contains(&word.text)
    });
    behind || next.is_some_and(|word| word.is_mark('.'))
}

/// The name of a relation in a piece's id.
pub fn table_id(name: &Name) -> String {
    format!("table {name}")
}
