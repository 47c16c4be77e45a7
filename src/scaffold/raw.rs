//! A migration that is written by hand, whose bodies are statements.

use super::guess::Guess;
use super::templates::Against;

struct Body {
    is_written: bool,
    up: String,
    down: String,
}

/// The whole module.
pub fn module(about: &str, guess: Option<&Guess>, against: Against<'_>) -> String {
    let body = guess.and_then(|guess| against.guessed(guess)).unwrap_or_else(|| against.unwritten());
    let Body { is_written, up, down } = body;
    let (head, kind) = (against.head(about), against.kind());
    let name = if against.in_steps { "steps" } else { "conn" };
    let used = if is_written { "" } else { "_" };
    format!(
        "{head}
impl Up<{kind}> for Migration {{
    fn up(&self, {used}{name}: &mut {kind}) -> Result {{
{up}    }}
}}

impl Down<{kind}> for Migration {{
    fn down(&self, {used}{name}: &mut {kind}) -> Result {{
{down}    }}
}}
"
    )
}

/// A module that runs again whenever it changes: without a way back.
pub fn repeatable(about: &str, against: Against<'_>) -> String {
    let (head, kind) = (against.head(about), against.kind());
    let name = if against.in_steps { "steps" } else { "conn" };
    let up = against.unwritten_with("DROP VIEW IF EXISTS …", "").up;
    format!(
        "{head}
// Runs again whenever this module changes: what it does has to be possible twice. `Down` is for what a rollback is to undo.
impl Up<{kind}> for Migration {{
    fn up(&self, _{name}: &mut {kind}) -> Result {{
{up}    }}
}}
"
    )
}

impl Against<'_> {
    /// The statements, where they are as clear as the name is.
    fn guessed(self, guess: &Guess) -> Option<Body> {
        let (up, down, question) = match guess {
            Guess::CreateTable { table } => {
                let table = identifier(table);
                let (id, created_at) = self.columns();
                let up = format!(
                    "CREATE TABLE {table} (\n                {id},\n                {created_at}\n            )"
                );
                (up, format!("DROP TABLE {table}"), "which columns does it have?")
            }
            Guess::AddColumn { table, column } => {
                let (column, table) = (identifier(column), identifier(table));
                let kind = type_of(&column, self);
                let (added, question) = match self.is_cql() {
                    true => ("", "which type has it?"),
                    false => ("COLUMN ", "which type has it, and may it be NULL?"),
                };
                let up = format!("ALTER TABLE {table} ADD {added}{column} {kind}");
                (up, format!("ALTER TABLE {table} DROP {added}{column}"), question)
            }
            _ => return None,
        };
        let comment = format!("A guess from the name: {question}");
        let up = self.statement(Some(&comment), &up);
        Some(Body { is_written: true, up, down: self.statement(None, &down) })
    }

    /// Bodies that fail: an empty one would be entered as applied.
    fn unwritten(self) -> Body {
        self.unwritten_with("CREATE TABLE …", "DROP TABLE …")
    }

    fn unwritten_with(self, up: &str, down: &str) -> Body {
        let body = |way: &str, example: &str| {
            let example = match self {
                _ if self.in_steps => format!("`steps.run(\"{example}\")`"),
                _ if self.is_cql() => format!("`conn.execute(\"{example}\", ())?;` and `Ok(())`"),
                _ => format!("`conn.batch_execute(\"{example}\")?;` and `Ok(())`"),
            };
            format!(
                "        // In its place: {example}.\n        \
                 Err(std::io::Error::other(\"its way {way} is not written yet\").into())\n"
            )
        };
        Body { is_written: false, up: body("up", up), down: body("down", down) }
    }

    /// One statement, broken where rustfmt breaks it.
    fn statement(self, comment: Option<&str>, sql: &str) -> String {
        let comment = comment.map(|comment| format!("        // {comment}\n")).unwrap_or_default();
        let sql = sql.replace('"', "\\\"");
        let (call, values, end) = match self {
            _ if self.in_steps => ("steps.run", "", "\n"),
            _ if self.is_cql() => ("conn.execute", "()", "?;\n        Ok(())\n"),
            _ => ("conn.batch_execute", "", "?;\n        Ok(())\n"),
        };
        let (behind, below) = match values {
            "" => (String::new(), String::new()),
            values => (format!(", {values}"), format!("            {values},\n")),
        };
        let short = format!("        {call}(\"{sql}\"{behind})");
        if sql.contains('\n') || short.len() + 2 > 100 {
            return format!("{comment}        {call}(\n            \"{sql}\",\n{below}        ){end}");
        }
        format!("{comment}{short}{end}")
    }

    /// The columns that every new table has.
    fn columns(self) -> (&'static str, &'static str) {
        match self.name() {
            // Steps are for what has no other way, as on CockroachDB, where a key that counts up ends in one
            // place.
            "PgConnection" if self.in_steps => (
                "id UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY",
                "created_at TIMESTAMPTZ NOT NULL DEFAULT now()",
            ),
            "PgConnection" => (
                "id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                "created_at TIMESTAMPTZ NOT NULL DEFAULT now()",
            ),
            // PostgreSQL does not number an INTEGER by itself, and SQLite knows no other way.
            "AnyConnection" => {
                ("id TEXT PRIMARY KEY NOT NULL", "created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP")
            }
            "ScyllaConnection" => ("id timeuuid PRIMARY KEY", "created_at timestamp"),
            _ => {
                ("id INTEGER PRIMARY KEY NOT NULL", "created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP")
            }
        }
    }
}

fn type_of(column: &str, against: Against<'_>) -> &'static str {
    let postgres = against.name() == "PgConnection";
    match column.rsplit('_').next() {
        Some("at") if against.is_cql() => "timestamp",
        Some("count") if against.is_cql() => "int",
        Some("id") if against.is_cql() => "bigint",
        _ if against.is_cql() => "text",
        Some("at") if postgres => "TIMESTAMPTZ",
        Some("at") => "TIMESTAMP",
        Some("count") => "INTEGER NOT NULL DEFAULT 0",
        Some("id") if postgres => "BIGINT",
        Some("id") => "INTEGER",
        _ => "TEXT",
    }
}

/// A name in SQL; in quotes where it is a word of SQL's own or begins with a digit.
fn identifier(name: &str) -> String {
    const WORDS: &str = "\
        all analyze and any array as asc between by case cast check collate column commit constraint \
        create cross current_date current_time current_timestamp current_user default delete desc \
        distinct do drop else end escape except exists false fetch for foreign from full grant group \
        having in index initially inner insert intersect into is isnull join lateral leading left like \
        limit natural not notnull null offset on only or order outer placing primary references \
        returning right select session_user set similar some symmetric table then to trailing \
        transaction true union unique update user using values variadic verbose when where window with";
    if WORDS.split(' ').any(|word| word == name) || name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}
