//! Where the schema of a store is declared.

use std::path::{Path, PathBuf};

use crate::config::{Config, workspace_root};
use crate::error::{Error, InvalidSchema, SchemaProblem};
use crate::project::{Project, StoreEntry};
use crate::schema::Beside;
#[cfg(feature = "scylla")]
use crate::schema::cql;
use crate::schema::declared::{self, Declared};
use crate::schema::model::Name;
use crate::schema::print::config::PrintConfig;
use crate::store::Database;

/// The files that declare the schema of a store, and how they are written.
#[derive(Debug)]
pub enum Source {
    /// `schema.rs`, or several, as a `diesel.toml` says.
    Rust(Vec<PrintConfig>),
    /// `schema.cql`.
    Cql(PathBuf),
}

/// What they say.
pub enum Declaration {
    Rust {
        declared: Declared,
        /// What of a database is left out of the files.
        configs: Vec<PrintConfig>,
    },
    #[cfg(feature = "scylla")]
    Cql(Box<cql::declared::Declared>),
}

impl Source {
    /// That of a store: the `diesel.toml` beside its migrations or, for the first SQL store, the one of the
    /// workspace; else the `schema.rs` beside them. On ScyllaDB, the `schema.cql` there.
    pub fn of(
        project: &Project,
        config: &Config,
        store: &str,
        database: Database,
        toml: Option<&Path>,
    ) -> Result<Self, Error> {
        let dir = store_dir(project, config, store);
        if database == Database::Scylla {
            return Ok(Self::Cql(dir.join("schema.cql")));
        }
        if let Some(toml) = toml {
            if !toml.is_file() {
                let hint = "`--config-file` names it; without it, the nearest diesel.toml counts";
                return Err(Error::usage(format!("there is no file {}", toml.display()), hint));
            }
            return PrintConfig::read(toml).map(Self::Rust);
        }
        let own = dir.join("diesel.toml");
        if own.is_file() {
            return PrintConfig::read(&own).map(Self::Rust);
        }
        let of_workspace = PrintConfig::file(&config.root);
        if project.first_with_tables() == Some(store) && of_workspace.is_file() {
            return PrintConfig::read(&of_workspace).map(Self::Rust);
        }
        let file = Some(dir.join("schema.rs")).filter(|file| file.is_file());
        Ok(Self::Rust(vec![PrintConfig { file, ..PrintConfig::default() }]))
    }

    /// Every file that it is written in.
    pub fn files(&self) -> Vec<&Path> {
        match self {
            Self::Rust(configs) => configs.iter().filter_map(|config| config.file.as_deref()).collect(),
            Self::Cql(file) => vec![file],
        }
    }

    /// What the files say; none where there is none of them. What stands beside them is said by `beside`.
    pub fn read(&self, root: &Path, beside: Option<fn(&mut Beside)>) -> Result<Option<Declaration>, Error> {
        let mut texts = Vec::new();
        for file in self.files() {
            match std::fs::read_to_string(file) {
                Ok(text) => texts.push((shown(file, root), text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => {
                    return Err(Error::Io { what: format!("cannot read {}", file.display()), source });
                }
            }
        }
        if texts.is_empty() {
            return Ok(None);
        }
        match self {
            Self::Rust(configs) => {
                let mut parts = Vec::new();
                for (file, text) in &texts {
                    parts.push((file.as_str(), text.as_str()));
                }
                let mut declared =
                    Declared::parse(parts).map_err(|problems| invalid(problems.iter().map(problem)))?;
                if let Some(beside) = beside {
                    beside(&mut declared.beside);
                }
                Ok(Some(Declaration::Rust { declared, configs: configs.clone() }))
            }
            #[cfg(feature = "scylla")]
            Self::Cql(_) => {
                let (file, text) = &texts[0];
                let read = cql::declared::read(file, text);
                let declared = read.map_err(|unread| {
                    invalid(std::iter::once(SchemaProblem {
                        place: format!("{}:{}:{}", unread.file, unread.line, unread.column),
                        excerpt: unread.excerpt(),
                        message: unread.what.clone(),
                        hint: unread.hint.clone(),
                    }))
                })?;
                Ok(Some(Declaration::Cql(Box::new(declared))))
            }
            #[cfg(not(feature = "scylla"))]
            Self::Cql(_) => Ok(None),
        }
    }
}

/// Whether any store may have a file.
pub fn is_declared_anywhere(project: &Project, config: &Config) -> bool {
    let has_own = |store: &StoreEntry| {
        let dir = store_dir(project, config, &store.name);
        ["diesel.toml", "schema.rs", "schema.cql"].iter().any(|file| dir.join(file).is_file())
    };
    PrintConfig::file(&config.root).is_file() || project.stores.iter().any(has_own)
}

/// Whether the files are about a table of the database.
pub fn is_meant(configs: &[PrintConfig], name: &Name) -> bool {
    configs.iter().any(|config| {
        let schema = config.schema.as_deref().filter(|schema| *schema != "public");
        name.schema.as_deref() == schema && config.filter.lets_pass(&name.name)
    })
}

/// The directory of a store's migrations, in the workspace that the command is typed in.
pub fn store_dir(project: &Project, config: &Config, store: &str) -> PathBuf {
    let crate_dir = Path::new(project.manifest_dir);
    let below = match project.manifest_dir.is_empty() {
        true => Path::new("migrations"),
        false => crate_dir.strip_prefix(workspace_root(crate_dir)).unwrap_or(Path::new("migrations")),
    };
    config.root.join(below).join(store)
}

/// A path as it is shown: from the root.
pub fn shown(file: &Path, root: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).display().to_string()
}

pub fn problem(problem: &declared::Problem) -> SchemaProblem {
    let column = if problem.place.column > 0 { format!(":{}", problem.place.column) } else { String::new() };
    SchemaProblem {
        place: format!("{}{column}", problem.place),
        excerpt: problem.excerpt(),
        message: problem.what.clone(),
        hint: problem.hint.clone(),
    }
}

pub fn invalid(problems: impl Iterator<Item = SchemaProblem>) -> Error {
    Error::InvalidSchema(Box::new(InvalidSchema { problems: problems.collect() }))
}
