//! A backup of PostgreSQL: `pg_dump` writes it, `pg_restore` reads it through.
//! <https://www.postgresql.org/docs/current/app-pgdump.html>

use std::process::{Command, Stdio};

use super::Failed;
use super::place::Place;
use super::tool::Tool;
use crate::error::StoreError;
use crate::store::url;

/// What is dumped.
pub struct Dump {
    /// Without the password, which every process of the machine could read among the arguments.
    url: String,
    password: Option<String>,
}

impl Dump {
    /// Encrypted as the run's own connection is.
    pub fn new(url: &str, relaxed: bool) -> Result<Self, StoreError> {
        let url = match relaxed {
            true => url.to_owned(),
            false => url::encrypted(url, std::env::var("PGSSLMODE").ok().as_deref())?,
        };
        if url.contains("sslpassword=") {
            return Err(StoreError::Url {
                target: url::shown(&url),
                why: "`pg_dump` takes the password of a client's key from nowhere but its arguments, which everybody can read"
                    .to_owned(),
                hint: "use a key without a password, or set `UPDOWN_BACKUP_COMMAND`".to_owned(),
            });
        }
        let (url, password) = url::without_password(&url::for_libpq(&url));
        Ok(Self { url, password })
    }

    fn command(&self) -> Command {
        let mut dump = Command::new("pg_dump");
        dump.args(["--no-password", "--dbname", &self.url]);
        if let Some(password) = &self.password {
            dump.env("PGPASSWORD", password);
        }
        dump
    }

    /// What it writes as text, with these arguments; none where it cannot.
    #[cfg(feature = "cli")]
    pub fn text(&self, arguments: &[String]) -> Option<String> {
        let output = self
            .command()
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    }

    pub(super) fn write(&self, place: &Place, tool: &Tool<'_>) -> Result<(), Failed> {
        let file = place.create().map_err(|error| Failed::io("write", place.partial(), &error))?;
        let mut dump = self.command();
        dump.arg("--format=custom").stdout(file);
        tool.run(&mut dump).map_err(|ended| Failed::of("pg_dump", ended, hint))?;
        // `--list` would read no further than the table of contents: a file that was cut off has that.
        let mut restore = Command::new("pg_restore");
        restore.arg("--file=/dev/null").arg(place.partial()).stdout(Stdio::null());
        tool.run(&mut restore).map_err(|ended| match Failed::of("pg_restore", ended, hint) {
            Failed::Because { why, said: Some(said), .. } => Failed::Because {
                why: format!("what `pg_dump` has written cannot be read: {why}"),
                said: Some(said),
                hint: "look at the room on the disk, and that `pg_dump` and `pg_restore` are of one version; then the same \
                       command again"
                    .to_owned(),
            },
            other => other,
        })
    }
}

fn hint(said: Option<&str>) -> String {
    let hint = match said {
        None => {
            "install PostgreSQL's client programs (Debian: `apt install postgresql-client`), or put their directory into PATH"
        }
        Some(said) if said.contains("server version mismatch") => {
            "the server is newer than `pg_dump`: install the client programs of its version, and put their directory first in PATH"
        }
        Some(said) if said.contains("permission denied") => {
            "a backup reads everything: let the role do that (`GRANT pg_read_all_data TO the_role`), or set \
             `UPDOWN_BACKUP_COMMAND` to one that may"
        }
        Some(said) if said.contains("No space left") => {
            "make room, or name another directory with `UPDOWN_BACKUP_DIR`"
        }
        Some(_) => "run `pg_dump --format=custom --file=/dev/null \"$DATABASE_URL\"` by hand to see why",
    };
    hint.to_owned()
}
