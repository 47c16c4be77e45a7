//! Pairs of declared keyspaces that nobody has thought of: one is made, and brought to the other.
//! Of one that fails, the seed is printed: `UPDOWN_TEST_SEED=… .ci/test --lib -- cql::tests::on_cassandra` runs it alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{Server, carried_out, declared, is_empty};
use crate::schema::cql::diff::{Rename, diff};
use crate::schema::cql::inspect::inspect;

/// All of them in `make test-full`.
const PAIRS: u64 = 30;
const SOME: u64 = 5;

/// Numbers that are the same each time: <https://prng.di.unimi.it/splitmix64.c>
struct Random(u64);

impl Random {
    fn below(&mut self, many: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        mixed % many
    }

    fn is(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// Says which one it was where the test ends too early.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("with UPDOWN_TEST_SEED={}", self.0);
        }
    }
}

/// Fields, each of which may be in a type; the first one always is.
const FIELDS: [&str; 4] = ["a int", "\"B\" text", "c frozen<list<uuid>>", "d tuple<int, text>"];

/// The keys of the tables, and the order of the last column.
const KEYS: [(&str, &str, &str); 4] = [
    ("id uuid", "(id)", ""),
    ("a int, \"B\" text", "((a), \"B\")", " WITH CLUSTERING ORDER BY (\"B\" DESC)"),
    ("a int, b date, c timeuuid", "((a, b), c)", ""),
    ("x bigint, y int, z text", "(x, y, z)", " WITH CLUSTERING ORDER BY (y DESC, z ASC)"),
];

/// Columns, each of which may be in a table: name, type, and what of it can be in an index.
const COLUMNS: [(&str, &str, &str); 12] = [
    ("title", "text", "title"),
    ("\"Odd One\"", "int", "\"Odd One\""),
    ("\"select\"", "timestamp", "\"select\""),
    ("tags", "set<text>", "tags"),
    ("counts", "map<text, int>", "entries(counts)"),
    ("keyed", "map<text, frozen<list<int>>>", "keys(keyed)"),
    ("frozen_one", "frozen<list<text>>", "full(frozen_one)"),
    ("pair", "tuple<int, frozen<set<text>>>", "pair"),
    ("embedding", "vector<float, 3>", ""),
    ("took", "duration", ""),
    ("of_one", "frozen<one>", "of_one"),
    ("of_two", "list<frozen<\"Two\">>", ""),
];

const OPTIONS: [(&str, [&str; 2]); 5] = [
    ("comment", ["'it''s'", "'another; one'"]),
    ("gc_grace_seconds", ["3600", "7200"]),
    ("default_time_to_live", ["60", "0"]),
    (
        "compaction",
        [
            "{'class': 'LeveledCompactionStrategy'}",
            "{'class': 'SizeTieredCompactionStrategy', 'max_threshold': 16}",
        ],
    ),
    ("speculative_retry", ["'90PERCENTILE'", "'NEVER'"]),
];

/// What is drawn: enough of it to write it down, and to draw another that CQL can bring it to.
#[derive(Clone, Default)]
struct Drawn {
    types: BTreeMap<&'static str, BTreeSet<usize>>,
    tables: BTreeMap<String, Table>,
}

#[derive(Clone, Default)]
struct Table {
    /// Which key it has, and how often its last column got another name.
    key: usize,
    renamed: usize,
    columns: BTreeSet<usize>,
    indexes: BTreeSet<usize>,
    /// Whether it has all columns.
    view: Option<bool>,
    options: BTreeMap<usize, usize>,
}

impl Drawn {
    /// Two types and up to four tables, independent of what `before` has but for what cannot change. One that
    /// `goes_back` is such that every change is undone.
    fn draw(random: &mut Random, before: &Self, goes_back: bool) -> Self {
        let mut drawn = Self::default();
        for name in ["one", "\"Two\""] {
            let mut fields: BTreeSet<usize> = (1..FIELDS.len()).filter(|_| random.is(50)).collect();
            fields.insert(0);
            // A field is never taken away.
            if goes_back && before.types.contains_key(name) {
                fields.clear();
            }
            fields.extend(before.types.get(name).into_iter().flatten());
            drawn.types.insert(name, fields);
        }
        for number in 0..4 {
            let name = if number == 0 { "\"T0\"".to_owned() } else { format!("t{number}") };
            if random.is(70) {
                let table = Table::draw(random, number, before.tables.get(&name), goes_back);
                drawn.tables.insert(name, table);
            }
        }
        drawn
    }

    fn statements(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (name, fields) in &self.types {
            let fields: Vec<&str> = fields.iter().map(|field| FIELDS[*field]).collect();
            all.push(format!("CREATE TYPE {name} ({})", fields.join(", ")));
        }
        for (name, table) in &self.tables {
            all.extend(table.statements(name));
        }
        all
    }

    /// Those of the second one.
    fn renames(&self, other: &Self) -> Vec<Rename> {
        let mut all = Vec::new();
        for (name, table) in &other.tables {
            if let Some(before) = self.tables.get(name).filter(|before| before.renamed != table.renamed) {
                let name = name.trim_matches('"').to_owned();
                all.push(Rename::Column { table: name, from: before.last(), to: table.last() });
            }
        }
        all
    }
}

impl Table {
    fn draw(random: &mut Random, number: u64, before: Option<&Self>, goes_back: bool) -> Self {
        let key = usize::try_from(number).expect("few") % KEYS.len();
        let mut columns: BTreeSet<usize> = (0..COLUMNS.len()).filter(|_| random.is(40)).collect();
        if goes_back {
            // Those of user-defined types are not added again once they are dropped.
            columns.extend([COLUMNS.len() - 1, COLUMNS.len() - 2]);
        }
        let can_be_indexed = |column: &&usize| !COLUMNS[**column].2.is_empty();
        let indexes = columns.iter().filter(can_be_indexed).filter(|_| random.is(30)).copied().collect();
        let view = (!goes_back && random.is(40)).then(|| random.is(50));
        let mut options = BTreeMap::new();
        for option in 0..OPTIONS.len() {
            if random.is(30) {
                options.insert(option, usize::try_from(random.below(2)).expect("few"));
            }
        }
        let renamed = before.map_or(0, |before| before.renamed) + usize::from(random.is(30));
        Self { key, renamed, columns, indexes, view, options }
    }

    /// The name of the key's last column.
    fn last(&self) -> String {
        let last = KEYS[self.key].0.rsplit(", ").next().and_then(|column| column.split(' ').next());
        let last = last.unwrap_or_default().trim_matches('"');
        if self.renamed == 0 { last.to_owned() } else { format!("{last} {}", self.renamed) }
    }

    /// A text about the key, with the name that its last column has.
    fn with_names(&self, text: &str) -> String {
        let was = Self { renamed: 0, ..self.clone() }.last();
        let mut all = String::new();
        for word in text.split_inclusive([' ', ',', ')', '(']) {
            let name = word.trim_end_matches([' ', ',', ')', '(']);
            match name.trim_matches('"') == was && !name.is_empty() {
                true => all.push_str(&word.replace(name, &format!("\"{}\"", self.last()))),
                false => all.push_str(word),
            }
        }
        all
    }

    fn statements(&self, name: &str) -> Vec<String> {
        let (columns, key, order) = KEYS[self.key];
        let (columns, key, order) = (self.with_names(columns), self.with_names(key), self.with_names(order));
        let others: String =
            self.columns.iter().map(|of| format!(", {} {}", COLUMNS[*of].0, COLUMNS[*of].1)).collect();
        let mut with: Vec<String> =
            (!order.is_empty()).then(|| order.replace(" WITH ", "")).into_iter().collect();
        with.extend(
            self.options.iter().map(|(of, value)| format!("{} = {}", OPTIONS[*of].0, OPTIONS[*of].1[*value])),
        );
        let with = if with.is_empty() { String::new() } else { format!(" WITH {}", with.join(" AND ")) };
        let mut all = vec![format!("CREATE TABLE {name} ({columns}{others}, PRIMARY KEY {key}){with}")];
        let bare = name.trim_matches('"');
        for index in &self.indexes {
            all.push(format!("CREATE INDEX {bare}_{index} ON {name} ({})", COLUMNS[*index].2));
        }
        if let Some(has_all) = self.view
            && let Some(by) = [0, 1].into_iter().find(|column| self.columns.contains(column))
        {
            let by = COLUMNS[by].0;
            let names: Vec<String> = columns
                .split(", ")
                .map(|column| column.rsplit_once(' ').map_or(column, |(name, _)| name).to_owned())
                .collect();
            let key = format!("{by}, {}", names.join(", "));
            let wanted: Vec<String> = std::iter::once(by)
                .chain(names.iter().map(String::as_str))
                .map(|name| format!("{name} IS NOT NULL"))
                .collect();
            all.push(format!(
                "CREATE MATERIALIZED VIEW {bare}_view AS SELECT {} FROM {name} WHERE {} PRIMARY KEY ({key})",
                if has_all { "*" } else { &key },
                wanted.join(" AND ")
            ));
        }
        all
    }
}

#[test]
fn any_keyspace_is_brought_to_any_other() {
    let is_full = std::env::var_os("UPDOWN_TEST_FULL").is_some();
    let seeds: Vec<u64> = match std::env::var("UPDOWN_TEST_SEED") {
        Ok(seed) => vec![seed.parse().expect("a number")],
        Err(_) => (1..=if is_full { PAIRS } else { SOME }).collect(),
    };
    let (mut changes, mut undone) = (0, 0);
    for seed in seeds {
        let said = Seed(seed);
        let mut random = Random(seed);
        let goes_back = random.is(50);
        let before = Drawn::draw(&mut random, &Drawn::default(), goes_back);
        let after = Drawn::draw(&mut random, &before, goes_back);
        let Some(mut server) = Server::with(&before.statements()) else { return };
        let there = inspect(&mut server.conn).expect("a keyspace");
        let text = after.statements().join(";\n");
        let wanted = declared(&text);
        let found = diff(&there, &wanted, &before.renames(&after));
        assert_eq!((&found.problems, &found.renames), (&Vec::new(), &Vec::new()), "{text}");
        let (up, down) = carried_out(&found);
        assert!(down.is_some() || !goes_back, "{up:#?}");
        changes += up.len();
        server.execute(&up);
        is_empty(&server.diff(&wanted), &format!("{}\n\n{text}", up.join(";\n")));
        if let Some(down) = down {
            undone += down.len();
            server.execute(&down);
            assert_eq!(inspect(&mut server.conn).expect("a keyspace").facts(), there.facts());
        }
        drop(said);
    }
    assert!(changes > 40 || std::env::var_os("UPDOWN_TEST_SEED").is_some(), "{changes}");
    assert!(undone > 10 || std::env::var_os("UPDOWN_TEST_SEED").is_some(), "{undone}");
    eprintln!("{changes} changes, {undone} undone");
}
