//! What is emitted says what was meant, and is as rustfmt leaves it.
//!
//! The sources of a list of changes stand beside this file and are compiled with it. After a change of what is
//! emitted, `UPDATE_EMITTED=1 cargo test schema::emit` writes them anew; the next run compiles them.

mod samples;

#[rustfmt::skip]
mod emitted;
#[rustfmt::skip]
mod emitted_in_steps;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Module, module, sayable};
use crate::schema::diff::Needed;
use crate::schema::op::Op;
use crate::schema::recorded::{Change, Schema};

fn needed(op: &Op) -> Needed {
    Needed::new(op.clone(), None)
}

fn source(ops: &[Op], in_steps: bool) -> String {
    let changes: Vec<Needed> = ops.iter().map(needed).collect();
    module(&Module { about: "All changes.", connection: "AnyConnection", in_steps, changes: &changes })
}

/// What rustfmt would change; none where there is no rustfmt.
fn misformatted(source: &str) -> Option<String> {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("emitted.rs");
    std::fs::write(&file, source).expect("a file");
    let checked = Command::new("rustfmt").args(["--edition", "2024", "--check"]).arg(&file).output();
    assert!(checked.is_ok() || std::env::var_os("CI").is_none(), "rustfmt is needed");
    let output = checked.ok()?;
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (!output.status.success()).then_some(said)
}

fn snapshot(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema/emit/tests").join(name)
}

fn compare(name: &str, in_steps: bool, recorded: &[Op]) {
    let ops = samples::all();
    let text = source(&ops, in_steps);
    let file = snapshot(name);
    if std::env::var_os("UPDATE_EMITTED").is_some() {
        std::fs::write(&file, &text).expect("the snapshot is written");
        return;
    }
    assert_eq!(misformatted(&text).as_deref(), None);
    let committed = std::fs::read_to_string(&file).expect("the snapshot");
    assert!(committed == text, "{} is not what is emitted: UPDATE_EMITTED=1 writes it", file.display());
    let said: Vec<Op> = ops.iter().flat_map(|op| sayable(op, in_steps)).collect();
    for (said, recorded) in said.iter().zip(recorded) {
        assert_eq!(recorded, said);
    }
    assert_eq!(recorded.len(), said.len());
}

fn recorded<C>(schema: Schema<C>) -> Vec<Op> {
    schema.recorded.iter().filter_map(|recorded| recorded.operation.sql().cloned()).collect()
}

#[test]
fn what_is_emitted_records_the_same() {
    let mut schema = Schema::new();
    emitted::Migration.change(&mut schema);
    compare("emitted.rs", false, &recorded(schema));
}

#[test]
fn what_is_emitted_in_steps_records_the_same() {
    let mut schema = Schema::new();
    emitted_in_steps::Migration.change(&mut schema);
    compare("emitted_in_steps.rs", true, &recorded(schema));
}

#[test]
fn it_is_formatted_however_long_names_are() {
    for seed in 0..20 {
        let source = source(&samples::random(seed, 40), seed % 2 == 0);
        assert_eq!(misformatted(&source), None, "seed {seed}");
        syn::parse_file(&source).expect("Rust");
    }
}

#[test]
fn what_is_lost_stands_above_the_statement() {
    let drop = Op::DropColumn { table: "videos".into(), name: "slug".into(), was: Default::default() };
    let needed = Needed {
        loses: Some("the column videos.slug is dropped with its values".into()),
        fails_with_rows: Some(format!("a {} reason", "very long ".repeat(12))),
        ..needed(&drop)
    };
    let what =
        Module { about: "Drops.", connection: "SqliteConnection", in_steps: false, changes: &[needed] };
    let source = module(&what);
    assert!(
        source.contains(
            "        // loses: the column videos.slug is dropped with its values\n        // fails on"
        ),
        "{source}"
    );
    assert!(source.lines().all(|line| line.len() <= 100), "{source}");
    assert_eq!(misformatted(&source), None);
}
