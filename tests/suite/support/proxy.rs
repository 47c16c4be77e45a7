//! A proxy before PostgreSQL that understands where a message begins and ends: it counts round trips
//! and keeps what was sent, makes each of them take longer, and loses the answer to a commit.
//!
//! The bench has it as well: it knows nothing of the tests around it.
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{Read, Result, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use wire::{Message, commits};

// Said, because it is looked for elsewhere where the bench takes this file in.
#[path = "proxy/wire.rs"]
pub mod wire;

/// Something that the client sent, and then waited for the answer to.
#[derive(Clone, Debug)]
pub struct RoundTrip {
    /// Which connection, from 0 in the order in which they came.
    pub connection: usize,
    pub sql: String,
}

/// Listens on a socket of its own as long as it lives.
pub struct Proxy {
    directory: TempDir,
    url: String,
    seen: Arc<Seen>,
}

/// Where the server is.
pub enum Server {
    Socket(PathBuf),
    Host(String),
}

/// The parts of a URL that has user, host and database, and no options that name another host.
pub struct Address<'a> {
    scheme: &'a str,
    pub user: &'a str,
    pub password: Option<&'a str>,
    /// A name, or the directory of a socket.
    pub host: String,
    pub port: &'a str,
    name: &'a str,
}

impl<'a> Address<'a> {
    pub fn of(url: &'a str) -> Self {
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let (user, rest) = rest.rsplit_once('@').expect("user@host");
        let (user, password) =
            user.split_once(':').map_or((user, None), |(user, password)| (user, Some(password)));
        let (host, name) = rest.split_once('/').expect("host/database");
        let (host, port) = host.rsplit_once(':').unwrap_or((host, "5432"));
        let host = host.replace("%2F", "/").replace("%2f", "/");
        Self { scheme, user, password, host, port, name }
    }

    pub fn server(&self) -> Server {
        if self.host.starts_with('/') {
            Server::Socket(format!("{}/.s.PGSQL.{}", self.host, self.port).into())
        } else {
            Server::Host(format!("{}:{}", self.host, self.port))
        }
    }

    /// The same, by the socket in a directory.
    pub fn through(&self, directory: &Path) -> String {
        let Self { scheme, user, name, .. } = self;
        let password = self.password.map(|password| format!(":{password}")).unwrap_or_default();
        format!("{scheme}://{user}{password}@{}/{name}", directory.display().to_string().replace('/', "%2F"))
    }
}

#[derive(Default)]
struct Seen {
    closed: AtomicBool,
    connections: AtomicUsize,
    round_trips: Mutex<Vec<RoundTrip>>,
    /// In microseconds, for each round trip.
    delay: AtomicU64,
    commits: AtomicUsize,
    /// The commit whose answer is lost; 0 for none.
    loses: AtomicUsize,
}

impl Proxy {
    /// Before the server of a URL.
    pub fn before(url: &str) -> Self {
        let address = Address::of(url);
        let server = address.server();
        let mut proxy = Self::listening(server);
        proxy.url = address.through(proxy.directory.path());
        proxy
    }

    /// Drops both connections when the whole answer to the `nth` commit is there. Counted over all
    /// connections, inside of batches too; what is sent as one batch has one answer.
    pub fn losing(self, nth: usize) -> Self {
        self.seen.loses.store(nth, Ordering::SeqCst);
        self
    }

    /// Makes each round trip take that much longer, the ones for connecting too.
    pub fn delaying(self, round_trip: Duration) -> Self {
        let micros = u64::try_from(round_trip.as_micros()).expect("a short time");
        self.seen.delay.store(micros, Ordering::SeqCst);
        self
    }

    fn listening(server: Server) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the socket");
        let listener = UnixListener::bind(directory.path().join(".s.PGSQL.5432")).expect("a socket");
        let seen = Arc::new(Seen::default());
        let of_thread = seen.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if of_thread.closed.load(Ordering::SeqCst) {
                    return;
                }
                // A client whose server is not there sees its connection end.
                if let Ok(client) = client
                    && let Ok(to_server) = Stream::to(&server)
                {
                    let _ = connect(Stream::Unix(client), to_server, &of_thread);
                }
            }
        });
        Self { directory, url: String::new(), seen }
    }

    /// The URL that it was made with, leading here.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many connections there were since the last time, and what was sent over them: one round
    /// trip for each simple query, and for each `Sync`. The start of a connection is not among them.
    pub fn take(&self) -> (usize, Vec<RoundTrip>) {
        let connections = self.seen.connections.swap(0, Ordering::SeqCst);
        (connections, std::mem::take(&mut self.seen.round_trips()))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.seen.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that listens.
        let _ = UnixStream::connect(self.directory.path().join(".s.PGSQL.5432"));
    }
}

/// One line for each, for a test that fails.
pub fn listed(round_trips: &[RoundTrip]) -> String {
    let mut lines = String::new();
    for (number, RoundTrip { connection, sql }) in round_trips.iter().enumerate() {
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = sql.chars().take(400).collect();
        let more = if short.len() < sql.len() { " …" } else { "" };
        writeln!(lines, "{:>4}  connection {connection}: {short}{more}", number + 1).expect("memory");
    }
    lines
}

impl Seen {
    fn round_trips(&self) -> std::sync::MutexGuard<'_, Vec<RoundTrip>> {
        self.round_trips.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Stream {
    pub fn to(server: &Server) -> Result<Self> {
        match server {
            Server::Socket(path) => UnixStream::connect(path).map(Self::Unix),
            Server::Host(host) => {
                let stream = TcpStream::connect(host)?;
                stream.set_nodelay(true)?;
                Ok(Self::Tcp(stream))
            }
        }
    }

    pub fn try_clone(&self) -> Result<Self> {
        match self {
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
        }
    }

    pub fn close(&self) {
        let _ = match self {
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
        };
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A thread for each direction, until either side is gone.
fn connect(client: Stream, server: Stream, seen: &Arc<Seen>) -> Result<()> {
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let (mut from_server, mut to_client) = (server, client);
    // Set before the commit goes on its way, so that its answer is never let through.
    let losing = Arc::new(AtomicBool::new(false));
    let (seen, lose) = (seen.clone(), losing.clone());
    std::thread::spawn(move || {
        let _ = forward(&mut from_client, &mut to_server, &seen, &lose);
        from_client.close();
        to_server.close();
    });
    std::thread::spawn(move || {
        let _ = give_back(&mut from_server, &mut to_client, &losing);
        to_client.close();
        from_server.close();
    });
    Ok(())
}

fn forward(client: &mut Stream, server: &mut Stream, seen: &Seen, losing: &AtomicBool) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut waiting = Vec::new();
    let mut session: Option<Session> = None;
    loop {
        let size = client.read(&mut buffer)?;
        if size == 0 {
            return Ok(());
        }
        waiting.extend_from_slice(&buffer[..size]);
        // Whole messages alone: what was meant as one cannot be seen before.
        let mut whole = 0;
        let mut is_awaited = false;
        while let Some(message) = Message::first(&waiting[whole..], session.is_some()) {
            let size = message.size;
            if let Some(session) = &mut session {
                is_awaited |= session.sees(&message, seen, losing);
            } else if message.asks_for_encryption() {
                // There is none here; the client goes on without, or gives up.
                pause(seen);
                client.write_all(b"N")?;
                waiting.drain(..size);
                continue;
            } else {
                is_awaited = true;
                session = Some(Session::new(seen.connections.fetch_add(1, Ordering::SeqCst)));
            }
            whole += size;
        }
        if is_awaited {
            pause(seen);
        }
        server.write_all(&waiting[..whole])?;
        waiting.drain(..whole);
    }
}

fn pause(seen: &Seen) {
    match seen.delay.load(Ordering::SeqCst) {
        0 => {}
        micros => std::thread::sleep(Duration::from_micros(micros)),
    }
}

fn give_back(server: &mut Stream, client: &mut Stream, losing: &AtomicBool) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut lost = Vec::new();
    loop {
        let size = server.read(&mut buffer)?;
        if size == 0 {
            return Ok(());
        }
        if !losing.load(Ordering::SeqCst) {
            client.write_all(&buffer[..size])?;
            continue;
        }
        // The whole answer: the server is done with all of it when it is ready for the next query.
        lost.extend_from_slice(&buffer[..size]);
        while let Some(message) = Message::first(&lost, true) {
            if message.kind == b'Z' {
                return Ok(());
            }
            let size = message.size;
            lost.drain(..size);
        }
    }
}

/// What the proxy knows of one connection.
struct Session {
    number: usize,
    /// The SQL of prepared statements, by name.
    prepared: HashMap<String, String>,
    /// What was sent since the last `Sync`.
    sent: Vec<String>,
}

impl Session {
    fn new(number: usize) -> Self {
        Self { number, prepared: HashMap::new(), sent: Vec::new() }
    }

    /// Whether the client now waits for an answer.
    fn sees(&mut self, message: &Message<'_>, seen: &Seen, losing: &AtomicBool) -> bool {
        let mut texts = message.texts();
        match message.kind {
            b'Q' => {
                let sql = texts.next().unwrap_or_default();
                let here = commits(&sql);
                let before = seen.commits.fetch_add(here, Ordering::SeqCst);
                if (before + 1..=before + here).contains(&seen.loses.load(Ordering::SeqCst)) {
                    losing.store(true, Ordering::SeqCst);
                }
                self.round_trip(sql, seen);
            }
            // Parse: the statement's name, and its text.
            b'P' => {
                let (name, sql) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
                self.sent.push(format!("parse {sql}"));
                self.prepared.insert(name, sql);
                return false;
            }
            // Bind: the portal's name, and the statement's.
            b'B' => {
                let sql = texts.nth(1).and_then(|name| self.prepared.get(&name).cloned()).unwrap_or_default();
                // Both at once is how a statement travels that is not kept.
                let parsed = self.sent.pop_if(|last| *last == format!("parse {sql}"));
                self.sent.push(if parsed.is_some() { sql } else { format!("execute {sql}") });
                return false;
            }
            b'S' => {
                let sent = std::mem::take(&mut self.sent);
                self.round_trip(sent.join("; "), seen);
            }
            // A password, a function call, the end of a copy.
            b'p' | b'F' | b'c' | b'f' => {}
            _ => return false,
        }
        true
    }

    fn round_trip(&self, sql: String, seen: &Seen) {
        seen.round_trips().push(RoundTrip { connection: self.number, sql });
    }
}
