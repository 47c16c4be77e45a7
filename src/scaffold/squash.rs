//! One module in the place of those at the beginning of a list.

use std::path::{Path, PathBuf};

use super::files;
use super::project_dir::ProjectDir;
use super::store_dir::StoreDir;
use crate::error::Error;

/// A store whose list begins with what is replaced.
pub(crate) struct Squashing {
    store: StoreDir,
    in_steps: bool,
    module: String,
    removed: Vec<PathBuf>,
}

impl Squashing {
    /// `replaced` is what the list begins with, `module` what takes its place.
    pub(crate) fn of(
        project: &ProjectDir,
        store: &str,
        replaced: &[&str],
        module: &str,
    ) -> Result<Self, Error> {
        let store = StoreDir::open(project, Some(store))?;
        let listed: Vec<&str> = store.list.entries.iter().map(|entry| entry.name.as_str()).collect();
        if !listed.starts_with(replaced) {
            return Err(Error::usage(
                format!(
                    "the list in {} does not begin with them: some come from a directory of SQL",
                    store.dir.join("mod.rs").display()
                ),
                "squash the directory by itself: `updown --dir DIR squash --to NAME`",
            ));
        }
        if files::exists(&store.file(module))? || store.list.names().any(|name| name == module) {
            return Err(Error::usage(
                format!("{} is there already", store.shown(project, module).display()),
                "name a later migration, or give that one another name",
            ));
        }
        let mut removed = Vec::new();
        for name in replaced {
            for end in [".rs", ".up.sql", ".down.sql"] {
                let file = store.dir.join(format!("{name}{end}"));
                removed.extend(files::exists(&file)?.then_some(file));
            }
        }
        let in_steps = store.is_mostly_in_steps()?;
        Ok(Self { store, in_steps, module: module.to_owned(), removed })
    }

    /// What the module is written against, and whether in steps.
    pub(crate) fn against(&self) -> (&str, bool) {
        (&self.store.list.connection, self.in_steps)
    }

    /// The files that are removed, and the list.
    pub(crate) fn touched(&self) -> Vec<PathBuf> {
        let mut files = self.removed.clone();
        files.push(self.store.dir.join("mod.rs"));
        files
    }

    /// The old files go last: at every moment, the modules that the list names are there.
    pub(crate) fn write(
        &self,
        project: &ProjectDir,
        text: &str,
        replaces: &[String],
    ) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
        let mut list = self.store.list.clone();
        list.replace_first(replaces, &self.module)?;
        let file = self.store.file(&self.module);
        files::create(&file, text)?;
        if let Err(error) = list.write() {
            let _ = files::remove(&file);
            return Err(error);
        }
        for file in &self.removed {
            files::remove(file)?;
        }
        let shown = |file: &PathBuf| file.strip_prefix(&project.root).map_or(file.clone(), Path::to_owned);
        let written = vec![shown(&file), self.store.shown(project, "mod")];
        Ok((written, self.removed.iter().map(shown).collect()))
    }
}
