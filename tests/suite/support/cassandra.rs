//! A real server that speaks CQL: `SCYLLA_URL` where set, else a Cassandra of this run's own, that ends
//! with it.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use updown::scylla::ScyllaConnection;

use super::CASSANDRA as SCRIPT;

/// Many tests at once on few cores: what is slow must not look as if it had failed.
const PATIENT: &str = "read_request_timeout: 30s\nrange_request_timeout: 30s\nwrite_request_timeout: 30s\n\
                       cas_contention_timeout: 30s\ntruncate_request_timeout: 60s\nrequest_timeout: 30s\n";

/// How a server differs from one node that anybody on the machine may use.
pub struct Options {
    nodes: usize,
    /// Whether it writes to a disk, and waits for that where the schema changes, as one does that is meant.
    pub on_disk: bool,
    settings: String,
    files: Vec<(String, PathBuf)>,
}

impl Default for Options {
    fn default() -> Self {
        Self { nodes: 1, on_disk: false, settings: String::new(), files: Vec::new() }
    }
}

impl Options {
    /// On 127.0.0.1 and the addresses that follow; at most three.
    pub fn nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// Lines of `cassandra.yaml`. Paths are meant from the node's directory.
    pub fn settings(mut self, lines: &str) -> Self {
        self.settings.push_str(lines);
        self
    }

    /// A file that every node has in its directory.
    #[cfg(feature = "scylla-tls")]
    pub fn file(mut self, name: &str, from: &Path) -> Self {
        self.files.push((name.to_owned(), from.to_owned()));
        self
    }
}

/// Runs as long as it lives.
pub struct Cassandra {
    port: u16,
    nodes: usize,
    /// Starts the nodes, sends them signals, and ends them when its input ends.
    shell: Child,
    input: Option<ChildStdin>,
}

impl Cassandra {
    /// `None` where it cannot be had, which is said, and is a failure in CI.
    pub fn start(options: &Options) -> Option<Self> {
        if !can_be_had() {
            assert!(std::env::var_os("CI").is_none(), "Java, and Maven to get Cassandra, are needed");
            eprintln!("SKIPPED: no Cassandra (install a Java 17 and maven, or set SCYLLA_URL)");
            return None;
        }
        // In memory where that is to be had and nothing else was said: nothing of it has to last.
        let wanted = Path::new(if options.on_disk { "/var/tmp" } else { "/dev/shm" });
        let parent = if wanted.is_dir() { wanted.to_owned() } else { std::env::temp_dir() };
        let flush = if options.on_disk { "" } else { "-Dcassandra.test.flush_local_schema_changes=false" };
        let directory =
            tempfile::Builder::new().prefix("updown-cql-").tempdir_in(parent).expect("a directory").keep();
        let addresses: Vec<String> = (1..=options.nodes).map(|node| format!("127.0.0.{node}")).collect();
        let (port, storage) = (free_port(&addresses), free_port(&addresses));
        let third = u64::MAX / 3;
        // Nobody may be there any more to hear that it has begun.
        let mut script = format!("trap '' PIPE; cd '{}'\n", directory.display());
        for (node, address) in addresses.iter().enumerate() {
            let home = directory.join(node.to_string());
            std::fs::create_dir(&home).expect("a directory");
            std::fs::write(home.join("more.yaml"), format!("{PATIENT}{}", options.settings)).expect("a file");
            for (name, from) in &options.files {
                std::fs::copy(from, home.join(name)).expect("a file");
            }
            let token = match node {
                _ if options.nodes == 1 => 0,
                node => i64::MIN.wrapping_add_unsigned(third * u64::try_from(node).expect("a small number")),
            };
            let heap = if options.nodes == 1 { 512 } else { 400 };
            // What comes first is the seed of the others, and they come one after the other.
            let seed = if node == 0 { "" } else { "--seed 127.0.0.1" };
            script += &format!(
                "'{SCRIPT}' run {node} {address} {port} --storage {storage} --token {token} --heap {heap} {seed} \
                 {flush} </dev/null >{node}.out 2>&1 &
                 node{node}=$!
                 until (: </dev/tcp/{address}/{port}) 2>/dev/null || ! kill -0 $node{node} 2>/dev/null; do
                     read -r -t 0.1 && break; [ $? -gt 128 ] || break
                 done\n"
            );
        }
        // It outlives these tests by a moment, also where they are killed.
        script += &format!(
            "echo
             while read -r signal node; do eval \"kill -$signal \\$node$node\"; done
             kill -KILL $(jobs -p); wait; cd /; rm -rf '{}'",
            directory.display()
        );
        let mut shell = Command::new("bash")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // What ends the tests from the keyboard must not end the shell before it has tidied up.
            .process_group(0)
            .spawn()
            .expect("bash");
        let input = shell.stdin.take();
        let mut output = BufReader::new(shell.stdout.take().expect("its output"));
        output.read_line(&mut String::new()).expect("the shell answers");
        let server = Self { port, nodes: options.nodes, shell, input };
        for (node, address) in addresses.iter().enumerate() {
            if std::net::TcpStream::connect((address.as_str(), port)).is_err() {
                let said = std::fs::read_to_string(directory.join(format!("{node}.out"))).unwrap_or_default();
                let log = std::fs::read_to_string(directory.join(format!("{node}/log"))).unwrap_or_default();
                panic!("Cassandra did not start: {said}\n{log}");
            }
        }
        server.await_each_other();
        Some(server)
    }

    /// A node answers before the others have heard of it. Which one is asked is up to chance, hence so often.
    fn await_each_other(&self) {
        let peers = "SELECT count(schema_version) FROM system.peers";
        let all = i64::try_from(self.nodes - 1).expect("a small number");
        let mut in_a_row = 0;
        while all > 0 && in_a_row < 30 {
            // A connection that was opened too early may not know them all.
            let connection = ScyllaConnection::open(&keyspace_on(&self.url())).expect("it answers");
            while in_a_row < 30 && connection.query::<(i64,)>(peers, ()).expect("it answers")[0].0 == all {
                in_a_row += 1;
            }
            if in_a_row < 30 || !connection.unreachable_nodes().is_empty() {
                in_a_row = 0;
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
        }
    }

    /// Its URL, with `{}` in the place of the keyspace; each of them is on every node.
    pub fn url(&self) -> String {
        let hosts: Vec<String> =
            (1..=self.nodes).map(|node| format!("127.0.0.{node}:{}", self.port)).collect();
        format!("scylla://{}/{{}}?replication={}", hosts.join(","), self.nodes)
    }

    /// Stops a node in its tracks, counted from 0.
    pub fn stop(&mut self, node: usize) {
        self.signal("STOP", node);
    }

    /// Lets it go on.
    pub fn go_on(&mut self, node: usize) {
        self.signal("CONT", node);
    }

    /// Ends it for good, with the connections to it.
    pub fn kill(&mut self, node: usize) {
        self.signal("KILL", node);
    }

    fn signal(&mut self, signal: &str, node: usize) {
        writeln!(self.input.as_mut().expect("it runs"), "{signal} {node}").expect("the shell listens");
    }
}

impl Drop for Cassandra {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.shell.wait();
    }
}

/// Gets it where it is not there. What is there, but is not what it should be, is a failure.
fn can_be_had() -> bool {
    static GOT: OnceLock<bool> = OnceLock::new();
    *GOT.get_or_init(|| {
        let java = Command::new("java").arg("-version").output();
        if !java.is_ok_and(|java| java.status.success()) {
            return false;
        }
        let got = Command::new(SCRIPT).arg("get").output().expect("the script runs");
        match got.status.code() {
            Some(0) => true,
            Some(3) => {
                eprintln!("{}", String::from_utf8_lossy(&got.stderr));
                false
            }
            _ => panic!("{}", String::from_utf8_lossy(&got.stderr)),
        }
    })
}

/// Below the ports that the system hands out for connections.
pub(super) fn free_port(addresses: &[String]) -> u16 {
    let is_free =
        |port: &u16| addresses.iter().all(|address| TcpListener::bind((address.as_str(), *port)).is_ok());
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + u16::try_from(std::process::id() % 9_000).expect("a small number");
    std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::SeqCst)).find(is_free).expect("a free port")
}

/// The URL of the server that the tests share, with `{}` in the place of the keyspace.
fn server() -> Option<&'static str> {
    // Never dropped: the server ends with this process.
    static SERVER: OnceLock<Option<(String, Option<Cassandra>)>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("SCYLLA_URL") {
        Ok(url) => {
            let hosts = url.find("://").expect("SCYLLA_URL is a URL") + 3;
            let end = url[hosts..].find(['/', '?']).map_or(url.len(), |end| hosts + end);
            let query = url.find('?').map_or("", |query| &url[query..]);
            Some((format!("{}/{{}}{query}", &url[..end]), None))
        }
        Err(_) => Cassandra::start(&Options::default()).map(|server| (server.url(), Some(server))),
    });
    server.as_ref().map(|(url, _)| url.as_str())
}

/// Whether there is one.
pub fn is_there() -> bool {
    server().is_some()
}

/// A URL with a keyspace that is not there yet, on the server that the tests share.
pub fn url() -> Option<String> {
    server().map(keyspace_on)
}

/// The same, and it goes with its test.
pub fn keyspace() -> Option<Keyspace> {
    url().map(|url| Keyspace { url })
}

/// The same on another server, by a URL with `{}` in the place of the keyspace.
pub fn keyspace_on(server: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    server.replace("{}", &format!("updown_test_{}_{number}", std::process::id()))
}

/// A keyspace of one test's own, which goes with it.
pub struct Keyspace {
    pub url: String,
}

impl Keyspace {
    /// A connection to it, after it was made.
    pub fn create(&self) -> ScyllaConnection {
        let connection = ScyllaConnection::open(&self.url).expect("the server answers");
        connection.create_keyspace("").expect("a keyspace");
        connection
    }
}

impl Drop for Keyspace {
    fn drop(&mut self) {
        drop_keyspace(&self.url);
    }
}

/// Also on a server of our own: hundreds of tables would need more memory than it has.
pub fn drop_keyspace(url: &str) {
    if let Ok(connection) = ScyllaConnection::open(url) {
        let keyspace = &connection.url().keyspace;
        let _ = connection.execute(&format!("DROP KEYSPACE IF EXISTS \"{keyspace}\""), ());
    }
}

/// A keyspace, or the end of the test where no server can be had.
macro_rules! keyspace_or_skip {
    () => {
        match $crate::support::cassandra::keyspace() {
            Some(keyspace) => keyspace,
            None => return,
        }
    };
}
pub(crate) use keyspace_or_skip;
