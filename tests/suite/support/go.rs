//! Programs in Go beside the tests. `.ci/test` builds them before the tests begin, since the first time takes minutes.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What is in `tests/SOURCE`, as `program` in the target directory. None where it cannot be built: `what` is not
/// tested then, which is said, and is a failure in CI.
pub fn program(source: &str, program: &str, what: &str) -> Option<PathBuf> {
    let built = build(source, program);
    if let Err(why) = &built {
        assert!(std::env::var_os("CI").is_none(), "tests/{source} could not be built: {why}");
        eprintln!("SKIPPED: {what} (tests/{source} could not be built: {why})");
    }
    built.ok()
}

fn build(source: &str, program: &str) -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(source);
    let program =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory").join(program);
    let changed = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
    let sources = ["main.go", "go.mod", "go.sum"].map(|name| changed(&source.join(name)));
    if changed(&program).is_some_and(|built| sources.iter().all(|source| *source < Some(built))) {
        return Ok(program);
    }
    let mut command = Command::new("go");
    command.args(["build", "-o"]).arg(&program).arg(".").current_dir(source);
    let built = command.output().map_err(|error| format!("install Go: {error}"))?;
    match built.status.success() {
        true => Ok(program),
        false => Err(String::from_utf8_lossy(&built.stderr).trim_end().to_owned()),
    }
}
