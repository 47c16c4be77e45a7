//! Directories as grown projects have them: the same kinds of changes for one subject after the other, written in the
//! format of whatever tool.

use std::fmt::Write as _;
use std::path::Path;

/// What the project is about; one round of changes each. A later one refers to the one before it.
const SUBJECTS: [(&str, &str); 12] = [
    ("customer", "customers"),
    ("product", "products"),
    ("purchase", "purchases"),
    ("invoice", "invoices"),
    ("payment", "payments"),
    ("shipment", "shipments"),
    ("warehouse", "warehouses"),
    ("ticket", "tickets"),
    ("campaign", "campaigns"),
    ("employee", "employees"),
    ("contract", "contracts"),
    ("device", "devices"),
];

/// What comes with Debian's server, and anybody may have who may make objects in the database.
const EXTENSIONS: [&str; 12] = [
    "citext",
    "pgcrypto",
    "uuid-ossp",
    "pg_trgm",
    "hstore",
    "btree_gin",
    "btree_gist",
    "fuzzystrmatch",
    "intarray",
    "ltree",
    "unaccent",
    "tablefunc",
];

/// All of them: twelve of each kind.
pub const ALL: usize = SUBJECTS.len();
/// What is enough to see that something is wrong: two of each kind.
pub const FEW: usize = 2;

/// One migration, in no format yet.
pub struct Change {
    name: String,
    up: String,
    down: String,
    /// Cannot run in a transaction.
    is_alone: bool,
}

/// How the files are named, by what `updown --format` calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Diesel,
    GolangMigrate,
    Goose,
    Rollback,
}

impl Format {
    pub const ALL: [Self; 4] = [Self::Diesel, Self::GolangMigrate, Self::Goose, Self::Rollback];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Diesel => "diesel",
            Self::GolangMigrate => "golang-migrate",
            Self::Goose => "goose",
            Self::Rollback => "rollback",
        }
    }
}

/// So many rounds of the templates: `-- migration: name`, what it does, `-- back`, and what undoes it.
pub fn changes(templates: &str, rounds: usize) -> Vec<Change> {
    SUBJECTS.iter().take(rounds).enumerate().flat_map(|(round, _)| of_round(templates, round)).collect()
}

fn of_round(templates: &str, round: usize) -> Vec<Change> {
    let (singular, plural) = SUBJECTS[round];
    let (_, before) = SUBJECTS[round.saturating_sub(1)];
    let names = [
        ("{s}", singular),
        ("{t}", plural),
        ("{p}", before),
        ("{n}", &(round + 1).to_string()),
        ("{x}", EXTENSIONS[round]),
    ];
    let text = names.iter().fold(templates.to_owned(), |text, (name, value)| text.replace(name, value));
    // Somebody in the project has an editor of Windows.
    let ends = |text: &str| if round % 4 == 1 { text.replace('\n', "\r\n") } else { text.to_owned() };
    let change = |text: &str| {
        let (head, body) = text.split_once('\n').expect("a name");
        let (up, down) = body.split_once("-- back\n").expect("a way back");
        let (name, is_alone) = head.strip_suffix(" alone").map_or((head, false), |name| (name, true));
        Change {
            name: format!("{plural}_{name}"),
            up: ends(up),
            down: ends(&format!("{}\n", down.trim_end())),
            is_alone,
        }
    };
    text.split("-- migration: ").skip(1).map(change).collect()
}

/// Writes the changes as files, the first one with that number.
pub fn write(directory: &Path, format: Format, changes: &[Change], first: usize) {
    std::fs::create_dir_all(directory).expect("a directory");
    for (change, number) in changes.iter().zip(first..) {
        change.write(directory, format, number);
    }
}

impl Change {
    fn write(&self, directory: &Path, format: Format, number: usize) {
        let Self { name, up, down, is_alone } = self;
        let (month, day) = (number / 28, number % 28 + 1);
        let (year, month) = (2022 + month / 12, month % 12 + 1);
        let file = |name: String, text: &str| std::fs::write(directory.join(name), text).expect("a file");
        match format {
            Format::Diesel => {
                let folder = format!("{year}-{month:02}-{day:02}-120000_{name}");
                std::fs::create_dir_all(directory.join(&folder)).expect("a folder");
                file(format!("{folder}/up.sql"), up);
                file(format!("{folder}/down.sql"), down);
                if *is_alone {
                    file(format!("{folder}/metadata.toml"), "run_in_transaction = false\n");
                }
            }
            Format::GolangMigrate => {
                file(format!("{number:06}_{name}.up.sql"), up);
                file(format!("{number:06}_{name}.down.sql"), down);
            }
            Format::Goose => {
                let mut text = String::new();
                if *is_alone {
                    text.push_str("-- +goose NO TRANSACTION\n");
                }
                for (way, sql) in [("Up", up), ("Down", down)] {
                    writeln!(text, "-- +goose {way}\n-- +goose StatementBegin\n{sql}-- +goose StatementEnd")
                        .expect("a text");
                }
                file(format!("{number:05}_{name}.sql"), &text);
            }
            Format::Rollback => {
                let stem = format!("{year}{month:02}{day:02}_120000_{name}");
                let whole = |sql: &str| {
                    if *is_alone { sql.to_owned() } else { format!("BEGIN;\n\n{sql}\nCOMMIT;\n") }
                };
                file(format!("{stem}.sql"), &whole(up));
                file(format!("{stem}_rollback.sql"), &whole(down));
            }
        }
    }
}
