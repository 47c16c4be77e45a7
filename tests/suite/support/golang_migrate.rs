//! golang-migrate, which is a program in Go (`tests/golang_migrate`): its library, called as its command line does.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::go;

pub fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let what = "what golang-migrate makes of a directory";
    PROGRAM.get_or_init(|| go::program("golang_migrate", "golang_migrate/golang_migrate", what)).as_deref()
}
