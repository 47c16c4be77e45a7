//! `updown init`: a workspace with a migrations crate, or that crate in a workspace that is there.

use std::path::{Path, PathBuf};

use super::project_dir::{Package, workspace};
use super::templates::Databases;
use super::{files, manifest, templates};
use crate::error::Error;
use crate::source;

/// How `updown init` was asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Init {
    /// What the migrations are written against.
    pub(crate) databases: Databases,
    /// Without a first migration.
    pub(crate) is_empty: bool,
}

/// What is going to be written. All of it is known, and checked, before the first file is.
#[derive(Default)]
struct Draft {
    new: Vec<(PathBuf, String)>,
    /// Files that are there, with their new text.
    changed: Vec<(PathBuf, String)>,
}

/// Writes the project into `dir`. Returns what was written, from there.
pub(crate) fn init(dir: &Path, options: &Init) -> Result<Vec<PathBuf>, Error> {
    let draft = if files::exists(&dir.join("Cargo.toml"))? {
        join(dir, options)?
    } else {
        stands_alone(dir)?;
        begin(dir, options)?
    };
    draft.write(dir)
}

/// A fresh workspace, with everything that `make migrate` needs.
fn begin(dir: &Path, options: &Init) -> Result<Draft, Error> {
    let databases = options.databases;
    let package = place(dir, &[])?;
    let mut draft = Draft::default();
    let directory = source::usual(dir);
    draft.krate(package, databases, directory.as_deref(), !options.is_empty);
    let parts = match databases {
        Databases::Sqlite => "",
        _ => templates::PARTS,
    };
    let (default, url) = match databases {
        Databases::Postgres => ("", "postgres://user:password@localhost/app"),
        _ => (" Without it, development uses SQLite in `dev.db`.", "sqlite:dev.db"),
    };
    for (name, template) in [
        ("Makefile", templates::MAKEFILE),
        ("diesel.toml", templates::DIESEL),
        ("schema.rs", templates::SCHEMA),
        (".env.example", templates::ENV),
        ("Cargo.toml", templates::WORKSPACE),
    ] {
        let text = templates::fill(
            template,
            &[("package", package), ("default", default), ("url", url), ("parts", parts)],
        );
        // In another tool's project these may be somebody else's.
        if directory.is_none() || !files::exists(&dir.join(name))? {
            draft.new.push((name.into(), text));
        }
    }
    draft.ignore(dir, &templates::GITIGNORE.lines().collect::<Vec<_>>())?;
    Ok(draft)
}

/// The crate alone, in a workspace or beside a package that is there.
fn join(dir: &Path, options: &Init) -> Result<Draft, Error> {
    let Some(workspace) = workspace(dir)? else {
        return begin(dir, options);
    };
    if let Some(marked) = workspace.packages.iter().find(|package| package.is_marked()) {
        return Err(Error::usage(
            format!("this workspace has its migrations already, in the package {}", marked.name),
            "updown new add_user_avatar",
        ));
    }
    if !same(&workspace.workspace_root, dir) {
        return Err(inside(dir, &workspace.workspace_root));
    }
    let package = place(dir, &workspace.packages)?;
    let mut draft = Draft::default();
    draft.krate(package, options.databases, source::usual(dir).as_deref(), false);
    if let Some(text) = manifest::add_member(&files::read(&dir.join("Cargo.toml"))?, package)? {
        draft.changed.push(("Cargo.toml".into(), text));
    }
    draft.ignore(dir, &["dev.db*", ".env", ".env.*", "!.env.example", "/backups"])?;
    Ok(draft)
}

/// Refuses a directory inside a workspace that does not name it: it was probably typed in the wrong
/// place. A repository of its own is one.
fn stands_alone(dir: &Path) -> Result<(), Error> {
    let dir = std::path::absolute(dir)
        .map_err(|source| Error::Io { what: format!("cannot find {}", dir.display()), source })?;
    for around in dir.ancestors() {
        if around.join("Cargo.toml").is_file() {
            return Err(inside(&dir, around));
        }
        if files::exists(&around.join(".git"))? {
            break;
        }
    }
    Ok(())
}

fn inside(dir: &Path, root: &Path) -> Error {
    Error::usage(
        format!("{} is inside the workspace at {}", dir.display(), root.display()),
        format!("cd {} && updown init", root.display()),
    )
}

/// The name of the crate and of its directory. Another tool's `migrations/` has to go on working:
/// `diesel migration run` stops at directories without an `up.sql`.
fn place(dir: &Path, packages: &[Package]) -> Result<&'static str, Error> {
    let is_taken = |name: &str| packages.iter().any(|package| package.name == name);
    if !is_taken("migrations") && files::is_vacant(&dir.join("migrations"))? {
        return Ok("migrations");
    }
    if is_taken("db") {
        return Err(Error::usage(
            "the names `migrations` and `db` are both taken",
            "rename one of them, and repeat the command",
        ));
    }
    Ok("db")
}

fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

impl Draft {
    /// The files of the migrations crate. Where there is a directory of SQL, its migrations come first in the list.
    fn krate(&mut self, package: &str, databases: Databases, directory: Option<&Path>, with_sample: bool) {
        let (diesel, default, mut features) = match databases {
            Databases::Sqlite => ("\"32-column-tables\", \"sqlite\"", true, Vec::new()),
            Databases::Postgres => ("\"32-column-tables\", \"postgres\"", false, vec!["cli", "postgres"]),
            Databases::Both => ("\"32-column-tables\", \"postgres\", \"sqlite\"", true, vec!["postgres"]),
        };
        features.extend(directory.map(|_| "include_dir"));
        let features: Vec<String> = features.iter().map(|feature| format!("\"{feature}\"")).collect();
        let mut updown = manifest::updown_source();
        if !default {
            updown.push_str(", default-features = false");
        }
        if !features.is_empty() {
            updown.push_str(&format!(", features = [{}]", features.join(", ")));
        }
        let with_sample = with_sample && directory.is_none();
        let sql = directory.map_or_else(String::new, |path| format!("../{}", path.display()));
        let sample = "m0001_create_users";
        let (modules, entries) = if with_sample {
            (format!("mod {sample};\n\n"), format!("\n        {sample},\n    "))
        } else {
            (String::new(), String::new())
        };
        let blanks = [
            ("package", package),
            ("diesel", diesel),
            ("updown", updown.as_str()),
            ("connection", databases.connection()),
            ("modules", modules.as_str()),
            ("entries", entries.as_str()),
            ("sql", sql.as_str()),
            ("include_dir", if directory.is_some() { templates::INCLUDE_DIR } else { "" }),
        ];
        for (name, template) in [
            ("Cargo.toml", templates::CRATE),
            ("lib.rs", templates::LIB),
            ("migrate.rs", templates::PROGRAM),
            ("main/mod.rs", if directory.is_some() { templates::LIST_BEHIND } else { templates::LIST }),
            ("main/README.md", templates::README),
            ("build.rs", templates::BUILD),
        ] {
            if name == "build.rs" && directory.is_none() {
                continue;
            }
            self.new.push((Path::new(package).join(name), templates::fill(template, &blanks)));
        }
        if with_sample {
            self.new
                .push((Path::new(package).join(format!("main/{sample}.rs")), templates::sample(databases)));
        }
    }

    fn ignore(&mut self, dir: &Path, wanted: &[&str]) -> Result<(), Error> {
        let path = dir.join(".gitignore");
        let there = files::exists(&path)?;
        let text = if there { files::read(&path)? } else { String::new() };
        if let Some(text) = manifest::ignore(&text, wanted) {
            let files = if there { &mut self.changed } else { &mut self.new };
            files.push((".gitignore".into(), text));
        }
        Ok(())
    }

    /// Writes all, or what was written goes again. What is changed comes last: a workspace never
    /// names a crate that is not whole.
    fn write(self, root: &Path) -> Result<Vec<PathBuf>, Error> {
        for (path, _) in &self.new {
            files::check_new(root, path)?;
        }
        let mut written = Vec::new();
        let outcome = self.try_write(root, &mut written);
        if outcome.is_err() {
            for path in &written {
                let _ = files::remove(&root.join(path));
                // Only directories that are empty go.
                for dir in path.ancestors().skip(1).filter(|dir| !dir.as_os_str().is_empty()) {
                    let _ = std::fs::remove_dir(root.join(dir));
                }
            }
        }
        outcome?;
        written.extend(self.changed.into_iter().map(|(path, _)| path));
        Ok(written)
    }

    fn try_write(&self, root: &Path, written: &mut Vec<PathBuf>) -> Result<(), Error> {
        for (path, text) in &self.new {
            let target = root.join(path);
            if let Some(dir) = target.parent() {
                std::fs::create_dir_all(dir)
                    .map_err(|source| Error::Io { what: format!("cannot make {}", dir.display()), source })?;
            }
            files::create(&target, text)?;
            written.push(path.clone());
        }
        for (path, text) in &self.changed {
            files::replace(&root.join(path), text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
