//! A PostgreSQL server of this process's own: made by `initdb`, with the options that a test wants, and
//! gone with the value, also where a test panics or the whole run is killed.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;

/// PostgreSQL refuses to run as root; this user has nothing that could be harmed.
const NOBODY: u32 = 65534;

/// How a server differs from one that anybody on the machine may use, by its socket alone.
#[derive(Default)]
pub struct Options {
    settings: String,
    rules: String,
    addresses: Vec<String>,
    files: Vec<(String, String)>,
    copy_of: Option<String>,
}

impl Options {
    /// A line of `postgresql.conf`. Paths are meant from the data directory, which has the files.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        writeln!(self.settings, "{name} = '{value}'").expect("a string");
        self
    }

    /// Listens on these addresses too, on a free port.
    pub fn listening(mut self, addresses: &[&str]) -> Self {
        self.addresses.extend(addresses.iter().map(|&address| address.to_owned()));
        self
    }

    /// A line of `pg_hba.conf`; without one, nobody gets in by TCP. By the socket `postgres` always does.
    pub fn rule(mut self, line: &str) -> Self {
        writeln!(self.rules, "{line}").expect("a string");
        self
    }

    /// A standby of another one, which has to let it in (`local replication all trust`).
    pub fn copy_of(mut self, primary: &Cluster) -> Self {
        self.copy_of = Some(primary.url("postgres"));
        self
    }

    /// A file in the data directory, that the server alone may read.
    pub fn file(mut self, name: &str, contents: &str) -> Self {
        self.files.push((name.to_owned(), contents.to_owned()));
        self
    }
}

/// Runs as long as it lives.
pub struct Cluster {
    directory: PathBuf,
    port: u16,
    /// Starts and ends the server when told to, and ends it when its input ends.
    shell: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Cluster {
    /// `None` where PostgreSQL's programs are not installed, which is said, and is a failure in CI.
    pub fn start(options: &Options) -> Option<Self> {
        let Some(bin) = programs() else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL's initdb and postgres are needed");
            eprintln!("SKIPPED: no PostgreSQL server (install postgresql)");
            return None;
        };
        let directory = tempfile::Builder::new().prefix("updown-pg-").tempdir().expect("a directory").keep();
        own(&directory);
        let port = if options.addresses.is_empty() { 5432 } else { free_port(&options.addresses) };
        initialise(&bin, &directory, options, port);
        // The shell outlives these tests by a moment, also where they are killed.
        let script = format!(
            "begin() {{ {bin}/postgres -D data </dev/null 2>>log >&2 & server=$!
             until [ -S .s.PGSQL.{port} ] || ! kill -0 $server; do sleep 0.05; done; echo; }}
             begin
             while read -r what; do
                 case $what in begin) begin ;; *) kill -QUIT $server; wait $server; echo ;; esac
             done
             kill -INT $server; wait $server; cd /; rm -rf {directory}",
            bin = bin.display(),
            directory = directory.display(),
        );
        let mut shell = command(Path::new("/bin/sh"), &directory)
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // What ends the tests from the keyboard must not end the shell before it has tidied up.
            .process_group(0)
            .spawn()
            .expect("a shell");
        let input = shell.stdin.take();
        let output = BufReader::new(shell.stdout.take().expect("its output"));
        let mut cluster = Self { directory, port, shell, input, output };
        cluster.wait();
        Some(cluster)
    }

    /// By its socket, as its owner.
    pub fn url(&self, database: &str) -> String {
        let host = self.directory.display().to_string().replace('/', "%2F");
        let port = if self.port == 5432 { String::new() } else { format!(":{}", self.port) };
        format!("postgres://postgres@{host}{port}/{database}")
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What `pg_ctl stop -m immediate` does: every connection is gone, and nothing is written any more.
    pub fn crash(&mut self) {
        self.tell("crash");
        self.wait_for_shell();
    }

    /// Starts it again after that.
    pub fn recover(&mut self) {
        self.tell("begin");
        self.wait();
    }

    fn tell(&mut self, what: &str) {
        writeln!(self.input.as_mut().expect("it runs"), "{what}").expect("the shell listens");
    }

    fn wait_for_shell(&mut self) {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the shell answers");
    }

    fn wait(&mut self) {
        self.wait_for_shell();
        let began = Instant::now();
        while let Err(error) = PgConnection::establish(&self.url("postgres")) {
            if began.elapsed().as_secs() > 60 {
                let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                panic!("the server never answered: {error}: {log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.shell.wait();
    }
}

fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    found.sort();
    found.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    found.into_iter().find(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
}

/// Whose the server is, where that is not who runs the tests.
fn owner() -> Option<u32> {
    rustix::process::getuid().is_root().then_some(NOBODY)
}

fn own(path: &Path) {
    chown(path, owner(), owner()).expect("its owner may, and root");
}

fn command(program: &Path, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory);
    if let Some(user) = owner() {
        command.uid(user).gid(user);
    }
    command
}

fn initialise(bin: &Path, directory: &Path, options: &Options, port: u16) {
    let made = match &options.copy_of {
        Some(primary) => command(&bin.join("pg_basebackup"), directory)
            .args(["-d", primary, "-D", "data", "-R", "-c", "fast", "--no-sync"])
            .output(),
        None => command(&bin.join("initdb"), directory)
            .args([
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
                "data",
            ])
            .output(),
    };
    let made = made.expect("PostgreSQL's programs run");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let data = directory.join("data");
    for (name, contents) in &options.files {
        let path = data.join(name);
        std::fs::write(&path, contents).expect("a file");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("its owner may");
        own(&path);
    }
    // Every test that runs now may have eight programs at once and its own eyes on them, some have more.
    let connections = 200 + 10 * std::thread::available_parallelism().map_or(1, usize::from);
    let settings = format!(
        "listen_addresses = '{}'\nport = {port}\nunix_socket_directories = '{}'\nfsync = off\n\
         max_connections = {connections}\nlog_min_messages = fatal\n{}",
        options.addresses.join(","),
        directory.display(),
        options.settings
    );
    std::fs::write(data.join("postgresql.conf"), settings).expect("its settings");
    let rules = format!("local all postgres trust\n{}local all all trust\n", options.rules);
    std::fs::write(data.join("pg_hba.conf"), rules).expect("its rules");
}

/// Below the ports that the system hands out for connections, one of which could take it in a restart.
fn free_port(addresses: &[String]) -> u16 {
    let is_free =
        |port: &u16| addresses.iter().all(|address| TcpListener::bind((address.as_str(), *port)).is_ok());
    // No port twice: it is not taken before its server begins.
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).expect("a small number");
    std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::SeqCst)).find(is_free).expect("a free port")
}
