//! The lease: the lock that one run holds on a store. Who asks for it, how long it lasts, and
//! whether the process that holds it still lives.

use std::time::Duration;

#[cfg(feature = "sqlite")]
use chrono::DateTime;
use chrono::Utc;

use crate::ledger::Holder;

/// A lease that is not renewed ends after this.
pub const LASTS: Duration = Duration::from_secs(30);
/// A step that runs outside a transaction has its lease renewed this often.
pub const RENEWED_EVERY: Duration = Duration::from_secs(10);
/// How long a run waits for the lease by default.
pub const WAIT: Duration = Duration::from_secs(60);

/// Who asks for the lease.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The run's token, its id.
    pub owner: String,
    /// The process on its host, so that another one there can see that it is gone.
    pub process: String,
    /// Who, as a person reads it.
    pub by: String,
    /// The environment of the run.
    pub environment: String,
    /// How weak environments compare: a ledger keeps the strongest it was used in.
    pub strength: fn(&str) -> u8,
}

/// What one attempt to get the lease found.
#[derive(Debug)]
pub enum Claimed {
    /// It is ours, with this fence.
    Ours { fence: i64 },
    /// Somebody else has it.
    Held(Holder),
    /// The database was locked by another connection; who that is cannot be read.
    Busy,
}

#[cfg(feature = "sqlite")]
impl Holder {
    /// Whether the lease may be taken over now.
    pub(crate) fn is_over(&self, now: DateTime<Utc>) -> bool {
        let expired = DateTime::parse_from_rfc3339(&self.expires_at)
            .map_or(true, |expires| expires.with_timezone(&Utc) <= now);
        expired || process::is_gone(&self.process)
    }
}

/// A random token for a run: 128 bits as hex. Names the run in the ledger and owns its lease.
pub fn token() -> String {
    use std::hash::{BuildHasher, Hasher};
    // Two keys of the standard library's hasher, which the operating system seeds; with time and
    // process, so that two runs never share one.
    let mut text = String::with_capacity(32);
    for part in 0..2u64 {
        let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
        hasher.write_u64(part);
        hasher.write_u32(std::process::id());
        hasher.write_i64(Utc::now().timestamp_nanos_opt().unwrap_or_default());
        text.push_str(&format!("{:016x}", hasher.finish()));
    }
    text
}

/// From 0 to 255, so that many who wait do not come back at once.
pub fn jitter() -> u64 {
    u64::from_str_radix(&token()[..2], 16).unwrap_or_default()
}

/// Who runs this, for the lease and the history, where nobody says it: user and host.
pub fn actor() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
        .unwrap_or_else(process::user);
    format!("{user}@{}", process::host())
}

pub mod process {
    //! Processes by identity, so that a number that was used again is not taken for the old one.

    /// This process: its host (and boot, and namespace of numbers), number and start time.
    pub fn this() -> String {
        let pid = std::process::id();
        format!("{}/{pid}/{}", namespace(), start_time(pid).unwrap_or_default())
    }

    /// Whether `process` was on this host and is certainly gone. Where that cannot be known, it
    /// counts as alive and its lease ends by expiry.
    #[cfg(any(feature = "sqlite", feature = "scylla", test))]
    pub fn is_gone(process: &str) -> bool {
        let mut parts = process.rsplitn(3, '/');
        let (Some(start), Some(pid), Some(host)) = (parts.next(), parts.next(), parts.next()) else {
            return false;
        };
        let Ok(pid) = pid.parse::<u32>() else { return false };
        if host != namespace() || start.is_empty() {
            return false;
        }
        start_time(pid).as_deref() != Some(start)
    }

    /// Where process numbers mean the same: the boot and the namespace. A container that shares
    /// the database's file by a volume has numbers of its own.
    #[cfg(target_os = "linux")]
    fn namespace() -> String {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let pids = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        format!("{}/{}", boot.trim(), pids.to_string_lossy())
    }

    #[cfg(not(target_os = "linux"))]
    fn namespace() -> String {
        host()
    }

    /// When the process started, as the kernel counts; `None` where there is no such process. A
    /// zombie counts as gone: it will never write again.
    #[cfg(target_os = "linux")]
    fn start_time(pid: u32) -> Option<String> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in brackets and may hold anything; the fields behind it are numbered.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?;
        if state == "Z" || state == "X" {
            return None;
        }
        fields.nth(18).map(str::to_owned)
    }

    /// Elsewhere only "there is a process of that number" can be asked; a number that was used
    /// again then waits for the expiry.
    #[cfg(all(unix, not(target_os = "linux")))]
    fn start_time(pid: u32) -> Option<String> {
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)?;
        match rustix::process::test_kill_process(pid) {
            Err(rustix::io::Errno::SRCH) => None,
            _ => Some("alive".to_owned()),
        }
    }

    #[cfg(not(unix))]
    fn start_time(_pid: u32) -> Option<String> {
        Some(String::new())
    }

    #[cfg(unix)]
    pub fn host() -> String {
        rustix::system::uname().nodename().to_string_lossy().into_owned()
    }

    #[cfg(not(unix))]
    pub fn host() -> String {
        std::env::var("COMPUTERNAME").unwrap_or_else(|_| "localhost".to_owned())
    }

    #[cfg(unix)]
    pub fn user() -> String {
        format!("uid {}", rustix::process::getuid().as_raw())
    }

    #[cfg(not(unix))]
    pub fn user() -> String {
        "unknown".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_an_ended_one_does_not() {
        let this = process::this();
        assert!(!process::is_gone(&this));
        if cfg!(target_os = "linux") {
            let (front, start) = this.rsplit_once('/').unwrap();
            assert!(
                process::is_gone(&format!("{front}/{start}0")),
                "another start time: the number was used again"
            );
            assert!(!process::is_gone(&format!("elsewhere{this}")), "another host cannot be judged");
        }
        assert!(!process::is_gone("nonsense"));
    }

    #[test]
    fn tokens_differ() {
        assert_eq!(token().len(), 32);
        assert_ne!(token(), token());
    }
}
