//! A proxy before PostgreSQL that loses the answer to a statement: the server carries it out, and the
//! client never hears of it.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

/// Listens on a socket of its own as long as it lives.
pub struct Proxy {
    directory: TempDir,
}

impl Proxy {
    /// Before the server whose socket is `server`; drops both connections when the answer to the
    /// `nth` simple query `COMMIT`, counted over all connections, comes back.
    pub fn losing_commit(server: PathBuf, nth: usize) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the socket");
        let listener = UnixListener::bind(directory.path().join(".s.PGSQL.5432")).expect("a socket");
        let commits = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, UnixStream::connect(&server)) else { return };
                connect(client, server, commits.clone(), nth);
            }
        });
        Self { directory }
    }

    /// The host part of a URL that leads here.
    pub fn host(&self) -> String {
        self.directory.path().display().to_string().replace('/', "%2F")
    }
}

fn connect(client: UnixStream, server: UnixStream, commits: Arc<AtomicUsize>, nth: usize) {
    let lose = Arc::new(AtomicUsize::new(0));
    let (mut from_client, mut to_server) =
        (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
    let losing = lose.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 64 * 1024];
        while let Ok(size @ 1..) = from_client.read(&mut buffer) {
            // A simple query: its kind, its length, its text and a NUL.
            if buffer[..size] == *b"Q\0\0\0\x0bCOMMIT\0" && commits.fetch_add(1, Ordering::SeqCst) + 1 == nth
            {
                losing.store(1, Ordering::SeqCst);
            }
            if to_server.write_all(&buffer[..size]).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let (mut from_server, mut to_client) = (server, client);
    std::thread::spawn(move || {
        let mut buffer = [0; 64 * 1024];
        while let Ok(size @ 1..) = from_server.read(&mut buffer) {
            // The answer is here, so that the server is done with it.
            if lose.load(Ordering::SeqCst) == 1 || to_client.write_all(&buffer[..size]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = from_server.shutdown(Shutdown::Both);
    });
}
