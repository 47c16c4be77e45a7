//! `updown new`: the next module, and its place in the list.

use std::path::{Path, PathBuf};

use super::names::{self, Style};
use super::project_dir::ProjectDir;
use super::store_dir::StoreDir;
use super::{files, templates};
use crate::error::Error;

/// How `updown new` was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct New {
    /// Into this store; else into the project's first one.
    pub(crate) store: Option<String>,
    /// Number by the time, not by the next number.
    pub(crate) timestamp: bool,
    /// With bodies that are written by hand, not as a typed change.
    pub(crate) raw: bool,
    /// As two files of SQL beside the list, not as a module.
    pub(crate) sql: bool,
    /// One that runs again when it changes: without a number, at the end of the list.
    pub(crate) repeatable: bool,
}

/// A module that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its name: `m0007_add_video_slug`.
    pub(crate) module: String,
    /// The files that were written, from the workspace's root.
    pub(crate) files: Vec<PathBuf>,
    /// What stands in the module.
    pub(crate) text: String,
}

/// Writes a module and enters it in the list. Returns what was written, from the workspace's root.
pub(crate) fn new(project: &ProjectDir, name: &str, options: &New) -> Result<Vec<PathBuf>, Error> {
    let text = |about: &str, against: templates::Against<'_>| match options.repeatable {
        true => Ok(super::raw::repeatable(about, against)),
        false => Ok(templates::module(about, against, options.raw)),
    };
    write(project, name, options, text).map(|written| written.files)
}

/// Writes `R__name.sql` into a directory of SQL, or of CQL.
pub(crate) fn repeatable_file(directory: &Path, name: &str, is_cql: bool) -> Result<PathBuf, Error> {
    let name = names::what_it_does(name)?;
    let file = directory.join(format!("R__{name}.{}", if is_cql { "cql" } else { "sql" }));
    if file.exists() {
        return Err(Error::usage(
            format!("{} exists already", file.display()),
            format!("updown new --repeatable {name}_again"),
        ));
    }
    let text = format!(
        "-- {name}: runs again whenever this file changes, behind all other migrations. So write what may run again:\n\
         -- `DROP VIEW IF EXISTS latest; CREATE VIEW latest AS …`.\n"
    );
    files::create(&file, &text)?;
    Ok(file)
}

/// The same with a text that `text` makes of what the module does, as a name, and of what it is written against.
pub(crate) fn write(
    project: &ProjectDir,
    name: &str,
    options: &New,
    text: impl FnOnce(&str, templates::Against<'_>) -> Result<String, Error>,
) -> Result<Written, Error> {
    let name = names::what_it_does(name)?;
    let mut store = StoreDir::open(project, options.store.as_deref())?;
    let modules = store.modules()?;
    if let Some(taken) = modules
        .iter()
        .find(|module| **module == name || names::split(module).is_some_and(|(_, what)| what == name))
    {
        return Err(Error::usage(
            format!("{} exists already", store.shown(project, taken).display()),
            format!("updown new {name}_again"),
        ));
    }
    let style = if options.timestamp { Style::Time } else { Style::Counted(4) };
    let before = store.highest_before(project)?;
    let next = || style.next(before.max(names::highest(modules.iter().map(String::as_str))));
    if options.sql {
        return write_files(project, store, format!("{}_{name}", next()?));
    }
    let module = match options.repeatable {
        true => name.clone(),
        false => format!("m{}_{name}", next()?),
    };
    let against =
        templates::Against { connection: &store.list.connection, in_steps: store.is_mostly_in_steps()? };
    let text = text(&name, against)?;

    match options.repeatable {
        true => store.list.add_repeatable(&module)?,
        false => store.list.add(&module)?,
    }
    files::create(&store.file(&module), &text)?;
    if let Err(error) = store.list.write() {
        // Half of it would only stand in the way of the next try.
        let _ = files::remove(&store.file(&module));
        return Err(error);
    }
    Ok(Written { files: vec![store.shown(project, &module), store.shown(project, "mod")], module, text })
}

/// The same as two files, of which each says what belongs there.
fn write_files(project: &ProjectDir, mut store: StoreDir, name: String) -> Result<Written, Error> {
    let is_cql = templates::Against { connection: &store.list.connection, in_steps: false }.is_cql();
    let extension = if is_cql { "cql" } else { "sql" };
    let about = templates::about(name.split_once('_').map_or(name.as_str(), |(_, what)| what));
    let ways = [("up", format!("-- {about}\n")), ("down", format!("-- Undoes: {about}\n"))];
    store.list.add_files(&name, is_cql)?;
    let path = |way: &str| store.dir.join(format!("{name}.{way}.{extension}"));
    for (way, text) in &ways {
        files::create(&path(way), text)?;
    }
    if let Err(error) = store.list.write() {
        ways.iter().for_each(|(way, _)| drop(files::remove(&path(way))));
        return Err(error);
    }
    let shown = |path: PathBuf| path.strip_prefix(&project.root).map_or(path.clone(), PathBuf::from);
    let mut written: Vec<PathBuf> = ways.iter().map(|(way, _)| shown(path(way))).collect();
    written.push(store.shown(project, "mod"));
    let [(_, text), _] = ways;
    Ok(Written { module: name, files: written, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let main = dir.path().join("main");
        std::fs::create_dir(&main).unwrap();
        let list =
            "mod m0001_a;\n\nupdown::registry! {\n    pub static MAIN: AnyConnection = [m0001_a];\n}\n";
        std::fs::write(main.join("mod.rs"), list).unwrap();
        std::fs::write(main.join("m0001_a.rs"), "").unwrap();
        let project = ProjectDir::of_tests(dir.path());
        let written = write(&project, "TakeItOver", &New::default(), |name, against| {
            Ok(format!("// {name} {}\n", against.connection))
        });
        let written = written.unwrap();
        assert_eq!(written.module, "m0002_take_it_over");
        assert_eq!(written.text, "// take_it_over AnyConnection\n");
        assert_eq!(std::fs::read_to_string(main.join("m0002_take_it_over.rs")).unwrap(), written.text);
        assert!(std::fs::read_to_string(main.join("mod.rs")).unwrap().contains("m0002_take_it_over"));
        let refused = write(&project, "b", &New::default(), |_, _| Err(Error::usage("no", "yes")));
        assert!(refused.is_err() && !main.join("m0003_b.rs").exists());
    }
}
