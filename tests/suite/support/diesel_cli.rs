//! Diesel's own command line, which `.ci/test` installs into the target directory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What is compared with.
pub const VERSION: &str = "2.3.14";

/// None where it is not installed, which is said, and is a failure in CI.
pub fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| match installed() {
        Ok(program) => Some(program),
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "diesel_cli {VERSION} is needed: {why}");
            eprintln!("SKIPPED: what `diesel print-schema` prints ({why}; `.ci/test` installs it)");
            None
        }
    });
    program.as_deref()
}

fn installed() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let program = target.join("diesel_cli/bin/diesel");
    let said = Command::new(&program).arg("--version").output();
    let said = said.map_err(|error| format!("{}: {error}", program.display()))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let has = |word: &str| said.split_whitespace().any(|one| one == word);
    if has(VERSION) && has("sqlite") && (has("postgres") || !cfg!(feature = "postgres")) {
        Ok(program)
    } else {
        Err(format!("{} is another one: {}", program.display(), super::words(&said)))
    }
}
