//! A migration that is a typed change, which knows its own way back.

use super::guess::Guess;
use super::layout::{Call, block, statement, text};
use super::templates::Against;

/// Where the statements of a body stand.
const INDENT: usize = 8;

/// The whole module; without a change one that is refused until it has one.
pub fn module(about: &str, change: Option<&str>, against: Against<'_>) -> String {
    let (head, kind) = (against.head(about), against.kind());
    let (used, change) = match change {
        Some(change) => ("", change.to_owned()),
        None => (
            "_",
            "        // In its place: `schema.create_table(\"…\", |t| { … });`, or what else it is to do.\n        \
             // Left empty, it is refused.\n"
                .to_owned(),
        ),
    };
    format!(
        "{head}
impl Change<{kind}> for Migration {{
    fn change(&self, {used}schema: &mut Schema<{kind}>) {{
{change}    }}
}}
"
    )
}

/// The change that a name says, where the database has such a thing, with a question that the name leaves.
pub fn change(guess: &Guess, against: Against<'_>) -> Option<String> {
    let (question, written) = match guess {
        Guess::RenameTable { .. } if against.is_cql() => return None,
        Guess::CreateIndex { columns, unique, .. } if against.is_cql() && (*unique || columns.len() > 1) => {
            return None;
        }
        Guess::AddColumn { table, column } if against.is_cql() => {
            let column = format!("|c| c.{}({})", cql_type_of(column), text(column));
            ("which type has it?", on_schema([Call::new("add_column", [text(table), column])]))
        }
        Guess::CreateTable { table } => {
            ("which other columns does it have?", create_table(table, None, against))
        }
        Guess::AddColumn { table, column } => {
            let column = [text(table), text(column), format!("|c| c.{}", type_of(column, against))];
            ("which type has it, and may it be NULL?", on_schema([Call::new("add_column", column)]))
        }
        Guess::DropColumn { table, column } => {
            let (kind, question) = match against.is_cql() {
                true => (format!("{}()", cql_type_of(column)), "which type had it?"),
                false => (type_of(column, against), "which type had it, and could it be NULL?"),
            };
            let was = Call::new("was", [format!("|c| c.{kind}")]);
            (question, on_schema([Call::new("drop_column", [text(table), text(column)]), was]))
        }
        Guess::RenameTable { from, to } => {
            ("is it a table?", on_schema([Call::new("rename_table", [text(from), text(to)])]))
        }
        Guess::RenameColumn { table, from, to } => {
            let names = [text(table), text(from), text(to)];
            let question = match against.is_cql() {
                true => "is it a column of the key? No other can be renamed.",
                false => "is it a column?",
            };
            (question, on_schema([Call::new("rename_column", names)]))
        }
        Guess::CreateIndex { table, columns, unique } => {
            ("is that its table?", create_index(table, columns, *unique, against))
        }
    };
    Some(format!("        // A guess from the name: {question}\n{written}"))
}

/// A table with a key, and `more` behind it.
pub fn create_table(table: &str, more: Option<Vec<Call>>, against: Against<'_>) -> String {
    let no_more = [""; 0];
    if against.is_cql() {
        let id = vec![Call::new("timeuuid", [text("id")]), Call::new("partition_key", no_more)];
        let created_at = vec![Call::new("timestamp", [text("created_at")])];
        return block(INDENT, "schema.create_table", table, "t", &[id, created_at]);
    }
    let id = match against.has_keys_in_no_order() {
        true => vec![
            Call::new("uuid", [text("id")]),
            Call::new("primary_key", no_more),
            Call::new("default_sql", [text("gen_random_uuid()")]),
        ],
        false => vec![
            Call::new("big_integer", [text("id")]),
            Call::new("primary_key", no_more),
            Call::new("auto_increment", no_more),
        ],
    };
    let created_at = vec![
        Call::new(against.timestamp(), [text("created_at")]),
        Call::new("not_null", no_more),
        Call::new("default_now", no_more),
    ];
    let columns: Vec<Vec<Call>> = [Some(id), more, Some(created_at)].into_iter().flatten().collect();
    block(INDENT, "schema.create_table", table, "t", &columns)
}

fn create_index(table: &str, columns: &[String], unique: bool, against: Against<'_>) -> String {
    let name = format!("idx_{table}_{}", columns.join("_"));
    let columns: Vec<String> = columns.iter().map(|column| text(column)).collect();
    let columns = columns.join(", ");
    let columns = if against.is_cql() { columns } else { format!("[{columns}]") };
    let mut calls = vec![Call::new("create_index", [text(&name), text(table), columns])];
    if unique {
        calls.push(Call::new("unique", [""; 0]));
    }
    if against.in_steps {
        calls.push(Call::new("concurrently", [""; 0]));
    }
    on_schema(calls)
}

fn on_schema(calls: impl IntoIterator<Item = Call>) -> String {
    statement(INDENT, "schema", &calls.into_iter().collect::<Vec<_>>())
}

impl Against<'_> {
    /// Steps are for what has no other way, as on CockroachDB, where a key that counts up ends in one place.
    fn has_keys_in_no_order(self) -> bool {
        self.name() == "PgConnection" && self.in_steps
    }

    fn timestamp(self) -> &'static str {
        if self.name() == "PgConnection" { "timestamp_with_time_zone" } else { "timestamp" }
    }
}

fn type_of(column: &str, against: Against<'_>) -> String {
    match column.rsplit('_').next() {
        Some("at") => format!("{}()", against.timestamp()),
        Some("count") => "integer().not_null().default(0)".to_owned(),
        Some("id") => "big_integer()".to_owned(),
        _ => "text()".to_owned(),
    }
}

fn cql_type_of(column: &str) -> &'static str {
    match column.rsplit('_').next() {
        Some("at") => "timestamp",
        Some("count") => "int",
        Some("id") => "bigint",
        _ => "text",
    }
}
