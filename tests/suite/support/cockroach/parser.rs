//! CockroachDB's own parser, which is a program in Go: whether it knows a statement, and not what a server
//! would make of it.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::Deserialize;

use crate::support::go;

/// A statement that it does not know, and why.
#[derive(Debug, Deserialize)]
pub struct Refused {
    pub statement: String,
    pub error: String,
}

pub fn is_there() -> bool {
    program().is_some()
}

/// Those of the texts that it refuses. None where it is not to be had, which is said, and is a failure in
/// CI.
pub fn refused(texts: impl IntoIterator<Item = String>) -> Vec<Refused> {
    // The same statements come from test after test.
    static KNOWN: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let Some(program) = program() else { return Vec::new() };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    let texts: Vec<String> = texts.into_iter().filter(|text| !known.contains(text)).collect();
    let refused = ask(program, &texts);
    known.extend(texts.into_iter().filter(|text| !refused.iter().any(|one| one.statement == *text)));
    refused
}

fn ask(program: &Path, texts: &[String]) -> Vec<Refused> {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("CockroachDB's parser runs");
    // It reads all before it writes anything.
    let asked = serde_json::to_vec(texts).expect("texts");
    child.stdin.take().expect("its input").write_all(&asked).expect("it reads");
    let said = child.wait_with_output().expect("its output");
    assert!(said.status.success(), "CockroachDB's parser has failed");
    serde_json::from_slice(&said.stdout).expect("its answer")
}

fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let what = "what CockroachDB's parser says of the statements";
    PROGRAM.get_or_init(|| go::program("cockroach_parser", "cockroach_parser/parser", what)).as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_cockroachdbs_grammar() {
        if program().is_none() {
            return;
        }
        let accepted = [
            "SELECT j.status FROM [SHOW JOBS] AS j; COMMIT; BEGIN",
            "WITH free AS (SELECT a FROM t FOR UPDATE SKIP LOCKED) UPDATE t SET a = 1 FROM free WHERE t.a = $1",
        ];
        assert!(refused(accepted.map(str::to_owned)).is_empty());
        let wrong = ["SELECT 1; CREATE TABEL t (a INT8)", "SELECT 'it''s'", "LOCK TABLE t"];
        let refused = refused(wrong.map(str::to_owned));
        let statements: Vec<&str> = refused.iter().map(|one| one.statement.as_str()).collect();
        assert_eq!(statements, [wrong[0], wrong[2]]);
        assert!(refused[0].error.contains("at or near \"tabel\": syntax error"), "{refused:?}");
    }
}
