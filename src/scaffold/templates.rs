//! The text of what is written: the files of a project, and a module that does what its name says.
//! All of it is as rustfmt leaves it without a configuration.

use super::guess::Guess;
use super::layout::{Call, text};
use super::{raw, typed};

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
/// Behind a directory of SQL.
pub const LIST_BEHIND: &str = include_str!("templates/list_behind.rs");
pub const BUILD: &str = include_str!("templates/build.rs");
pub const INCLUDE_DIR: &str = "\ninclude_dir = \"0.7\"";
pub const README: &str = include_str!("templates/README.md");

/// A template with its blanks filled in: `{{name}}` for each name.
pub fn fill(template: &str, blanks: &[(&str, &str)]) -> String {
    blanks
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// The first migration of a fresh project.
pub fn sample(databases: Databases) -> String {
    let against = Against { connection: databases.connection(), in_steps: false };
    let email = vec![
        Call::new("text", [text("email")]),
        Call::new("not_null", [""; 0]),
        Call::new("unique", [""; 0]),
    ];
    let users = typed::create_table("users", Some(email), against);
    typed::module("The people who use the application.", Some(&users), against)
}

/// What a migration that is called `name` does, as a sentence.
pub fn about(name: &str) -> String {
    let words = name.replace('_', " ");
    format!("{}{}.", words[..1].to_ascii_uppercase(), &words[1..])
}

/// A new migration that is called `name`: a typed change, or `by_hand`.
pub fn module(name: &str, against: Against<'_>, by_hand: bool) -> String {
    let about = about(name);
    // What another type can do is not known.
    let is_known = against.is_sql() || against.is_cql();
    let guess = Guess::of(name).filter(|_| is_known);
    if by_hand {
        return raw::module(&about, guess.as_ref(), against);
    }
    let change = guess.and_then(|guess| typed::change(&guess, against));
    typed::module(&about, change.as_deref(), against)
}

/// What a migration is written against.
#[derive(Clone, Copy)]
pub struct Against<'a> {
    /// The type, as the list has it.
    pub connection: &'a str,
    /// `Steps` over it.
    pub in_steps: bool,
}

impl Against<'_> {
    /// The type's name, without the path before it.
    pub fn name(&self) -> &str {
        self.connection.rsplit(':').next().unwrap_or_default()
    }

    pub fn is_sql(&self) -> bool {
        matches!(self.name(), "SqliteConnection" | "PgConnection" | "AnyConnection")
    }

    pub fn is_cql(&self) -> bool {
        self.name() == "ScyllaConnection"
    }

    /// The type that the traits are implemented for.
    pub fn kind(self) -> String {
        let connection = self.connection;
        if self.in_steps { format!("Steps<'_, {connection}>") } else { connection.to_owned() }
    }

    /// What a module begins with.
    pub fn head(self, about: &str) -> String {
        let connection = self.connection;
        // What the prelude lacks comes from the list's file, where it has its name.
        let is_path = connection.contains(|c: char| !c.is_alphanumeric() && c != '_');
        let import = match connection {
            "SqliteConnection" | "PgConnection" | "AnyConnection" => String::new(),
            "ScyllaConnection" => "use updown::scylla::ScyllaConnection;\n".to_owned(),
            _ if is_path => String::new(),
            other => format!("\nuse super::{other};\n"),
        };
        format!("//! {about}\n\nuse updown::prelude::*;\n{import}\npub struct Migration;\n")
    }
}

#[cfg(test)]
mod tests;
