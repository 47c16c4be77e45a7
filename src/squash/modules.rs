//! The modules of a project: the new one, and its place in the list.

use std::path::PathBuf;

use super::built::Built;
use super::{because, squashed_name};
use crate::error::Error;
use crate::listed::Listed;
use crate::scaffold::project_dir::{self, ProjectDir};
use crate::scaffold::squash::Squashing;
use crate::schema::diff::Needed;
use crate::schema::emit::{Module, module};
use crate::schema::op::Op;
use crate::schema::recorded::Was;

pub struct Modules {
    pub name: String,
    project: ProjectDir,
    squashing: Squashing,
}

impl Modules {
    pub fn of(manifest_dir: &'static str, store: &str, replaced: &[Listed]) -> Result<Self, Error> {
        let project = project_dir::here(Some(manifest_dir))?;
        let names: Vec<&str> = replaced.iter().map(|listed| listed.name.as_ref()).collect();
        let last = squashed_name(names.last().copied().unwrap_or_default());
        // A file's name need not begin as a module's has to.
        let name = if last.starts_with('m') { last } else { format!("m{}", last.trim_start_matches('V')) };
        let squashing = Squashing::of(&project, store, &names, &name)?;
        Ok(Self { name, project, squashing })
    }

    pub fn touched(&self) -> Vec<PathBuf> {
        self.squashing.touched()
    }

    pub fn text(&self, built: &Built, replaces: &[String]) -> Result<String, Error> {
        let (first, last) =
            (replaces.first().map_or("", String::as_str), replaces.last().map_or("", String::as_str));
        let about = format!("In the place of {} migrations, `{first}` to `{last}`.", replaces.len());
        let no_way_back =
            Op::Raw { up: vec!["SELECT 1".to_owned()], down: Was::Irreversible(because(replaces.len())) };
        let mut changes = built.needed.clone();
        changes.push(Needed::new(no_way_back, None).addition(true));
        let (connection, in_steps) = self.squashing.against();
        Ok(module(&Module { about: &about, connection, in_steps, changes: &changes }))
    }

    pub fn write(&self, text: &str, replaces: &[String]) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
        self.squashing.write(&self.project, text, replaces)
    }
}
