//! A proxy before CQL servers that knows what a program asks: it counts that, and does what it was told
//! to a request, to its answer, or to the program.

mod frame;

use std::collections::HashMap;
use std::io::Write;
use std::net::{IpAddr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use updown::scylla::ScyllaUrl;

use super::cassandra::free_port;
pub use frame::Answer;
use frame::{EXECUTE, Frame, Prepared};

/// What happens to a request. `Query`, `Execute` and `Batch` are requests, the driver's own as well.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The program is killed, and the server never hears of it…
    KillBefore,
    /// … or has answered.
    KillAfter,
    /// The program is stopped (SIGSTOP); the request goes on when it is let go.
    Stop,
    /// The connection ends, and the server never hears of it…
    CutBefore,
    /// … or has answered.
    CutAfter,
    /// The server has answered, but nobody hears of it.
    Silence,
    /// The server never hears of it; this is the answer.
    Refuse(Answer),
    /// It is carried out, and this is the answer nevertheless.
    Deny(Answer),
    Delay(Duration),
}

/// Listens on loopback as long as it lives.
pub struct CqlProxy {
    port: u16,
    hosts: Vec<IpAddr>,
    url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Who is killed or stopped; 0 before that is known.
    victim: AtomicI32,
    closed: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    asked: Vec<Asked>,
    prepared: Prepared,
    orders: Vec<Order>,
    is_holding: bool,
    is_let_go: bool,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which of the URL's hosts, from 0.
    pub node: usize,
    pub text: String,
    /// By the id of a prepared statement.
    pub is_prepared: bool,
}

struct Order {
    is_meant: Box<dyn Fn(&str) -> bool + Send>,
    /// So many of those that are meant are still let through…
    before: usize,
    /// … and it is done to so many.
    times: usize,
    fault: Fault,
}

/// Whether a text is that of a lightweight transaction.
pub fn is_lightweight(text: &str) -> bool {
    text.contains(" IF ") && ["INSERT", "UPDATE", "DELETE", "BEGIN"].iter().any(|word| text.starts_with(word))
}

impl CqlProxy {
    /// Before each host of a URL, on one port; with its own address in place of theirs.
    pub fn before(url: &str) -> Self {
        let hosts = ScyllaUrl::parse(url).expect("a URL").hosts;
        // The driver takes the others' addresses from the first, and the port from the URL.
        let own: Vec<IpAddr> = hosts
            .iter()
            .map(|host| {
                host.rsplit_once(':').expect("a port").0.parse().unwrap_or(IpAddr::from([127, 0, 0, 1]))
            })
            .collect();
        let port = free_port(&own.iter().map(ToString::to_string).collect::<Vec<_>>());
        let shared = Arc::new(Shared::default());
        for (node, (ip, server)) in own.iter().zip(hosts).enumerate() {
            let listener = TcpListener::bind((*ip, port)).expect("a free port");
            let shared = shared.clone();
            std::thread::spawn(move || {
                for client in listener.incoming() {
                    if shared.closed.load(Ordering::SeqCst) {
                        return;
                    }
                    // A client whose server is not there sees its connection end.
                    if let (Ok(client), Ok(server)) = (client, TcpStream::connect(&server)) {
                        connect(node, client, server, &shared);
                    }
                }
            });
        }
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let (authority, path) = rest.split_at(rest.find('/').expect("a keyspace"));
        let login = authority.rsplit_once('@').map(|(login, _)| format!("{login}@")).unwrap_or_default();
        let here: Vec<String> = own.iter().map(|ip| format!("{ip}:{port}")).collect();
        let url = format!("{scheme}://{login}{}{path}", here.join(","));
        Self { port, hosts: own, url, shared }
    }

    /// What happens to the `n`th request, from 1.
    pub fn nth(self, n: usize, fault: Fault) -> Self {
        self.order(|_| true, n, 1, fault)
    }

    /// What happens to the first request that begins with `text`.
    pub fn once(self, text: &'static str, fault: Fault) -> Self {
        self.times(1, text, fault)
    }

    /// The same with the first few.
    pub fn times(self, times: usize, text: &'static str, fault: Fault) -> Self {
        self.order(move |asked| asked.starts_with(text), 1, times, fault)
    }

    /// What happens to the `n`th request that is meant, and those behind it, `times` in all.
    pub fn order(
        self,
        is_meant: impl Fn(&str) -> bool + Send + 'static,
        n: usize,
        times: usize,
        fault: Fault,
    ) -> Self {
        let order = Order { is_meant: Box::new(is_meant), before: n - 1, times, fault };
        self.shared.state().orders.push(order);
        self
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Says which program is killed or stopped. Until then, what would do that waits.
    pub fn kills(&self, child: &std::process::Child) {
        self.shared.victim.store(Pid::from_child(child).as_raw_nonzero().get(), Ordering::SeqCst);
    }

    /// What was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.state().asked.clone()
    }

    /// How many requests are meant by that.
    pub fn count(&self, is_meant: impl Fn(&str) -> bool) -> usize {
        self.shared.state().asked.iter().filter(|asked| is_meant(&asked.text)).count()
    }

    /// Whether all has happened that was to happen.
    pub fn is_done(&self) -> bool {
        self.shared.state().orders.iter().all(|order| order.times == 0)
    }

    /// Waits until the program is stopped; or until it has ended without, which is `false`.
    pub fn is_stopped(&self, program: &mut std::process::Child) -> bool {
        let began = Instant::now();
        while !self.shared.state().is_holding {
            if program.try_wait().expect("it is ours").is_some() {
                return false;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "it was never stopped");
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }

    /// The request that the program was stopped at goes on; the program does not, by this.
    pub fn let_go(&self) {
        self.shared.state().is_let_go = true;
        self.shared.changed.notify_all();
    }

    /// Both go on.
    pub fn go_on(&self) {
        self.let_go();
        kill(self.shared.victim.load(Ordering::SeqCst), Signal::CONT);
    }
}

impl Drop for CqlProxy {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // Of a test that has failed: nobody else would let it go on.
        if self.shared.state().is_holding && !self.shared.state().is_let_go {
            kill(self.shared.victim.load(Ordering::SeqCst), Signal::KILL);
        }
        self.let_go();
        // Wakes the threads that listen.
        for host in &self.hosts {
            let _ = TcpStream::connect((*host, self.port));
        }
    }
}

/// Whether there is somebody to send it to.
fn kill(victim: i32, signal: Signal) -> bool {
    Pid::from_raw(victim).map(|pid| kill_process(pid, signal)).is_some()
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signal(&self, signal: Signal) {
        while !self.closed.load(Ordering::SeqCst) {
            if kill(self.victim.load(Ordering::SeqCst), signal) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn hold(&self) {
        self.signal(Signal::STOP);
        let mut state = self.state();
        state.is_holding = true;
        while !state.is_let_go {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What is to happen to a frame of the program's.
    fn fault(&self, node: usize, frame: &Frame) -> Option<Fault> {
        let mut state = self.state();
        let text = frame.asks(&state.prepared)?;
        let mut fault = None;
        for order in &mut state.orders {
            if order.times == 0 || !(order.is_meant)(&text) {
                continue;
            }
            if order.before == 0 {
                order.times -= 1;
                fault = Some(order.fault);
                break;
            }
            order.before -= 1;
        }
        state.asked.push(Asked { node, text, is_prepared: frame.opcode() == EXECUTE });
        fault
    }
}

/// What a connection's two directions know of each other.
#[derive(Default)]
struct Pending {
    /// What happens to the answer on a stream: an error in its place, or something else.
    faults: HashMap<i16, (Fault, Option<Vec<u8>>)>,
    /// What is being prepared.
    prepares: HashMap<i16, String>,
}

/// A thread for each direction, until either side is gone.
fn connect(node: usize, client: TcpStream, server: TcpStream, shared: &Arc<Shared>) {
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("an option");
    }
    let (client, server) = (Arc::new(client), Arc::new(server));
    let pending = Arc::new(Mutex::new(Pending::default()));
    // An answer of the server's, and one of the proxy's, must not end up in each other.
    let writing = Arc::new(Mutex::new(()));
    let close = |client: &TcpStream, server: &TcpStream| {
        let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    };
    let there = (client.clone(), server.clone(), shared.clone(), pending.clone(), writing.clone());
    std::thread::spawn(move || {
        let (client, server, shared, pending, writing) = there;
        let _ = forward(node, &client, &server, &shared, &pending, &writing);
        close(&client, &server);
    });
    let shared = shared.clone();
    std::thread::spawn(move || {
        let _ = give_back(&client, &server, &shared, &pending, &writing);
        close(&client, &server);
    });
}

fn forward(
    node: usize,
    mut client: &TcpStream,
    mut server: &TcpStream,
    shared: &Shared,
    pending: &Mutex<Pending>,
    writing: &Mutex<()>,
) -> std::io::Result<()> {
    loop {
        let frame = Frame::read(&mut client)?;
        let mut is_answered = false;
        let fault = shared.fault(node, &frame);
        match fault {
            None => {}
            Some(Fault::KillBefore) => {
                shared.signal(Signal::KILL);
                return Ok(());
            }
            Some(Fault::CutBefore) => return Ok(()),
            Some(Fault::Stop) => shared.hold(),
            Some(Fault::Delay(time)) => std::thread::sleep(time),
            Some(Fault::Refuse(answer)) => {
                is_answered = true;
                let _one_at_a_time = writing.lock();
                client.write_all(&answer.to(&frame))?;
            }
            Some(fault @ (Fault::KillAfter | Fault::CutAfter | Fault::Silence | Fault::Deny(_))) => {
                let answer = if let Fault::Deny(answer) = fault { Some(answer.to(&frame)) } else { None };
                pending.lock().expect("no panic").faults.insert(frame.stream(), (fault, answer));
            }
        }
        if let Some(text) = frame.prepares() {
            pending.lock().expect("no panic").prepares.insert(frame.stream(), text);
        }
        if !is_answered {
            server.write_all(frame.bytes())?;
        }
    }
}

fn give_back(
    mut client: &TcpStream,
    mut server: &TcpStream,
    shared: &Shared,
    pending: &Mutex<Pending>,
    writing: &Mutex<()>,
) -> std::io::Result<()> {
    loop {
        let mut frame = Frame::read(&mut server)?;
        frame.keep_to_this_port();
        let (fault, prepares) = {
            let mut pending = pending.lock().expect("no panic");
            (pending.faults.remove(&frame.stream()), pending.prepares.remove(&frame.stream()))
        };
        if let (Some(text), Some(id)) = (prepares, frame.prepared()) {
            shared.state().prepared.insert(id, text);
        }
        let _one_at_a_time = writing.lock();
        match fault {
            None => client.write_all(frame.bytes())?,
            Some((Fault::KillAfter, _)) => {
                shared.signal(Signal::KILL);
                return Ok(());
            }
            Some((_, Some(answer))) => client.write_all(&answer)?,
            Some((Fault::CutAfter, _)) => return Ok(()),
            Some(_) => {}
        }
    }
}
