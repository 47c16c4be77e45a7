//! The fixture program in a directory of its own, and what one sees of its database.

#[cfg(feature = "scylla")]
pub mod cassandra;
#[cfg(feature = "postgres")]
pub mod cockroach;
#[cfg(feature = "scylla")]
pub mod cql_proxy;
#[cfg(feature = "scylla")]
pub mod cql_state;
mod database;
pub mod diesel_cli;
mod go;
pub mod golang_migrate;
#[cfg(feature = "postgres")]
pub mod pgbouncer;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "postgres")]
pub mod proxy;
mod store;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Once};

use tempfile::TempDir;

pub use database::Database;
pub(crate) use store::for_each_store;
pub use store::{Home, Store};

/// What starts a Cassandra.
#[cfg(feature = "scylla")]
const CASSANDRA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/cassandra");

/// A directory, a database, and the project that runs on it.
pub struct Fixture {
    pub directory: TempDir,
    pub home: Arc<Home>,
    vars: Vec<(String, String)>,
    /// The installed `updown`, and not the fixture's program.
    is_standalone: bool,
}

impl Fixture {
    /// The project of that name, in development, on an SQLite database that does not exist yet.
    pub fn new(name: &str) -> Self {
        Self::on(Store::Sqlite, name)
    }

    /// The project of that name, in development, on a new database of that store.
    pub fn on(store: Store, name: &str) -> Self {
        // In memory where that is to be had: what is tested is killed processes, not lost power, and
        // there are thousands of runs that would wait for a disk.
        let memory = Path::new("/dev/shm");
        let directory = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let directory = directory.expect("a temporary directory");
        let home = Home::new(store, &directory.path().join("x.db"));
        Self::with(directory, home, name)
    }

    /// The project of that name on a PostgreSQL database that is there already.
    #[cfg(feature = "postgres")]
    pub fn at(url: &str, name: &str) -> Self {
        Self::with(tempfile::tempdir().expect("a temporary directory"), Home::at(url), name)
    }

    /// The same on one that goes with somebody else.
    #[cfg(feature = "postgres")]
    pub fn beside(url: &str, name: &str) -> Self {
        Self::with(tempfile::tempdir().expect("a temporary directory"), Home::lent(url), name)
    }

    /// A directory of SQL, `migrations`, and nothing else; in development, on a new database of that store.
    pub fn of_files(store: Store, files: &[(&str, &str)]) -> Self {
        let fixture = Self { is_standalone: true, ..Self::on(store, "") };
        files.iter().for_each(|(path, text)| fixture.write(&format!("migrations/{path}"), text));
        fixture
    }

    /// Writes a file, and the folders that it is in.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the fixture's directory");
        std::fs::write(path, text).expect("the fixture's directory");
    }

    fn with(directory: TempDir, home: Arc<Home>, name: &str) -> Self {
        let url = home.url().to_owned();
        Self { directory, home, vars: Vec::new(), is_standalone: false }
            .var("FIXTURE", name)
            .var("DATABASE_URL", &url)
            .var("ENV", "development")
    }

    /// With a body that waits until it is let go.
    pub fn meeting(self) -> Self {
        let meet = self.directory.path().display().to_string();
        self.var("MEET", &meet)
    }

    /// Waits until the body waits.
    pub fn reached(&self) {
        wait_for(&self.path("reached"));
    }

    /// Lets the body go on.
    pub fn go(&self) {
        std::fs::write(self.path("go"), "").expect("the fixture's directory");
    }

    /// With an environment variable; empty takes it away.
    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.vars.retain(|(known, _)| known != name);
        self.vars.push((name.to_owned(), value.to_owned()));
    }

    #[cfg(feature = "postgres")]
    pub fn get(&self, name: &str) -> String {
        self.vars.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The same project with another way to its database, in a directory of its own.
    #[cfg(feature = "postgres")]
    pub fn clone_at(&self, url: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut clone = Self::with(directory, self.home.clone(), &self.get("FIXTURE"));
        clone.vars.clone_from(&self.vars);
        clone.var("DATABASE_URL", url)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A holder was killed. Where that is told by the expiry of its lease alone: as if it had come.
    pub fn holder_is_gone(&self) {
        if self.home.store() == Store::Cockroach && self.database().has("schema_migrations_lease") {
            self.database().expire_lease();
        }
    }

    /// Each time another connection.
    pub fn database(&self) -> Database {
        self.home.database()
    }

    /// One more database of the same kind; on SQLite it has that name.
    pub fn another(&self, name: &str) -> Arc<Home> {
        Home::new(self.home.store(), &self.path(&format!("{name}.db")))
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let program = if self.is_standalone { env!("CARGO_BIN_EXE_updown").into() } else { program() };
        self.command_of(program, args)
    }

    /// The same of another program than the fixture's.
    pub fn command_of(&self, program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.directory.path()).stdin(Stdio::null());
        for name in
            ["ENV", "SERVICE", "FORCE_MIGRATION", "AUTO_MIGRATE", "CI", "MIGRATIONS_DIR", "MIGRATIONS_FORMAT"]
        {
            command.env_remove(name);
        }
        // What says where a store is; `SCYLLA_URL` names the tests' own server.
        for store in ["DATABASE", "DB", "EXTRA", "AUDIT", "SEARCH", "COCKROACH", "SCYLLA"] {
            for part in ["URL", "HOST", "PORT", "USER", "PASSWORD", "NAME", "SSLMODE"] {
                command.env_remove(format!("{store}_{part}"));
            }
        }
        command.env("RUST_BACKTRACE", "0");
        for (name, value) in &self.vars {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().expect("the fixture runs"))
    }

    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the fixture runs")
    }
}

/// A word in every password that the tests use: nothing that they run may ever say it.
pub const SECRET: &str = "unsaid";

/// What a program said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    pub fn of(output: Output) -> Self {
        let ran = Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        };
        ran.says_nothing_of(SECRET)
    }

    /// Of a program that may not take longer.
    #[cfg(feature = "scylla")]
    #[track_caller]
    pub fn within(limit: std::time::Duration, mut child: Child) -> Self {
        let began = std::time::Instant::now();
        while child.try_wait().expect("it is ours").is_none() {
            if began.elapsed() > limit {
                let _ = child.kill();
                panic!("it hangs: {:#?}", Self::of(child.wait_with_output().expect("its output")));
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Self::of(child.wait_with_output().expect("its output"))
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stdout.contains(text) || self.stderr.contains(text), "{text:?} is not in {self:#?}");
        self
    }

    #[track_caller]
    pub fn says_nothing_of(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "{text:?} is in {self:#?}");
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:#?}")))
            .collect()
    }
}

/// The fixture's program. `cargo test --test suite` alone does not build it.
fn program() -> PathBuf {
    static BUILD: Once = Once::new();
    let deps = std::env::current_exe().expect("this test has a path");
    let profile = deps.parent().and_then(Path::parent).expect("target/debug/deps");
    let program = profile.join("examples").join(format!("fixture{}", std::env::consts::EXE_SUFFIX));
    BUILD.call_once(|| {
        let mut features = Vec::new();
        if cfg!(feature = "bundled") {
            features.push("updown/bundled");
        }
        if cfg!(feature = "postgres") {
            features.extend(["updown/postgres", "migrations/postgres", "migrations/cockroach"]);
        }
        if cfg!(feature = "scylla") {
            features.extend(["updown/scylla", "migrations/scylla"]);
        }
        let built = Command::new(env!("CARGO"))
            // With the features that these tests have: what cargo has built with them is taken as it is.
            .args(["build", "--quiet", "--workspace", "--example", "fixture", "--manifest-path"])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .args(features.iter().flat_map(|feature| ["--features", feature]))
            .status()
            .expect("cargo runs");
        assert!(built.success());
    });
    program
}

/// Text without what only aligns it.
pub fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the long suites were asked for (`make test-full`).
pub fn full() -> bool {
    std::env::var_os("UPDOWN_TEST_FULL").is_some()
}

/// Waits for a file that another process makes.
pub fn wait_for(path: &Path) {
    let began = std::time::Instant::now();
    while !path.exists() {
        assert!(began.elapsed().as_secs() < 60, "{} never came", path.display());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
