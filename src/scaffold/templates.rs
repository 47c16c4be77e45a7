//! The text of what is written: the files of a project, and a module with bodies that fit its name.
//! All of it is as rustfmt leaves it without a configuration.

/// The databases that the migrations have to run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Databases {
    #[default]
    Sqlite,
    Postgres,
    Both,
}

impl Databases {
    /// The type that the migrations are written against.
    pub(super) fn connection(self) -> &'static str {
        match self {
            Self::Sqlite => "SqliteConnection",
            Self::Postgres => "PgConnection",
            Self::Both => "AnyConnection",
        }
    }
}

/// The files of a fresh workspace beside the crate.
pub const MAKEFILE: &str = include_str!("templates/Makefile");
pub const WORKSPACE: &str = include_str!("templates/workspace.toml");
pub const DIESEL: &str = include_str!("templates/diesel.toml");
pub const SCHEMA: &str = include_str!("templates/schema.rs");
pub const GITIGNORE: &str = include_str!("templates/gitignore");
pub const ENV: &str = include_str!("templates/env");

/// The files of the migrations crate.
pub const CRATE: &str = include_str!("templates/crate.toml");
pub const LIB: &str = include_str!("templates/lib.rs");
pub const PROGRAM: &str = include_str!("templates/migrate.rs");
pub const LIST: &str = include_str!("templates/list.rs");
pub const README: &str = include_str!("templates/README.md");

/// A template with its blanks filled in: `{{name}}` for each name.
pub fn fill(template: &str, blanks: &[(&str, &str)]) -> String {
    blanks
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// The first migration of a fresh project.
pub fn sample(databases: Databases) -> String {
    let connection = databases.connection();
    let (id, created_at) = columns(connection);
    let up = format!(
        "CREATE TABLE users (\n                {id},\n                email TEXT NOT NULL UNIQUE,\n                \
         {created_at}\n            )"
    );
    let body = Body { conn: "conn", up: statement(None, &up), down: statement(None, "DROP TABLE users") };
    text("The people who use the application.", connection, &body)
}

/// A new migration that is called `name`, against `connection`.
pub fn module(name: &str, connection: &str) -> String {
    let words = name.replace('_', " ");
    let about = format!("{}{}.", words[..1].to_ascii_uppercase(), &words[1..]);
    text(&about, connection, &guess(name, connection).unwrap_or_else(unwritten))
}

struct Body {
    conn: &'static str,
    up: String,
    down: String,
}

/// What the name says, where it says enough.
fn guess(name: &str, connection: &str) -> Option<Body> {
    if !matches!(connection.rsplit(':').next()?, "SqliteConnection" | "PgConnection" | "AnyConnection") {
        return None;
    }
    let (up, down, question) = if let Some(table) = name.strip_prefix("create_") {
        let table = table.strip_suffix("_table").unwrap_or(table);
        let first = table.split('_').next()?;
        if ["index", "unique", "view", "trigger", "type", "function", "table"].contains(&first) {
            return None;
        }
        let table = identifier(table);
        let (id, created_at) = columns(connection);
        let up = format!(
            "CREATE TABLE {table} (\n                {id},\n                {created_at}\n            )"
        );
        (up, format!("DROP TABLE {table}"), "which columns does it have?")
    } else {
        let (column, table) = name.strip_prefix("add_")?.rsplit_once("_to_")?;
        let other =
            |word| ["index", "key", "constraint", "check", "and", "unique", "columns"].contains(&word);
        if column.split('_').any(other) {
            return None;
        }
        let (column, table) = (identifier(column), identifier(table));
        let up = format!("ALTER TABLE {table} ADD COLUMN {column} {}", type_of(&column, connection));
        (up, format!("ALTER TABLE {table} DROP COLUMN {column}"), "which type has it, and may it be NULL?")
    };
    let comment = format!("A guess from the name: {question}");
    Some(Body { conn: "conn", up: statement(Some(&comment), &up), down: statement(None, &down) })
}

/// Bodies that fail: an empty one would be entered as applied.
fn unwritten() -> Body {
    let body = |way: &str, example: &str| {
        format!(
            "        // In its place: `conn.batch_execute(\"{example}\")?;` and `Ok(())`.\n        \
             Err(std::io::Error::other(\"its way {way} is not written yet\").into())\n"
        )
    };
    Body { conn: "_conn", up: body("up", "CREATE TABLE …"), down: body("down", "DROP TABLE …") }
}

fn text(about: &str, connection: &str, body: &Body) -> String {
    let Body { conn, up, down } = body;
    // What the prelude lacks comes from the list's file, where it has its name.
    let is_path = connection.contains(|c: char| !c.is_alphanumeric() && c != '_');
    let import = match connection {
        "SqliteConnection" | "PgConnection" | "AnyConnection" | "ScyllaConnection" => String::new(),
        _ if is_path => String::new(),
        other => format!("\nuse super::{other};\n"),
    };
    format!(
        "//! {about}

use updown::prelude::*;
{import}
pub struct Migration;

impl Up<{connection}> for Migration {{
    fn up(&self, {conn}: &mut {connection}) -> Result {{
{up}    }}
}}

impl Down<{connection}> for Migration {{
    fn down(&self, {conn}: &mut {connection}) -> Result {{
{down}    }}
}}
"
    )
}

/// One statement, broken where rustfmt breaks it.
fn statement(comment: Option<&str>, sql: &str) -> String {
    let comment = comment.map(|comment| format!("        // {comment}\n")).unwrap_or_default();
    let sql = sql.replace('"', "\\\"");
    let short = format!("        conn.batch_execute(\"{sql}\")?;\n");
    let call = if sql.contains('\n') || short.trim_end().len() > 100 {
        format!("        conn.batch_execute(\n            \"{sql}\",\n        )?;\n")
    } else {
        short
    };
    format!("{comment}{call}        Ok(())\n")
}

/// The columns that every table of a sample has.
fn columns(connection: &str) -> (&'static str, &'static str) {
    match connection.rsplit(':').next() {
        Some("PgConnection") => (
            "id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            "created_at TIMESTAMPTZ NOT NULL DEFAULT now()",
        ),
        // PostgreSQL does not number an INTEGER by itself, and SQLite knows no other way.
        Some("AnyConnection") => {
            ("id TEXT PRIMARY KEY NOT NULL", "created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP")
        }
        _ => ("id INTEGER PRIMARY KEY NOT NULL", "created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP"),
    }
}

fn type_of(column: &str, connection: &str) -> &'static str {
    let postgres = connection.ends_with("PgConnection");
    match column.rsplit('_').next() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_guessed_from_the_name() {
        for (name, up, down) in [
            ("create_videos", "CREATE TABLE videos (", "\"DROP TABLE videos\""),
            ("create_videos_table", "CREATE TABLE videos (", "\"DROP TABLE videos\""),
            ("create_order", "CREATE TABLE \\\"order\\\" (", "\"DROP TABLE \\\"order\\\"\""),
            (
                "add_avatar_to_users",
                "ALTER TABLE users ADD COLUMN avatar TEXT",
                "ALTER TABLE users DROP COLUMN avatar",
            ),
            ("add_seen_at_to_users", "ADD COLUMN seen_at TIMESTAMP\"", "DROP COLUMN seen_at"),
            ("add_index_to_users", "not written yet", "not written yet"),
            ("create_index_on_users", "not written yet", "not written yet"),
            ("add_user_avatar", "not written yet", "not written yet"),
            ("split_names", "not written yet", "not written yet"),
        ] {
            let text = module(name, "SqliteConnection");
            let (before, after) = text.split_once("impl Down").unwrap();
            assert!(before.contains(up), "{text}");
            assert!(after.contains(down), "{text}");
        }
    }

    #[test]
    fn a_type_that_the_prelude_lacks_is_brought_in() {
        assert!(module("x", "Conn").contains("use updown::prelude::*;\n\nuse super::Conn;\n\n"));
        let path = module("create_x", "diesel::SqliteConnection");
        assert!(path.contains("impl Up<diesel::SqliteConnection>") && !path.contains("super"), "{path}");
    }
}
