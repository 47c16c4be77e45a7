//! A proxy before a CQL server that counts what a program asks, and kills the program at a request.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use rustix::process::{Pid, Signal, kill_process};

/// Listens on loopback as long as the test runs.
pub struct CqlProxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    /// Who is killed; 0 before that is known.
    victim: AtomicI32,
    requests: AtomicUsize,
    at: usize,
    /// When its answer comes back, instead of before it is sent on.
    after: bool,
}

impl CqlProxy {
    /// Before `server` (`host:port`); kills at the `at`th request.
    pub fn killing(server: &str, at: usize, after: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared { victim: AtomicI32::new(0), requests: AtomicUsize::new(0), at, after });
        let (server, of_thread) = (server.to_owned(), shared.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(&server)) else { return };
                connect(client, server, of_thread.clone());
            }
        });
        Self { port, shared }
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn kills(&self, child: &std::process::Child) {
        self.shared.victim.store(Pid::from_child(child).as_raw_nonzero().get(), Ordering::SeqCst);
    }
}

impl Shared {
    fn kill(&self) {
        loop {
            if let Some(pid) = Pid::from_raw(self.victim.load(Ordering::SeqCst)) {
                let _ = kill_process(pid, Signal::KILL);
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}

/// A frame: version, flags, stream, opcode, length, body.
/// <https://cassandra.apache.org/doc/latest/cassandra/reference/native-protocol.html>
fn frame(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut frame = vec![0; 9];
    from.read_exact(&mut frame).ok()?;
    let length = u32::from_be_bytes(frame[5..9].try_into().expect("four bytes"));
    frame.resize(9 + usize::try_from(length).ok()?, 0);
    from.read_exact(&mut frame[9..]).ok()?;
    Some(frame)
}

fn connect(client: TcpStream, server: TcpStream, shared: Arc<Shared>) {
    let (mut from_client, mut to_server) =
        (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
    let (mut from_server, mut to_client) = (server, client);
    // Not -1, which is what events have.
    let waits_for = Arc::new(AtomicI32::new(i32::MIN));
    let (of_requests, waiting) = (shared.clone(), waits_for.clone());
    std::thread::spawn(move || {
        while let Some(frame) = frame(&mut from_client) {
            // QUERY, EXECUTE, BATCH.
            if matches!(frame[4], 0x07 | 0x0a | 0x0d)
                && of_requests.requests.fetch_add(1, Ordering::SeqCst) + 1 == of_requests.at
            {
                if !of_requests.after {
                    of_requests.kill();
                    break;
                }
                waiting.store(i32::from(i16::from_be_bytes([frame[2], frame[3]])), Ordering::SeqCst);
            }
            if to_server.write_all(&frame).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        while let Some(frame) = frame(&mut from_server) {
            if waits_for.load(Ordering::SeqCst) == i32::from(i16::from_be_bytes([frame[2], frame[3]])) {
                shared.kill();
                break;
            }
            if to_client.write_all(&frame).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = from_server.shutdown(Shutdown::Both);
    });
}
