//! SQL files as registries: directories in the formats of other tools, read at run time or compiled in.

mod body;
#[cfg(feature = "cli")]
mod create;
mod files;
mod for_diesel;
mod format;
mod formats;
mod of_diesel;
#[cfg(test)]
mod tests;
mod text;
mod unjournaled;

use std::borrow::Cow;
#[cfg(feature = "cli")]
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Error;
use crate::fingerprint::Language;
use crate::migration::{DownBody, Migration, UpBody, number_of};
use crate::registry::{BadList, Registry, ordered};
use crate::store::StoreConnection;
pub use body::SqlPlace;
#[cfg(feature = "cli")]
pub use create::files as new_files;
use files::Files;
pub use files::SqlFile;
pub use format::SqlFormat;
pub use formats::Pair;
pub use text::SqlText;

/// A directory of SQL, in the format of the tool that it was written for: as it is, without a change to it.
///
/// It is a [`Registry`] by itself, or the first part of one, before the Rust modules that came later:
///
/// ```
/// use updown::SqlDirectory;
/// use updown::prelude::*;
///
/// // Read when the program runs, relative to the current directory.
/// updown::registry! { pub static MAIN: SqliteConnection = SqlDirectory::at("migrations"), then [
///     // The modules beside this file: `m0301_add_slug,`
/// ] }
/// # let _ = &MAIN;
/// ```
///
/// Compiled in, file by file; or the whole directory by `include_dir!`, with the feature of that name:
/// `SqlDirectory::embedded(&DIRECTORY)`.
///
/// ```
/// # use updown::{Registry, SqlDirectory, prelude::SqliteConnection};
/// let files = SqlDirectory::of_files([
///     ("0001_videos.up.sql", "CREATE TABLE videos (id INTEGER)"), // include_str!("…")
///     ("0001_videos.down.sql", "DROP TABLE videos"),
///     ("R__latest.sql", "DROP VIEW IF EXISTS latest; CREATE VIEW latest AS SELECT max(id) AS id FROM videos"),
/// ]);
/// let registry: Registry<SqliteConnection> = files.registry()?;
/// # let _ = registry;
/// # Ok::<(), updown::Error>(())
/// ```
///
/// `R__name.sql` in it, whatever its format, is repeatable: it runs again whenever it has changed, behind all others, in
/// the order of the names.
///
/// The format is recognised by the names of the files; where two fit, [`SqlDirectory::format`] says which is meant.
#[derive(Clone, Debug)]
pub struct SqlDirectory {
    files: Files,
    format: Option<SqlFormat>,
}

impl SqlDirectory {
    /// The directory at a path, relative to the current one; read when the list is needed.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { files: Files::At(path.into()), format: None }
    }

    /// Files by their paths in the directory, each with its content: `("0001_a.up.sql", include_str!("…"))`.
    pub fn of_files<P, T>(files: impl IntoIterator<Item = (P, T)>) -> Self
    where
        P: Into<Cow<'static, str>>,
        T: Into<Cow<'static, str>>,
    {
        let files = files.into_iter().map(|(path, text)| SqlFile::new(path, text)).collect();
        Self { files: Files::Given(files), format: None }
    }

    /// A directory that `include_dir!` has compiled in. So that cargo compiles it in anew when a file comes, the
    /// `build.rs` of that crate has to say `println!("cargo:rerun-if-changed=migrations");`.
    #[cfg(feature = "include_dir")]
    pub const fn embedded(directory: &'static include_dir::Dir<'static>) -> Self {
        Self { files: Files::Embedded(directory), format: None }
    }

    /// In this format, whatever the files look like.
    #[must_use]
    pub const fn format(mut self, format: SqlFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// The list of it.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be read. [`Error::Usage`] where its format is not known or two fit, where a file has
    /// no number, or two have the same, where a way back has no way forward, and where a file is empty and does not say
    /// that it is on purpose (`-- updown: empty`).
    pub fn registry<C: StoreConnection>(&self) -> Result<Registry<C>, Error> {
        Ok(registry(self.pairs()?.1)?)
    }

    pub(crate) fn migrations<C: StoreConnection>(&self) -> Result<Vec<Migration<C>>, BadList> {
        migrations(self.pairs()?.1)
    }

    /// The same for a directory that another migration is about to come into: what is written last is often still empty.
    #[cfg(feature = "cli")]
    pub(crate) fn pairs_to_continue(&self) -> Result<(SqlFormat, Vec<Pair>), BadList> {
        let (format, files) = self.read()?;
        Ok((format, formats::unchecked_pairs(format, files)?))
    }

    /// Its format, and what it has in that.
    pub(crate) fn pairs(&self) -> Result<(SqlFormat, Vec<Pair>), BadList> {
        let (format, files) = self.read()?;
        Ok((format, formats::pairs(format, files)?))
    }

    fn read(&self) -> Result<(SqlFormat, Vec<SqlFile>), BadList> {
        let files = self.files.read()?;
        let format = match self.format {
            Some(format) => format,
            None => format::recognised(&files, &self.files.shown())?,
        };
        Ok((format, files))
    }
}

/// What a directory has, as a registry.
pub fn registry<C: StoreConnection>(pairs: Vec<Pair>) -> Result<Registry<C>, BadList> {
    migrations(pairs).map(Registry::of_ordered)
}

/// The list of it.
fn migrations<C: StoreConnection>(pairs: Vec<Pair>) -> Result<Vec<Migration<C>>, BadList> {
    ordered(pairs.into_iter().map(Pair::migration).collect())
}

impl Pair {
    fn migration<C: StoreConnection>(self) -> Migration<C> {
        let language = if self.is_cql() { Language::Cql } else { Language::Sql };
        let (source, file) = (self.up.text.clone(), self.up.file.clone());
        let replaces = self.up.replaces();
        let (up, mut down) = bodies(self.up, self.down, self.is_repeatable);
        if let (DownBody::Irreversible(_), true) = (&down, self.is_one_way) {
            down = DownBody::Irreversible(format!("{file} is of a format without ways back").into());
        }
        Migration {
            name: self.name,
            source,
            language,
            file: Some(file),
            formerly: Vec::new(),
            replaces,
            is_repeatable: self.is_repeatable,
            up,
            down,
        }
    }

    /// Its number, where it has one.
    pub fn number(&self) -> Option<u64> {
        number_of(&self.name)
    }
}

/// What the reason of a migration begins with of which the file of the way back is missing.
pub const NO_WAY_BACK: &str = "there is no way back beside ";

/// The directory of SQL in `root` that has a usual name and migrations in it, from there.
#[cfg(feature = "cli")]
pub fn usual(root: &Path) -> Option<PathBuf> {
    let has_some = |path: &&&str| {
        let entries = std::fs::read_dir(root.join(path)).into_iter().flatten().flatten();
        let mut paths = entries.map(|entry| entry.path());
        paths.any(|path| {
            let extension = path.extension().and_then(std::ffi::OsStr::to_str);
            matches!(extension, Some("sql" | "cql")) || path.join("up.sql").is_file()
        })
    };
    ["migrations", "db/migrations"].iter().find(has_some).map(PathBuf::from)
}

/// Both ways of a migration that is a file, or two.
pub fn bodies<C>(up: SqlText, down: Option<SqlText>, is_repeatable: bool) -> (UpBody<C>, DownBody<C>) {
    let because = |why: &str| DownBody::Irreversible(Cow::Owned(why.to_owned()));
    let down = match (down, up.irreversible()) {
        (None, _) if is_repeatable => DownBody::Nothing,
        (_, Some(why)) => because(why),
        (Some(down), None) => match down.irreversible() {
            Some(why) => because(why),
            None => DownBody::Sql(Arc::new(down)),
        },
        (None, None) => because(&format!("{NO_WAY_BACK}{}", up.file)),
    };
    (UpBody::Sql(Arc::new(up)), down)
}

/// How many statements a text has: what the bench measures.
pub fn statement_count(text: &str) -> usize {
    crate::sql::split(text, crate::sql::Dialect::Postgres).len()
}
