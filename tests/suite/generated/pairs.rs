//! Random pairs of declared schemas: the migration to the first, and from there to the second, are written, built
//! and run, and then nothing differs. One project has a store for each pair, so that it is built twice for all.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scaffold::{UPDOWN, cargo, command, lock, ok};
use crate::support::full;

const TYPES: [&str; 9] =
    ["BigInt", "Integer", "SmallInt", "Text", "Bool", "Double", "Timestamp", "Date", "Binary"];

/// Numbers that follow from a seed, which is said.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// Tables of a few names, columns of a few names: two schemas have much in common.
    fn schema(&mut self) -> String {
        let (mut text, mut there): (String, Vec<usize>) = (String::new(), Vec::new());
        for table in 1..=4 {
            if table > 1 && self.one_in(3) {
                continue;
            }
            let key = ["id", "id", "id", "id, c1"][self.below(4)];
            let id = if self.one_in(4) { "Text" } else { "BigInt" };
            let _ = write!(text, "diesel::table! {{\n    t{table} ({key}) {{\n        id -> {id},\n");
            for column in 1..=6 {
                let is_key = column == 1 && key.contains("c1");
                if !is_key && self.one_in(3) {
                    continue;
                }
                let kind = TYPES[self.below(TYPES.len())];
                let kind =
                    if is_key || self.one_in(2) { kind.to_owned() } else { format!("Nullable<{kind}>") };
                let _ = writeln!(text, "        c{column} -> {kind},");
            }
            let refers = there.iter().copied().filter(|_| self.one_in(2)).collect::<Vec<_>>();
            for to in &refers {
                let _ = writeln!(text, "        t{to}_id -> Nullable<BigInt>,");
            }
            text.push_str("    }\n}\n");
            for to in refers {
                let _ = writeln!(text, "diesel::joinable!(t{table} -> t{to} (t{to}_id));");
            }
            if id == "BigInt" && key == "id" {
                there.push(table);
            }
        }
        text
    }
}

/// A project with a store for each pair.
struct Project {
    dir: tempfile::TempDir,
    stores: Vec<String>,
}

impl Project {
    fn new(count: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        ok(UPDOWN, dir.path(), &["init", "--empty"]);
        lock(dir.path());
        let crate_dir = dir.path().join("migrations");
        fs::remove_dir_all(crate_dir.join("main")).unwrap();
        fs::remove_file(dir.path().join("diesel.toml")).unwrap();
        let stores: Vec<String> = (1..=count).map(|number| format!("s{number:03}")).collect();
        let (mut modules, mut entries) = (String::new(), String::new());
        for store in &stores {
            let upper = store.to_uppercase();
            let _ = writeln!(modules, "pub mod {store};");
            let _ = write!(entries, "{store}: {store}::{upper} => optional, ");
            fs::create_dir(crate_dir.join(store)).unwrap();
            let list = format!(
                "use updown::prelude::SqliteConnection;\n\nupdown::registry! {{\n    pub static {upper}: SqliteConnection = [];\n}}\n"
            );
            fs::write(crate_dir.join(store).join("mod.rs"), list).unwrap();
        }
        let lib = format!(
            "{modules}\npub fn project() -> updown::Project {{\n    updown::project! {{ {entries} }}\n}}\n"
        );
        fs::write(crate_dir.join("lib.rs"), lib).unwrap();
        Self { dir, stores }
    }

    fn declare(&self, store: &str, schema: &str) {
        fs::write(self.dir.path().join("migrations").join(store).join("schema.rs"), schema).unwrap();
    }

    /// The program, built of what is written by now.
    fn build(&self) -> PathBuf {
        ok(&cargo(), self.dir.path(), &["build", "--quiet", "--offline", "--package", "migrations"]);
        let target = command("true", self.dir.path());
        let target = target.get_envs().find(|(name, _)| *name == "CARGO_TARGET_DIR");
        let target = target.and_then(|(_, value)| value).expect("it is set");
        Path::new(target).join("debug/migrate")
    }

    /// Runs it on one store, whose database is a file of its own.
    fn run(&self, program: &Path, store: &str, arguments: &[&str]) -> Result<(), String> {
        let variable = match self.stores[0] == store {
            true => "DATABASE_URL".to_owned(),
            false => format!("{}_URL", store.to_uppercase()),
        };
        let url = format!("sqlite://{}/{store}.db", self.dir.path().display());
        let mut command = Command::new(program);
        command.current_dir(self.dir.path()).args(arguments).args(["--store", store]);
        let output =
            command.env("ENV", "development").env("UPDOWN_REFRESH_SCHEMA", "false").env(variable, url);
        let output = output.output().unwrap();
        match output.status.success() {
            true => Ok(()),
            false => Err(format!(
                "{arguments:?} on {store}\n{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }
}

#[test]
fn nothing_differs_behind_a_generated_migration() {
    let seed = std::env::var("UPDOWN_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("UPDOWN_SEED={seed}");
    let mut random = Random(seed);
    let project = Project::new(if full() { 300 } else { 20 });
    let pairs: Vec<[String; 2]> = project.stores.iter().map(|_| [random.schema(), random.schema()]).collect();
    let mut program = project.build();
    for (which, name) in ["make_one", "make_other"].into_iter().enumerate() {
        for (store, pair) in project.stores.iter().zip(&pairs) {
            project.declare(store, &pair[which]);
            let new = ["new", name, "--diff", "--no-rename", "--allow-loss"];
            project.run(&program, store, &new).unwrap_or_else(|why| panic!("{why}\n{pair:#?}"));
        }
        program = project.build();
        for (store, pair) in project.stores.iter().zip(&pairs) {
            for arguments in [&["migrate"][..], &["schema", "diff"]] {
                project.run(&program, store, arguments).unwrap_or_else(|why| panic!("{why}\n{pair:#?}"));
            }
        }
    }
    // And each knows its way back.
    for (store, pair) in project.stores.iter().zip(&pairs) {
        project.run(&program, store, &["check"]).unwrap_or_else(|why| panic!("{why}\n{pair:#?}"));
    }
}
