//! A real pgbouncer before a server, with a few server connections for as many clients as there are,
//! handed out for a transaction at a time.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use diesel::prelude::*;
use tempfile::TempDir;

use super::proxy::Address;

/// pgbouncer refuses to run as root; this user has nothing that could be harmed.
const NOBODY: u32 = 65534;

/// Runs as long as it lives.
pub struct PgBouncer {
    url: String,
    shell: Child,
    directory: TempDir,
}

impl PgBouncer {
    /// Before the server of a URL, with that many server connections. `None` where there is no
    /// pgbouncer, which is said, and is a failure in CI.
    pub fn before(url: &str, pool: usize) -> Option<Self> {
        let Some(program) = program() else {
            assert!(std::env::var_os("CI").is_none(), "pgbouncer is needed");
            eprintln!("SKIPPED: no pgbouncer (install pgbouncer)");
            return None;
        };
        let directory = tempfile::Builder::new().prefix("updown-pooler-").tempdir().expect("a directory");
        let path = directory.path().display();
        let address = Address::of(url);
        let password = address.password.map(|password| format!(" password={password}")).unwrap_or_default();
        // With `any`, who the client says it is does not matter: the server's user is said here.
        let settings = format!(
            "[databases]\n\
             * = host={} port={} user={}{password}\n\
             [pgbouncer]\n\
             listen_port = 5432\n\
             unix_socket_dir = {path}\n\
             logfile = {path}/log\n\
             auth_type = any\n\
             pool_mode = transaction\n\
             default_pool_size = {pool}\n\
             ignore_startup_parameters = extra_float_digits,options\n",
            address.host, address.port, address.user
        );
        std::fs::write(directory.path().join("settings"), settings).expect("a file");
        // The shell outlives these tests by a moment: it ends the pooler when its input ends, also
        // where the tests are killed.
        let script = format!(
            "{} -q settings & pooler=$!
             cat >/dev/null; kill -KILL $pooler; wait $pooler; cd /; rm -rf {path}",
            program.display()
        );
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &script]).current_dir(directory.path()).stdin(Stdio::piped()).stderr(Stdio::null());
        // What ends the tests from the keyboard must not end the shell before it has tidied up.
        shell.process_group(0);
        if rustix::process::getuid().is_root() {
            chown(directory.path(), Some(NOBODY), Some(NOBODY)).expect("root may");
            shell.uid(NOBODY).gid(NOBODY);
        }
        let shell = shell.spawn().expect("a shell");
        let pooler = Self { url: address.through(directory.path()), shell, directory };
        pooler.wait_until_it_answers();
        Some(pooler)
    }

    /// The URL that it was made with, leading here.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait_until_it_answers(&self) {
        let began = Instant::now();
        while let Err(error) = PgConnection::establish(&self.url) {
            if began.elapsed().as_secs() > 60 {
                let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
                panic!("pgbouncer never answered: {error}: {log}");
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// Debian has it where a user's PATH does not look.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|bin| bin.join("pgbouncer"))
        .find(|program| program.is_file())
}
