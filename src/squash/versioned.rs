//! What is removed has to be somewhere else: in version control, as it is.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::refused;
use crate::error::Error;

/// That git has every one of these files as it is.
pub fn check(store: &str, files: &[PathBuf]) -> Result<(), Error> {
    let Some(folder) = files.first().and_then(|file| file.parent()) else { return Ok(()) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let absolute: Vec<PathBuf> =
        files.iter().map(|file| std::path::absolute(file).unwrap_or_else(|_| file.clone())).collect();
    let mut git = Command::new("git");
    git.arg("-C").arg(folder);
    git.args(["status", "--porcelain", "--ignored", "--untracked-files=all", "--"]).args(&absolute);
    let said = match git.output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        _ => {
            return Err(refused(
                store,
                "the files that would be removed are in no version control".to_owned(),
                "commit them first; or, where they may be gone for good, say `--yes`",
            ));
        }
    };
    let changed: Vec<&str> = said.lines().filter_map(|line| line.get(3..)).collect();
    match changed.as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => {
            let others = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            Err(refused(
                store,
                format!("{first}{others} would be removed, or written over, and is not committed as it is"),
                "commit it first; or, where it may be gone for good, say `--yes`",
            ))
        }
    }
}
