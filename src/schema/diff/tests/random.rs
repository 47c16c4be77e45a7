//! Random schemas, as text and beside it.

use crate::schema::op::{DefaultValue, ForeignKeyAction};
use crate::schema::{Beside, asc, desc, expression};
use crate::store::Database;

/// xorshift64*, so that a seed gives the same schemas everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn of<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }
}

/// Where `UPDOWN_SEED` says, else somewhere.
pub fn seed() -> u64 {
    let said = std::env::var("UPDOWN_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = said.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(1, |now| now.as_nanos() as u64 % 1_000_000_007)
    });
    println!("UPDOWN_SEED={seed}");
    seed
}

const TABLES: [&str; 6] = ["videos", "users", "order", "Odd name", "notes", "a_b"];
const COLUMNS: [&str; 9] = ["title", "select", "Mixed", "views", "slug", "at", "with space", "group", "flag"];
const SQLITE: [&str; 12] = [
    "Text",
    "Integer",
    "BigInt",
    "SmallInt",
    "Bool",
    "Double",
    "Float",
    "Binary",
    "Timestamp",
    "Date",
    "Numeric",
    "VarChar",
];
const POSTGRES: [&str; 18] = [
    "Text",
    "Int4",
    "BigInt",
    "SmallInt",
    "Bool",
    "Double",
    "Float4",
    "Bytea",
    "Timestamp",
    "Timestamptz",
    "Date",
    "Numeric",
    "Varchar",
    "Jsonb",
    "Uuid",
    "Array<Nullable<Text>>",
    "Inet",
    "Interval",
];

/// A table of a random schema.
#[derive(Clone, Debug)]
pub struct Made {
    name: &'static str,
    key: Vec<String>,
    columns: Vec<(String, String, bool, Option<u32>)>,
    /// Column, table.
    joins: Vec<(String, &'static str)>,
    beside: Vec<Extra>,
}

#[derive(Clone, Debug)]
enum Extra {
    Index(Vec<String>, bool, bool, bool),
    Lower(String),
    Unique(Vec<String>),
    Check(String, i64),
    Default(String, DefaultValue),
    Cascade(String, &'static str),
}

pub fn schema(random: &mut Random, database: Database) -> Vec<Made> {
    let types: &[&str] = if database == Database::Sqlite { &SQLITE } else { &POSTGRES };
    let mut tables: Vec<Made> = Vec::new();
    for name in TABLES {
        if random.one_in(3) {
            continue;
        }
        let mut columns = vec![("id".to_owned(), random.of(&["BigInt", "Integer"]).to_string(), false, None)];
        for column in COLUMNS {
            if random.one_in(2) {
                continue;
            }
            let kind = random.of(types).to_string();
            let sized = kind.to_lowercase() == "varchar" && random.one_in(2);
            let length = sized.then(|| [20, 40][random.below(2)]);
            columns.push((column.to_owned(), kind, random.one_in(2), length));
        }
        let mut key = vec!["id".to_owned()];
        if let Some((second, ..)) = columns.get(1).filter(|(.., nullable, _)| !nullable)
            && !random.one_in(4)
        {
            let can_be = !columns[1].1.contains("Json") || database == Database::Sqlite;
            key.extend(Some(second.clone()).filter(|_| can_be && random.one_in(3)));
        }
        tables.push(Made { name, key, columns, joins: Vec::new(), beside: Vec::new() });
    }
    let targets: Vec<(&'static str, String)> = tables
        .iter()
        .filter(|table| table.key.len() == 1)
        .map(|table| (table.name, table.columns[0].1.clone()))
        .collect();
    for table in &mut tables {
        for (to, kind) in &targets {
            if !random.one_in(3) {
                continue;
            }
            let column = format!("{}_ref", to.to_lowercase().replace(' ', "_"));
            table.columns.push((column.clone(), kind.clone(), random.one_in(2), None));
            if random.one_in(3) {
                table.beside.push(Extra::Cascade(column, to));
            } else {
                table.joins.push((column, to));
            }
        }
        extras(random, table);
    }
    tables
}

fn extras(random: &mut Random, table: &mut Made) {
    let comparable = |kind: &str| !["Jsonb", "Inet"].contains(&kind) && !kind.starts_with("Array");
    let plain: Vec<(String, String)> = table
        .columns
        .iter()
        .filter(|(_, kind, ..)| comparable(kind))
        .map(|(name, kind, ..)| (name.clone(), kind.clone()))
        .collect();
    for _ in 0..random.below(4) {
        let (first, kind) = random.of(&plain).clone();
        let (second, _) = random.of(&plain).clone();
        let mut both = vec![first.clone()];
        both.extend(Some(second).filter(|second| *second != first));
        let is_number = ["BigInt", "Integer", "Int4"].contains(&&*kind);
        let is_text = ["Text", "VarChar", "Varchar"].contains(&&*kind);
        table.beside.push(match random.below(6) {
            0 => Extra::Index(both, random.one_in(3), random.one_in(3), random.one_in(3)),
            1 if is_text => Extra::Lower(first),
            2 => Extra::Unique(both),
            3 if is_number => Extra::Check(first, [0, 7][random.below(2)]),
            4 if is_number && first != "id" && !first.ends_with("_ref") => {
                Extra::Default(first, DefaultValue::Integer([0, 5][random.below(2)]))
            }
            5 if is_text => Extra::Default(first, DefaultValue::Text("it's".to_owned())),
            _ => continue,
        });
    }
}

fn rust(name: &str) -> String {
    let name = name.replace(' ', "_").to_lowercase();
    format!("{name}_")
}

/// As `schema.rs`.
pub fn text(tables: &[Made]) -> String {
    let mut text = String::new();
    for table in tables {
        let key: Vec<String> = table.key.iter().map(|key| rust(key)).collect();
        text.push_str(&format!(
            "diesel::table! {{\n    #[sql_name = {:?}]\n    {} ({}) {{\n",
            table.name,
            rust(table.name),
            key.join(", ")
        ));
        for (name, kind, nullable, length) in &table.columns {
            let kind = if *nullable { format!("Nullable<{kind}>") } else { kind.clone() };
            if let Some(length) = length {
                text.push_str(&format!("        #[max_length = {length}]\n"));
            }
            text.push_str(&format!("        #[sql_name = {name:?}]\n        {} -> {kind},\n", rust(name)));
        }
        text.push_str("    }\n}\n\n");
    }
    for table in tables {
        for (column, to) in &table.joins {
            text.push_str(&format!(
                "diesel::joinable!({} -> {} ({}));\n",
                rust(table.name),
                rust(to),
                rust(column)
            ));
        }
    }
    text
}

/// What stands beside it.
pub fn beside(tables: &[Made], schema: &mut Beside) {
    for table in tables {
        let quoted = |name: &str| crate::schema::render::quoted(name);
        schema.table(table.name, |t| {
            for extra in &table.beside {
                match extra {
                    Extra::Index(columns, unique, first_desc, condition) => {
                        let keys = columns.iter().enumerate().map(|(at, name)| {
                            if at == 0 && *first_desc { desc(name.clone()) } else { asc(name.clone()) }
                        });
                        let index = t.index(keys);
                        let index = if *unique { index.unique() } else { index };
                        if *condition {
                            index.only_where(format!("{} IS NOT NULL", quoted(&columns[0])));
                        }
                    }
                    Extra::Lower(column) => {
                        t.index([expression(format!("lower({})", quoted(column)))]);
                    }
                    Extra::Unique(columns) => {
                        t.unique(columns.clone());
                    }
                    Extra::Check(column, least) => {
                        t.check(format!("{0} >= {least} OR {0} IN (-1, -2)", quoted(column)));
                    }
                    Extra::Default(column, value) => t.default(column.clone(), value.clone()),
                    Extra::Cascade(column, to) => {
                        let key = t.foreign_key([column.clone()], *to, ["id"]);
                        key.on_delete(ForeignKeyAction::Cascade);
                    }
                }
            }
        });
    }
}
