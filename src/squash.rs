//! `updown squash --to NAME`: one migration in the place of all up to one, which builds the same schema.

mod built;
mod check;
mod directory;
#[cfg(feature = "postgres")]
mod dump;
mod modules;
mod rows;
mod versioned;
#[cfg(feature = "sqlite")]
mod written;

use std::path::PathBuf;

use serde::Serialize;

use crate::error::{Error, Refusal, Rule};
use crate::ledger::Direction;
use crate::listed::Listed;
use crate::migration::number_of;
use crate::migrator::Migrator;
use crate::plan::{is_meant, unknown};
use crate::reach::{self, Reached};
use crate::source::SqlDirectory;
use crate::store::Database;
use built::Built;
use directory::Directory;
use modules::Modules;

/// How it was asked.
#[derive(Debug)]
pub struct Squash {
    /// Up to and with this one.
    pub to: String,
    pub store: Option<String>,
    /// What becomes of the rows that the migrations have written.
    pub data: Data,
    /// Writes nothing.
    pub is_dry: bool,
    /// Whether files may go that are nowhere else.
    pub is_confirmed: bool,
    /// The files that are the migrations; else the modules of a project are.
    pub directory: Option<SqlDirectory>,
}

/// What becomes of rows, which are no part of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nobody has said it.
    Unsaid,
    Written,
    LeftOut,
}

/// What was done.
#[derive(Debug, Serialize)]
pub struct Squashed {
    pub store: String,
    /// The migration's name.
    pub migration: String,
    pub replaces: Vec<String>,
    pub written: Vec<PathBuf>,
    pub removed: Vec<PathBuf>,
    /// The tables whose rows it writes.
    pub with_rows: Vec<String>,
    /// Those whose rows it does not.
    pub without_rows: Vec<String>,
    /// Whether the dumps of both schemas were compared, too.
    pub dumps_compared: bool,
    /// What would be written, or was.
    pub text: String,
}

/// Where the migrations are written.
enum Place {
    Directory(Directory),
    Modules(Box<Modules>),
}

/// Why there is no way back.
fn because(count: usize) -> String {
    format!(
        "it took the place of {count} migrations: to undo it would drop all that they made, with every row of it"
    )
}

impl Migrator {
    /// Runs what is replaced on a scratch database, writes what builds the same, builds it on a second one, and
    /// compares them; only then anything is removed.
    ///
    /// # Errors
    /// [`Error::Refused`] where something of it could get lost, or is not the same; [`Error::Usage`] where the
    /// migration does not exist, or is the first one; as [`Migrator::check`].
    pub(crate) fn squash(&mut self, asked: &Squash) -> Result<Squashed, Error> {
        let mut scratch = self.on_one_scratch(asked.store.as_deref())?;
        let store = &mut scratch.stores[0];
        if store.session.database() == Database::Scylla {
            return Err(refused(
                &store.name,
                "a keyspace is not squashed: the rows that its migrations have written could only be found by reading \
                 every table of a cluster, and nobody could say that the new migration writes the same"
                    .to_owned(),
                "write the migration by hand, and `replaces \"…\"` behind its entry (in a file, `// updown: replaces: …`)",
            ));
        }
        let listed = store.session.listed().to_vec();
        let count = last(&listed, &asked.to, &store.name)? + 1;
        let replaced = &listed[..count];
        let place = Place::of(self.project.manifest_dir, asked, &store.name, replaced)?;
        if !asked.is_dry && !asked.is_confirmed {
            versioned::check(&store.name, &place.touched())?;
        }
        self.claim_scratch(&mut scratch, 0)?;
        let store = &mut scratch.stores[0];
        for index in 0..count {
            self.try_out(store, index, Direction::Up)?;
        }
        let mut built = Built::of(store)?;
        built.settle_rows(&store.name, asked.data)?;
        let replaces: Vec<String> = replaced.iter().map(|listed| listed.name.to_string()).collect();
        let whole = place.whole(&built, store)?;
        let dumps_compared = self.is_the_same(store, &built, &whole)?;
        reach::release(&mut scratch.stores);
        let name = scratch.stores[0].name.clone();
        let text = place.text(&whole, &built, &replaces)?;
        let (written, removed) = match asked.is_dry {
            true => (Vec::new(), Vec::new()),
            false => place.write(&text, &replaces)?,
        };
        let (with_rows, without_rows) = built.tables_with_rows();
        Ok(Squashed {
            store: name,
            migration: place.name().to_owned(),
            replaces,
            written,
            removed,
            with_rows,
            without_rows,
            dumps_compared,
            text,
        })
    }
}

impl Place {
    fn of(
        manifest_dir: &'static str,
        asked: &Squash,
        store: &str,
        replaced: &[Listed],
    ) -> Result<Self, Error> {
        match &asked.directory {
            Some(directory) => Directory::of(directory, replaced).map(Self::Directory),
            None => Modules::of(manifest_dir, store, replaced).map(Box::new).map(Self::Modules),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Directory(directory) => &directory.name,
            Self::Modules(modules) => &modules.name,
        }
    }

    /// The files that are changed or removed.
    fn touched(&self) -> Vec<PathBuf> {
        match self {
            Self::Directory(directory) => directory.removed.clone(),
            Self::Modules(modules) => modules.touched(),
        }
    }

    /// What builds the schema, with its rows, in SQL.
    fn whole(&self, built: &Built, store: &mut Reached) -> Result<String, Error> {
        #[cfg(feature = "sqlite")]
        if let (Self::Directory(_), Database::Sqlite) = (self, built.database) {
            return written::whole(store, &built.rows);
        }
        if built.left_out.is_empty() {
            return built.sql(&store.name);
        }
        #[cfg(feature = "postgres")]
        if let (Self::Directory(_), Some(text)) = (self, dump::whole(&store.url, &built.rows)) {
            return Ok(text);
        }
        Err(refused(
            &store.name,
            format!("there is no statement for {}", built.left_out.join(", ")),
            "in a directory of SQL `pg_dump` writes it: put it into PATH; or write the migration by hand, with what it \
             replaces behind its entry (`replaces \"…\"`)",
        ))
    }

    fn text(&self, whole: &str, built: &Built, replaces: &[String]) -> Result<String, Error> {
        match self {
            Self::Directory(directory) => Ok(directory.text(whole, replaces)),
            Self::Modules(modules) => modules.text(built, replaces),
        }
    }

    /// What was written, and what was removed.
    fn write(&self, text: &str, replaces: &[String]) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
        match self {
            Self::Directory(directory) => directory.write(text, replaces.len()),
            Self::Modules(modules) => modules.write(text, replaces),
        }
    }
}

/// The index of the last one that is replaced.
fn last(listed: &[Listed], to: &str, store: &str) -> Result<usize, Error> {
    let Some(index) = listed.iter().position(|listed| is_meant(to, &listed.name)) else {
        return Err(unknown(to, listed.iter().map(|listed| listed.name.as_ref())));
    };
    let found = &listed[index];
    if found.is_repeatable {
        return Err(Error::usage(
            format!("{} is repeatable: it stays, and runs behind the others", found.name),
            "name the last one that is not: `updown status` lists them",
        ));
    }
    if index == 0 {
        return Err(Error::usage(
            format!("{} is the first migration of store {store}: there is nothing to squash", found.name),
            "name a later one: `updown status` lists them",
        ));
    }
    Ok(index)
}

/// Of the last one that is replaced, so that all that follows stays in order: `000010_x` is `000010_squashed` then.
fn squashed_name(last: &str) -> String {
    let number = number_of(last);
    let ends = |at: usize| {
        last.is_char_boundary(at)
            && last[..at].ends_with(|c: char| c.is_ascii_digit())
            && !last[at..].starts_with(|c: char| c.is_ascii_digit())
            && number_of(&last[..at]) == number
    };
    let end = (1..=last.len()).find(|at| ends(*at)).unwrap_or(last.len());
    let apart = if last[end..].starts_with("__") { "__" } else { "_" };
    format!("{}{apart}squashed", &last[..end])
}

fn refused(store: &str, message: String, hint: impl Into<String>) -> Error {
    Error::Refused(Box::new(Refusal {
        rule: Rule::Squash,
        store: store.to_owned(),
        names: Vec::new(),
        message,
        hint: hint.into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::squashed_name;

    #[test]
    fn it_has_the_number_of_the_last_one_as_that_is_written() {
        for (last, name) in [
            ("m0010_add_slug", "m0010_squashed"),
            ("000010_add_slug", "000010_squashed"),
            ("00000000000000_diesel_initial_setup", "00000000000000_squashed"),
            ("2024-12-27-101500_add_x", "2024-12-27-101500_squashed"),
            ("20241227_101500_add_x", "20241227_101500_squashed"),
            ("20241227_101500", "20241227_101500_squashed"),
            ("V10__add_x", "V10__squashed"),
            ("2_3d_models", "2_squashed"),
        ] {
            assert_eq!(squashed_name(last), name);
            assert_eq!(super::number_of(name), super::number_of(last), "{name}");
        }
    }
}
