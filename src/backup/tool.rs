//! A program that takes a backup: run, watched, ended with the run.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::cancel::{Cancel, Stop};
use crate::report::masked;

/// So much of what it says last is kept.
const KEPT: usize = 4096;

/// How long it has to clean up behind itself when it is asked to end.
const GRACE: Duration = Duration::from_secs(5);

pub struct Tool<'a> {
    pub cancel: &'a Cancel,
    /// What it may not be heard saying.
    pub secrets: Vec<String>,
}

/// How it ended, but for the good end.
pub enum Ended {
    NotStarted(std::io::Error),
    Failed {
        how: String,
        said: String,
    },
    /// By what ended the run.
    Stopped(Stop),
}

/// The passwords of a URL, as they are written there and as they are meant.
pub fn secrets(url: &str) -> Vec<String> {
    #[cfg(feature = "postgres")]
    if let Some(password) = crate::store::url::without_password(url).1 {
        return vec![password];
    }
    let _ = url;
    Vec::new()
}

impl Tool<'_> {
    /// What `sh` runs. What it writes is its owner's alone.
    pub fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("umask 077\n{command}")).stdout(Stdio::piped());
        shell
    }

    /// Runs it to its end, or to that of the run. Where it writes to is set before.
    pub fn run(&self, command: &mut Command) -> Result<(), Ended> {
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        // A group of its own: what it has started ends with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut child = command.spawn().map_err(Ended::NotStarted)?;
        let heard = Heard::of(&mut child);
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    let how = match status.code() {
                        Some(code) => format!("ended with exit code {code}"),
                        None => "was ended by a signal".to_owned(),
                    };
                    return Err(Ended::Failed { how, said: self.without_secrets(&heard.text()) });
                }
                Ok(None) => {}
                Err(error) => {
                    end(&mut child);
                    return Err(Ended::NotStarted(error));
                }
            }
            if let Some(stop) = self.cancel.stop() {
                end(&mut child);
                return Err(Ended::Stopped(stop));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn without_secrets(&self, text: &str) -> String {
        let mut text = masked(text);
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            text = text.replace(secret, "***");
        }
        text.trim().to_owned()
    }
}

/// What it says, on both of its ways.
struct Heard {
    text: Arc<Mutex<Vec<u8>>>,
    ended: Receiver<()>,
    ways: usize,
}

impl Heard {
    fn of(child: &mut Child) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let (end, ended) = channel();
        let out = child.stdout.take().map(|out| Box::new(out) as Box<dyn Read + Send>);
        let err = child.stderr.take().map(|err| Box::new(err) as Box<dyn Read + Send>);
        let mut ways = 0;
        for mut way in out.into_iter().chain(err) {
            let (text, end) = (text.clone(), end.clone());
            ways += 1;
            std::thread::spawn(move || {
                let mut buffer = [0; 1024];
                while let Ok(count @ 1..) = way.read(&mut buffer) {
                    let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
                    text.extend_from_slice(&buffer[..count]);
                    let surplus = text.len().saturating_sub(KEPT);
                    text.drain(..surplus);
                }
                let _ = end.send(());
            });
        }
        Self { text, ended, ways }
    }

    /// All of it, unless somebody that it has left behind keeps the pipe open.
    fn text(&self) -> String {
        for _ in 0..self.ways {
            let _ = self.ended.recv_timeout(Duration::from_secs(1));
        }
        String::from_utf8_lossy(&self.text.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

fn end(child: &mut Child) {
    signal(child, false);
    let asked = Instant::now();
    while asked.elapsed() < GRACE {
        if !matches!(child.try_wait(), Ok(None)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // What it has started may not have ended with it.
    signal(child, true);
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(unix)]
fn signal(child: &Child, kill: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let _ = kill_process_group(Pid::from_child(child), if kill { Signal::KILL } else { Signal::TERM });
}

#[cfg(not(unix))]
fn signal(_: &Child, _: bool) {}
