//! `updown new`: the next module, and its place in the list.

use std::path::PathBuf;

use super::names::{self, Style};
use super::project_dir::ProjectDir;
use super::store_dir::StoreDir;
use super::templates::Against;
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
}

/// Writes a module and enters it in the list. Returns what was written, from the workspace's root.
pub(crate) fn new(project: &ProjectDir, name: &str, options: &New) -> Result<Vec<PathBuf>, Error> {
    let text = |name: &str, against: Against<'_>| templates::module(name, against, options.raw);
    write(project, name, options, &text).map(|written| written.files)
}

/// What was written.
pub(crate) struct Written {
    /// From the workspace's root: the module, and the list.
    pub(crate) files: Vec<PathBuf>,
    /// The module's name.
    pub(crate) module: String,
    /// Its source.
    pub(crate) source: String,
}

/// The same with the text that `text` makes of what it does, in one word, and of what it is written against.
pub(crate) fn write(
    project: &ProjectDir,
    name: &str,
    options: &New,
    text: &dyn Fn(&str, Against<'_>) -> String,
) -> Result<Written, Error> {
    let name = names::what_it_does(name)?;
    let mut store = StoreDir::open(project, options.store.as_deref())?;
    let modules = store.modules()?;
    if let Some(taken) =
        modules.iter().find(|module| names::split(module).is_some_and(|(_, what)| what == name))
    {
        return Err(Error::usage(
            format!("{} exists already", store.shown(project, taken).display()),
            format!("updown new {name}_again"),
        ));
    }
    let style = if options.timestamp { Style::Time } else { Style::Counted(4) };
    let number = style.next(names::highest(modules.iter().map(String::as_str)))?;
    let module = format!("m{number}_{name}");
    let against = Against { connection: &store.list.connection, in_steps: store.is_mostly_in_steps()? };
    let source = text(&name, against);

    store.list.add(&module)?;
    files::create(&store.file(&module), &source)?;
    if let Err(error) = store.list.write() {
        // Half of it would only stand in the way of the next try.
        let _ = files::remove(&store.file(&module));
        return Err(error);
    }
    let files = vec![store.shown(project, &module), store.shown(project, "mod")];
    Ok(Written { files, module, source })
}
