//! A certificate authority of a test's own, and what it signs.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub struct Authority {
    directory: TempDir,
}

impl Authority {
    /// `None` where there is no `openssl`, which is said, and is a failure in CI.
    pub fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            assert!(std::env::var_os("CI").is_none(), "openssl is needed");
            eprintln!("SKIPPED: no openssl to make certificates with (install openssl)");
            return None;
        }
        let directory = tempfile::tempdir().expect("a directory");
        request(directory.path(), "ca", "a test's authority", &["-x509", "-days", "2"]);
        Some(Self { directory })
    }

    /// The authority's own certificate, for `sslrootcert`.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("ca.crt")
    }

    /// A certificate for that host, and its key.
    pub fn certificate(&self, host: &str) -> (String, String) {
        let directory = self.directory.path();
        request(directory, host, host, &[]);
        let name = format!("{host}.names");
        std::fs::write(directory.join(&name), format!("subjectAltName = DNS:{host}")).expect("a file");
        let signing = format!(
            "x509 -req -days 2 -in {host}.crt -CA ca.crt -CAkey ca.key -CAcreateserial -extfile {name} -out {host}.signed"
        );
        openssl(directory, &signing.split(' ').collect::<Vec<_>>());
        let read = |name: String| std::fs::read_to_string(directory.join(name)).expect("openssl wrote it");
        (read(format!("{host}.signed")), read(format!("{host}.key")))
    }
}

/// A key, and what `openssl req` makes of it: a request, or a certificate that it signed itself.
fn request(directory: &Path, file: &str, name: &str, more: &[&str]) {
    let (key, out, subject) = (format!("{file}.key"), format!("{file}.crt"), format!("/CN={name}"));
    let mut args = vec!["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    args.extend(["-keyout", &key, "-out", &out, "-subj", &subject]);
    args.extend(more);
    openssl(directory, &args);
}

fn openssl(directory: &Path, args: &[&str]) {
    let ran = Command::new("openssl").args(args).current_dir(directory).output().expect("openssl runs");
    assert!(ran.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
}
