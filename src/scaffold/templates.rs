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

/// Where the database may be on a server.
pub const PARTS: &str = "

# Or in parts, as they are: the URL is made of them.
#DB_HOST=localhost
#DB_PORT=5432
#DB_USER=user
#DB_PASSWORD=password
#DB_NAME=app
#DB_SSLMODE=verify-full";

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
    let (id, created_at) = Against { connection, in_steps: false }.columns();
    let up = format!(
        "CREATE TABLE users (\n                {id},\n                email TEXT NOT NULL UNIQUE,\n                \
         {created_at}\n            )"
    );
    let against = Against { connection, in_steps: false };
    let down = against.statement(None, "DROP TABLE users");
    let body = Body { is_written: true, up: against.statement(None, &up), down };
    against.text("The people who use the application.", &body)
}

/// A new migration that is called `name`.
pub fn module(name: &str, against: Against<'_>) -> String {
    let words = name.replace('_', " ");
    let about = format!("{}{}.", words[..1].to_ascii_uppercase(), &words[1..]);
    against.text(&about, &guess(name, against).unwrap_or_else(|| against.unwritten()))
}

/// What the bodies get.
#[derive(Clone, Copy)]
pub struct Against<'a> {
    /// The type, as the list has it.
    pub connection: &'a str,
    /// `Steps` over it.
    pub in_steps: bool,
}

struct Body {
    is_written: bool,
    up: String,
    down: String,
}

/// What the name says, where it says enough.
fn guess(name: &str, against: Against<'_>) -> Option<Body> {
    if !against.is_sql() && !against.is_cql() {
        return None;
    }
    let (up, down, question) = if let Some(table) = name.strip_prefix("create_") {
        let table = table.strip_suffix("_table").unwrap_or(table);
        let first = table.split('_').next()?;
        if ["index", "unique", "view", "trigger", "type", "function", "table"].contains(&first) {
            return None;
        }
        let table = identifier(table);
        let (id, created_at) = against.columns();
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
        let kind = type_of(&column, against);
        if against.is_cql() {
            let up = format!("ALTER TABLE {table} ADD {column} {kind}");
            (up, format!("ALTER TABLE {table} DROP {column}"), "which type has it?")
        } else {
            let up = format!("ALTER TABLE {table} ADD COLUMN {column} {kind}");
            let down = format!("ALTER TABLE {table} DROP COLUMN {column}");
            (up, down, "which type has it, and may it be NULL?")
        }
    };
    let comment = format!("A guess from the name: {question}");
    let up = against.statement(Some(&comment), &up);
    Some(Body { is_written: true, up, down: against.statement(None, &down) })
}

impl Against<'_> {
    /// The type's name, without the path before it.
    fn name(&self) -> &str {
        self.connection.rsplit(':').next().unwrap_or_default()
    }

    fn is_sql(&self) -> bool {
        matches!(self.name(), "SqliteConnection" | "PgConnection" | "AnyConnection")
    }

    fn is_cql(&self) -> bool {
        self.name() == "ScyllaConnection"
    }

    /// Bodies that fail: an empty one would be entered as applied.
    fn unwritten(self) -> Body {
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
        Body { is_written: false, up: body("up", "CREATE TABLE …"), down: body("down", "DROP TABLE …") }
    }

    fn text(self, about: &str, body: &Body) -> String {
        let Body { is_written, up, down } = body;
        let connection = self.connection;
        // What the prelude lacks comes from the list's file, where it has its name.
        let is_path = connection.contains(|c: char| !c.is_alphanumeric() && c != '_');
        let import = match connection {
            "SqliteConnection" | "PgConnection" | "AnyConnection" => String::new(),
            "ScyllaConnection" => "use updown::scylla::ScyllaConnection;\n".to_owned(),
            _ if is_path => String::new(),
            other => format!("\nuse super::{other};\n"),
        };
        let (name, kind) = match self.in_steps {
            true => ("steps", format!("Steps<'_, {connection}>")),
            false => ("conn", connection.to_owned()),
        };
        let used = if *is_written { "" } else { "_" };
        format!(
            "//! {about}

use updown::prelude::*;
{import}
pub struct Migration;

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

    /// The columns that every table of a sample has.
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

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Against<'_> = Against { connection: "SqliteConnection", in_steps: false };

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
            let text = module(name, ONE);
            let (before, after) = text.split_once("impl Down").unwrap();
            assert!(before.contains(up), "{text}");
            assert!(after.contains(down), "{text}");
        }
    }

    #[test]
    fn a_type_that_the_prelude_lacks_is_brought_in() {
        assert!(
            module("x", Against { connection: "Conn", ..ONE })
                .contains("use updown::prelude::*;\n\nuse super::Conn;\n\n")
        );
        let path = module("create_x", Against { connection: "diesel::SqliteConnection", ..ONE });
        assert!(path.contains("impl Up<diesel::SqliteConnection>") && !path.contains("super"), "{path}");
    }

    #[test]
    fn bodies_in_steps_and_in_cql_are_written_as_such() {
        let steps = Against { connection: "PgConnection", in_steps: true };
        let text = module("add_seen_at_to_users", steps);
        assert!(
            text.contains("impl Down<Steps<'_, PgConnection>> for Migration {\n    fn down(&self, steps: &mut Steps<'_, PgConnection>) -> Result {\n        steps.run(\"ALTER TABLE users DROP COLUMN seen_at\")\n    }"),
            "{text}"
        );
        assert!(module("split_names", steps).contains("In its place: `steps.run(\"CREATE TABLE …\")`."));
        let cql = Against { connection: "ScyllaConnection", in_steps: false };
        let text = module("create_notes", cql);
        for part in [
            "use updown::prelude::*;\nuse updown::scylla::ScyllaConnection;\n\npub struct",
            "conn.execute(\n            \"CREATE TABLE notes (\n                id timeuuid PRIMARY KEY,",
            "            )\",\n            (),\n        )?;\n        Ok(())\n",
            "conn.execute(\"DROP TABLE notes\", ())?;",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(
            module("add_pages_count_to_notes", cql).contains("\"ALTER TABLE notes ADD pages_count int\"")
        );
    }
}
