//! golang-migrate, which is a program in Go (`tests/golang_migrate`): its library, called as its command line does.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golang_migrate");

/// None where it cannot be built, which is said, and is a failure in CI.
pub fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| match build() {
        Ok(program) => Some(program),
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "golang-migrate is needed: {why}");
            eprintln!("SKIPPED: what golang-migrate makes of a directory ({why})");
            None
        }
    });
    program.as_deref()
}

/// By `.ci/test` before the tests begin, since the first time takes minutes.
fn build() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let program = target.join("golang_migrate/golang_migrate");
    let changed = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
    let sources = ["main.go", "go.mod", "go.sum"].map(|name| changed(&Path::new(SOURCE).join(name)));
    if changed(&program).is_some_and(|built| sources.iter().all(|source| *source < Some(built))) {
        return Ok(program);
    }
    let mut command = Command::new("go");
    command.args(["build", "-o"]).arg(&program).arg(".").current_dir(SOURCE);
    let built = command.output().map_err(|error| format!("install Go: {error}"))?;
    match built.status.success() {
        true => Ok(program),
        false => Err(String::from_utf8_lossy(&built.stderr).into_owned()),
    }
}
