//! The `updown` command where there is nothing but a directory of SQL: that is the project.

use std::path::{Path, PathBuf};

use super::args::{self, Common};
use crate::config::Config;
use crate::error::Error;
use crate::project::Project;
use crate::scaffold::{self, names};
use crate::source::{self, Pair, SqlDirectory, SqlFormat};

/// A directory of SQL, as a person or a file says where it is.
pub struct Standalone {
    pub path: PathBuf,
    pub format: Option<SqlFormat>,
}

impl Standalone {
    /// What is said: by `--dir`, MIGRATIONS_DIR, or `updown.toml`.
    pub fn said(common: &Common) -> Result<Option<Self>, Error> {
        let vars = Config::vars_here(common.said())?;
        let Some(path) = vars.get("MIGRATIONS_DIR").map(PathBuf::from) else { return Ok(None) };
        let format = vars.parsed("MIGRATIONS_FORMAT", str::parse)?;
        Ok(Some(Self { path, format }))
    }

    /// Whether its files are in CQL, or are going to be.
    pub fn is_cql(&self, common: &Common) -> Result<bool, Error> {
        are_cql(&self.directory().pairs().map_or_else(|_| Vec::new(), |(_, pairs)| pairs), common)
    }

    /// What is there: a directory with a usual name that has migrations in it.
    pub fn usual(common: &Common) -> Result<Option<Self>, Error> {
        let vars = Config::vars_here(common.said())?;
        let format = vars.parsed("MIGRATIONS_FORMAT", str::parse)?;
        Ok(source::usual(Path::new("")).map(|path| Self { path, format }))
    }

    /// The directory as it would be a part of a list.
    pub fn directory(&self) -> SqlDirectory {
        let directory = SqlDirectory::at(&self.path);
        match self.format {
            Some(format) => directory.format(format),
            None => directory,
        }
    }

    /// The project that it is.
    pub fn project(&self, common: &Common) -> Result<Project, Error> {
        // Read once: there may be thousands of files.
        let (_, pairs) = self.directory().pairs()?;
        let is_cql = are_cql(&pairs, common)?;
        of(pairs, is_cql).map(Project::without_default_url)
    }
}

/// Writes the files of a new migration into a directory of SQL. Returns their paths.
pub fn new(directory: &Standalone, new: &args::New) -> Result<Vec<PathBuf>, Error> {
    if let Some(option) =
        [(new.diff, "--diff"), (new.raw, "--raw")].iter().find_map(|(said, name)| said.then_some(name))
    {
        return Err(Error::usage(
            format!("`{option}` writes a Rust module, and this is a directory of SQL"),
            "`updown init` makes a crate for modules beside it; without it: `updown new NAME`",
        ));
    }
    let what = names::what_it_does(&new.name)?;
    let (format, pairs) = match (directory.format, std::fs::read_dir(&directory.path)) {
        // The first one makes the directory.
        (Some(format), Err(error)) if error.kind() == std::io::ErrorKind::NotFound => (format, Vec::new()),
        _ => directory.directory().pairs_to_continue()?,
    };
    let files = source::new_files(format, &pairs, &what, new.timestamp, chrono::Utc::now());
    let mut written = Vec::new();
    for (path, text) in files {
        let path = directory.path.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| Error::Io { what: format!("cannot make {}", folder.display()), source })?;
        }
        scaffold::files::create(&path, &text)?;
        written.push(path);
    }
    Ok(written)
}

/// By the files that there are, or by the database.
fn are_cql(pairs: &[Pair], common: &Common) -> Result<bool, Error> {
    let is_of_cql = |url: String| ["scylla:", "cassandra:"].iter().any(|scheme| url.starts_with(scheme));
    Ok(pairs.iter().any(Pair::is_cql)
        || Config::vars_here(common.said())?.get("DATABASE_URL").is_some_and(is_of_cql))
}

#[cfg(all(feature = "scylla", any(feature = "sqlite", feature = "postgres")))]
fn of(pairs: Vec<Pair>, is_cql: bool) -> Result<Project, Error> {
    Ok(match is_cql {
        true => Project::of(source::registry::<crate::scylla::ScyllaConnection>(pairs)?),
        false => Project::of(source::registry::<crate::AnyConnection>(pairs)?),
    })
}

#[cfg(all(feature = "scylla", not(any(feature = "sqlite", feature = "postgres"))))]
fn of(pairs: Vec<Pair>, _: bool) -> Result<Project, Error> {
    Ok(Project::of(source::registry::<crate::scylla::ScyllaConnection>(pairs)?))
}

#[cfg(all(not(feature = "scylla"), any(feature = "sqlite", feature = "postgres")))]
fn of(pairs: Vec<Pair>, is_cql: bool) -> Result<Project, Error> {
    if is_cql {
        return Err(Error::usage(
            "these migrations are for ScyllaDB or Cassandra, which this `updown` was built without",
            "`cargo install updown --features scylla`",
        ));
    }
    Ok(Project::of(source::registry::<crate::AnyConnection>(pairs)?))
}

#[cfg(not(any(feature = "scylla", feature = "sqlite", feature = "postgres")))]
fn of(_: Vec<Pair>, _: bool) -> Result<Project, Error> {
    Err(Error::usage(
        "this `updown` was built without any database",
        "`cargo install updown`, with `--features postgres` or `--features scylla`",
    ))
}
