//! The files of a directory, wherever they are.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::registry::BadList;

/// Where the files of a directory are.
#[derive(Clone, Debug)]
pub enum Files {
    At(PathBuf),
    Given(Vec<SqlFile>),
    #[cfg(feature = "include_dir")]
    Embedded(&'static include_dir::Dir<'static>),
}

/// One file of a directory.
#[derive(Clone, Debug)]
pub struct SqlFile {
    /// Its path in the directory, with `/`.
    pub path: Cow<'static, str>,
    /// Where it is, for those who look for it.
    pub shown: Cow<'static, str>,
    pub text: Cow<'static, str>,
}

impl SqlFile {
    pub fn new(path: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        let path = path.into();
        Self { shown: path.clone(), path, text: text.into() }
    }

    /// The name without the folder.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The folder in the directory; empty for the directory itself.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// What has something to do with migrations; everything else in a directory is somebody else's.
const EXTENSIONS: [&str; 3] = ["sql", "cql", "toml"];

impl Files {
    /// The files of the directory and of those in it, in the order of their paths.
    pub fn read(&self) -> Result<Vec<SqlFile>, BadList> {
        let mut found = Vec::new();
        match self {
            Self::At(root) => walk(root, "", &mut found)?,
            Self::Given(files) => found.clone_from(files),
            #[cfg(feature = "include_dir")]
            Self::Embedded(directory) => embedded(directory, &mut found)?,
        }
        found.retain(|file| !file.name().starts_with('.') && has_extension(&file.path));
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// How it is called in messages.
    pub fn shown(&self) -> String {
        match self {
            Self::At(root) => root.display().to_string(),
            Self::Given(_) => "the list of files".to_owned(),
            #[cfg(feature = "include_dir")]
            Self::Embedded(directory) => {
                format!("the directory {} that is compiled in", directory.path().display())
            }
        }
    }
}

fn has_extension(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

/// One level of folders: no tool looks deeper.
fn walk(root: &Path, folder: &str, found: &mut Vec<SqlFile>) -> Result<(), BadList> {
    let here = if folder.is_empty() { root.to_owned() } else { root.join(folder) };
    let unreadable = |what: &Path, error: std::io::Error| BadList {
        message: format!("cannot read {}: {error}", what.display()),
        hint: "say where the migrations are with `--dir`, or MIGRATIONS_DIR".to_owned(),
    };
    for entry in std::fs::read_dir(&here).map_err(|error| unreadable(&here, error))? {
        let entry = entry.map_err(|error| unreadable(&here, error))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = entry.path();
        if name.starts_with('.') {
            continue;
        }
        // The entry itself says, but for a link.
        let kind = entry.file_type().map_err(|error| unreadable(&path, error))?;
        if kind.is_dir() || (kind.is_symlink() && path.is_dir()) {
            if folder.is_empty() {
                walk(root, &name, found)?;
            }
        } else if has_extension(&name) {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            let relative = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let shown = path.display().to_string();
            found.push(SqlFile { path: relative.into(), shown: shown.into(), text: text.into() });
        }
    }
    Ok(())
}

#[cfg(feature = "include_dir")]
fn embedded(directory: &'static include_dir::Dir<'static>, found: &mut Vec<SqlFile>) -> Result<(), BadList> {
    let folders = directory.dirs().flat_map(include_dir::Dir::files);
    for file in directory.files().chain(folders) {
        let path = file.path().to_string_lossy().replace('\\', "/");
        if !has_extension(&path) {
            continue;
        }
        let text = file.contents_utf8().ok_or_else(|| BadList {
            message: format!("{path} is not UTF-8"),
            hint: "convert it, and compile again".to_owned(),
        })?;
        found.push(SqlFile::new(path, text));
    }
    Ok(())
}
