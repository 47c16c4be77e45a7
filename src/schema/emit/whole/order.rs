//! An order in which each thing comes behind what it needs.

use std::collections::BTreeSet;

use crate::schema::op::Op;

/// A thing with its changes.
#[derive(Debug)]
pub struct Piece {
    /// `table videos`, `function f`: what others call it by.
    pub id: String,
    /// What has to be there before it.
    pub needs: BTreeSet<String>,
    /// What its foreign keys refer to: they can come later.
    pub refers: BTreeSet<String>,
    pub changes: Changes,
}

/// Makes a table, where these things are there.
pub type Make = dyn FnOnce(&BTreeSet<String>) -> Table;

/// What makes it.
pub enum Changes {
    Ops(Vec<Op>),
    /// A table: its changes by what is there before it, and those of its foreign keys that have to wait.
    Table(Box<Make>),
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Ops(_)) { "Ops" } else { "Table" })
    }
}

/// A table as it is made.
#[derive(Debug, Default)]
pub struct Table {
    pub now: Vec<Op>,
    /// Behind all tables.
    pub later: Vec<Op>,
}

/// All of them. Of what is ready, what stands first comes first. In a circle, a foreign key waits; where there is
/// none, what stands first has to try.
pub fn in_order(mut pieces: Vec<Piece>) -> Vec<Op> {
    let all: BTreeSet<String> = pieces.iter().map(|piece| piece.id.clone()).collect();
    let (mut there, mut ops, mut later) = (BTreeSet::new(), Vec::new(), Vec::new());
    while !pieces.is_empty() {
        let missing = |needs: &BTreeSet<String>, id: &String| {
            needs.iter().any(|need| need != id && all.contains(need) && !there.contains(need))
        };
        let ready = pieces
            .iter()
            .position(|piece| !missing(&piece.needs, &piece.id) && !missing(&piece.refers, &piece.id))
            .or_else(|| pieces.iter().position(|piece| !missing(&piece.needs, &piece.id)))
            .unwrap_or(0);
        let piece = pieces.remove(ready);
        there.insert(piece.id);
        match piece.changes {
            Changes::Ops(made) => ops.extend(made),
            Changes::Table(make) => {
                let made = make(&there);
                ops.extend(made.now);
                later.extend(made.later);
            }
        }
    }
    ops.extend(later);
    ops
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(pieces: &[(&str, &[&str], &[&str])]) -> Vec<String> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let piece = |(id, needs, refers): &(&str, &[&str], &[&str])| Piece {
            id: (*id).to_owned(),
            needs: names(needs),
            refers: names(refers),
            changes: Changes::Ops(vec![Op::CreateExtension { name: (*id).to_owned() }]),
        };
        let ops = in_order(pieces.iter().map(piece).collect());
        ops.iter().flat_map(Op::names).map(str::to_owned).collect()
    }

    #[test]
    fn each_comes_behind_what_it_needs() {
        assert_eq!(order(&[("a", &["c"], &[]), ("b", &[], &[]), ("c", &["x"], &["b"])]), ["b", "c", "a"]);
        // A circle is cut where that can be done.
        assert_eq!(order(&[("a", &["b"], &[]), ("b", &[], &["a"])]), ["b", "a"]);
        assert_eq!(order(&[("a", &["b"], &[]), ("b", &["a"], &[]), ("c", &[], &["c"])]), ["c", "a", "b"]);
    }
}
