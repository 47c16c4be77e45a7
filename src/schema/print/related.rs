//! Which tables can be joined, and which appear in one query.

use std::collections::{BTreeMap, BTreeSet};

use super::config::SameQuery;
use super::tables::{ForeignKey, Tables};

/// The foreign keys that `joinable!` can say: of one column to the primary key of another table, and the only
/// one between the two.
pub fn joinable(tables: &Tables) -> Vec<&ForeignKey> {
    let pair = |key: &ForeignKey| {
        let (one, other) = (&key.child, &key.parent);
        (one.min(other).clone(), one.max(other).clone())
    };
    let mut counts = BTreeMap::new();
    for key in &tables.foreign_keys {
        *counts.entry(pair(key)).or_insert(0) += 1;
    }
    let names: BTreeMap<&str, &[String]> =
        tables.tables.iter().map(|table| (table.name.as_str(), table.primary_key.as_slice())).collect();
    let fits = |key: &&ForeignKey| {
        let parent = names.get(key.parent.as_str());
        key.parent != key.child
            && names.contains_key(key.child.as_str())
            && key.columns.len() == 1
            && parent.is_some_and(|primary| matches!(primary, [one] if key.to_columns.first() == Some(one)))
            && counts.get(&pair(key)) == Some(&1)
    };
    let mut found: Vec<&ForeignKey> = tables.foreign_keys.iter().filter(fits).collect();
    found.sort();
    found
}

/// The tables that may appear in one query, as far as the configuration says so: groups of two or more.
pub fn groups<'a>(tables: &'a Tables, joinable: &[&'a ForeignKey], same: SameQuery) -> Vec<Vec<&'a str>> {
    let names = || tables.tables.iter().map(|table| table.name.as_str());
    let mut groups = match same {
        SameQuery::AllTables => vec![names().collect()],
        SameQuery::FkRelatedTables => connected(names(), joinable),
        SameQuery::None => Vec::new(),
    };
    groups.retain(|group: &Vec<&str>| group.len() > 1);
    groups
}

/// The tables that lead to one another by foreign keys, whichever way they point.
fn connected<'a>(names: impl Iterator<Item = &'a str>, joinable: &[&'a ForeignKey]) -> Vec<Vec<&'a str>> {
    let mut beside: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for key in joinable {
        beside.entry(&key.child).or_default().push(&key.parent);
        beside.entry(&key.parent).or_default().push(&key.child);
    }
    let mut seen = BTreeSet::new();
    let mut groups = Vec::new();
    for name in names {
        let mut group = BTreeSet::new();
        let mut next = vec![name];
        while let Some(name) = next.pop() {
            if seen.insert(name) {
                group.insert(name);
                next.extend(beside.get(name).into_iter().flatten());
            }
        }
        groups.push(group.into_iter().collect());
    }
    groups.sort();
    groups
}
