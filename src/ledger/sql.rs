//! The SQL that makes the ledger's tables and writes its rows, which SQL databases share.
//!
//! Values become literals of one text, so that a migration's rows travel in one round trip with its
//! commit. Every literal goes through [`quote`].

use super::{HISTORY, JOURNAL, LEASE, LEDGER, Write};

/// A text as an SQL literal. A NUL cannot stand in one, on any database.
pub fn quote(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for part in text.split_inclusive(['\0', '\'']) {
        match part.strip_suffix('\0') {
            Some(part) => {
                literal.push_str(part);
                literal.push('\u{fffd}');
            }
            None => literal.push_str(part),
        }
        if part.ends_with('\'') {
            literal.push('\'');
        }
    }
    literal.push('\'');
    literal
}

/// A name in double quotes, on any database, whatever is reserved there.
pub fn quote_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn quote_option(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), quote)
}

/// Where a ledger is: its schema, where the database has them, and its service.
#[derive(Clone, Debug)]
pub struct Place {
    pub service: String,
    /// As it is in the catalog; empty on SQLite, and where it is not known yet.
    pub schema: String,
    /// The history's numbers are given with its rows, under the lease: the database has none that are in
    /// the order of time.
    is_numbered: bool,
    /// What the table of the ledger is called: something else, as long as it is not to be seen.
    ledger: &'static str,
}

/// What the table of the ledger is called while it is being filled, where it cannot be made and filled at once.
#[cfg(feature = "postgres")]
pub const ASIDE: &str = "schema_migrations_adopting";

impl Place {
    /// On a database without schemas.
    #[cfg(feature = "sqlite")]
    pub fn of_service(service: &str) -> Self {
        Self { service: service.to_owned(), schema: String::new(), is_numbered: false, ledger: LEDGER }
    }

    #[cfg(feature = "postgres")]
    pub fn in_schema(service: &str, schema: &str) -> Self {
        Self { service: service.to_owned(), schema: schema.to_owned(), is_numbered: false, ledger: LEDGER }
    }

    /// The same where numbers of sequences are in no order.
    #[cfg(feature = "postgres")]
    pub fn on_cockroach(service: &str, schema: &str) -> Self {
        Self { is_numbered: true, ..Self::in_schema(service, schema) }
    }

    /// The same with a ledger that is not to be seen yet.
    #[cfg(feature = "postgres")]
    pub fn aside(&self) -> Self {
        Self { ledger: ASIDE, ..self.clone() }
    }

    /// The full name of one of the ledger's tables.
    pub fn table(&self, name: &str) -> String {
        let name = if name == LEDGER { self.ledger } else { name };
        if self.schema.is_empty() { name.to_owned() } else { format!("{}.{name}", self.quoted_schema()) }
    }

    /// The schema as a name in SQL.
    pub fn quoted_schema(&self) -> String {
        quote_name(&self.schema)
    }
}

/// What databases write differently in the ledger's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
    #[cfg(feature = "postgres")]
    Cockroach,
}

/// Makes the tables where they are missing.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub fn create_tables(dialect: Dialect, place: &Place) -> String {
    let (time, number, key, batch) = match dialect {
        // One tree instead of two, and thus a page less to journal and to write for each migration.
        // That ids do not repeat is given by the write lock, under which they are handed out.
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {
            ("TEXT", "INTEGER PRIMARY KEY", "PRIMARY KEY (service, name)\n) WITHOUT ROWID", "BIGINT")
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => (
            "TIMESTAMPTZ",
            "BIGSERIAL PRIMARY KEY",
            "PRIMARY KEY (service, id),\n  UNIQUE (service, name)\n)",
            "BIGINT",
        ),
        // Its INT has 64 bits; and what BIGSERIAL gives there is in no order.
        #[cfg(feature = "postgres")]
        Dialect::Cockroach => (
            "TIMESTAMPTZ",
            "BIGINT NOT NULL",
            "PRIMARY KEY (service, id),\n  UNIQUE (service, name)\n)",
            "INT",
        ),
    };
    #[cfg(feature = "postgres")]
    let (applied, history_key) = match dialect {
        Dialect::Cockroach => ("TIMESTAMP", ",\n  PRIMARY KEY (service, id)"),
        _ => (time, ""),
    };
    #[cfg(not(feature = "postgres"))]
    let (applied, history_key) = (time, "");
    format!(
        "CREATE TABLE IF NOT EXISTS {} (
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  applied_at {applied} NOT NULL,
  batch_no {batch} NOT NULL,
  service TEXT NOT NULL DEFAULT '',
  run_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  duration_ms BIGINT NOT NULL,
  {key};
CREATE TABLE IF NOT EXISTS {} (
  id {number},
  name TEXT NOT NULL,
  direction TEXT NOT NULL,
  outcome TEXT NOT NULL,
  at {time} NOT NULL,
  batch_no {batch} NOT NULL,
  service TEXT NOT NULL DEFAULT '',
  run_id TEXT NOT NULL,
  duration_ms BIGINT NOT NULL,
  hash TEXT NOT NULL,
  done_by TEXT NOT NULL,
  app_version TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  detail TEXT{history_key}
);
CREATE TABLE IF NOT EXISTS {} (
  service TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  direction TEXT NOT NULL,
  step BIGINT NOT NULL,
  digest TEXT NOT NULL,
  what TEXT NOT NULL,
  state TEXT NOT NULL,
  next_key TEXT,
  chunks BIGINT NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (service, name, direction, step)
);
CREATE TABLE IF NOT EXISTS {} (
  service TEXT NOT NULL PRIMARY KEY,
  environment TEXT NOT NULL,
  owner TEXT,
  fence BIGINT NOT NULL,
  process TEXT,
  held_by TEXT,
  since {time},
  expires_at {time}
);
",
        place.table(LEDGER),
        place.table(HISTORY),
        place.table(JOURNAL),
        place.table(LEASE),
    )
}

/// How long a body took, of which a row is written.
enum Took {
    Measured,
    /// It is in the same batch as the row: PostgreSQL knows when that came.
    #[cfg(feature = "postgres")]
    TheBatch,
}

impl Took {
    /// When it ended, and how many milliseconds it took.
    fn values(&self, at: &str, duration_ms: i64) -> (String, String) {
        match self {
            Self::Measured => (quote(at), duration_ms.to_string()),
            #[cfg(feature = "postgres")]
            Self::TheBatch => {
                let took = "(clock_timestamp() - statement_timestamp())";
                (
                    format!("{}::timestamptz + {took}", quote(at)),
                    format!("floor(extract(epoch FROM {took}) * 1000)::bigint"),
                )
            }
        }
    }
}

/// The statements of one write.
pub fn sql(write: &Write, place: &Place, now: &str) -> String {
    written(write, place, now, &Took::Measured)
}

/// The same in one batch with the body, behind that. The times in the row are when the batch was sent.
#[cfg(feature = "postgres")]
pub fn sql_behind_its_body(write: &Write, place: &Place) -> String {
    written(write, place, "now", &Took::TheBatch)
}

fn written(write: &Write, place: &Place, now: &str, took: &Took) -> String {
    let service = quote(&place.service);
    let (ledger, history, journal) = (place.table(LEDGER), place.table(HISTORY), place.table(JOURNAL));
    match write {
        Write::Replace { names, by } => {
            let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
            let remove =
                format!("DELETE FROM {ledger} WHERE service = {service} AND name IN ({});", names.join(", "));
            remove + &written(&Write::Apply(by.clone()), place, now, took)
        }
        Write::Apply(row) => {
            let (at, duration_ms) = took.values(&row.applied_at, row.duration_ms);
            format!(
                "INSERT INTO {ledger} (id, name, hash, applied_at, batch_no, service, run_id, fingerprint, duration_ms) VALUES ({}, {}, {}, {at}, {}, {service}, {}, {}, {duration_ms});",
                row.id,
                quote(&row.name),
                quote(&row.hash),
                row.batch_no,
                quote(&row.run_id),
                quote(&row.fingerprint),
            )
        }
        Write::Remove { name } => {
            format!("DELETE FROM {ledger} WHERE service = {service} AND name = {};", quote(name))
        }
        Write::Rehash { name, hash, fingerprint } => format!(
            "UPDATE {ledger} SET hash = {}, fingerprint = {} WHERE service = {service} AND name = {};",
            quote(hash),
            quote(fingerprint),
            quote(name),
        ),
        Write::Attempt(attempt) => {
            let (column, number) = if place.is_numbered {
                let next =
                    format!("(SELECT coalesce(max(id), 0) + 1 FROM {history} WHERE service = {service})");
                ("id, ", format!("{next}, "))
            } else {
                ("", String::new())
            };
            let (at, duration_ms) = took.values(&attempt.at, attempt.duration_ms);
            format!(
                "INSERT INTO {history} ({column}name, direction, outcome, at, batch_no, service, run_id, duration_ms, hash, done_by, app_version, tool_version, detail) VALUES ({number}{}, '{}', '{}', {at}, {}, {service}, {}, {duration_ms}, {}, {}, {}, {}, {});",
                quote(&attempt.name),
                attempt.direction.word(),
                attempt.outcome.word(),
                attempt.batch_no,
                quote(&attempt.run_id),
                quote(&attempt.hash),
                quote(&attempt.by),
                quote(&attempt.app_version),
                quote(env!("CARGO_PKG_VERSION")),
                quote_option(attempt.written_detail().as_deref()),
            )
        }
        Write::Step(row) => {
            let name = quote(&row.name);
            let direction = row.direction.word();
            format!(
                "DELETE FROM {journal} WHERE service = {service} AND name = {name} AND direction = '{direction}' AND step = {step};\
                 INSERT INTO {journal} (service, name, direction, step, digest, what, state, next_key, chunks, at) VALUES ({service}, {name}, '{direction}', {step}, {}, {}, '{}', {}, {}, {});",
                quote(&row.digest),
                quote(&row.what),
                row.state.word(),
                quote_option(row.cursor.as_deref()),
                row.chunks,
                quote(now),
                step = row.step,
            )
        }
        Write::ForgetStep { name, direction, step } => format!(
            "DELETE FROM {journal} WHERE service = {service} AND name = {} AND direction = '{}' AND step = {step};",
            quote(name),
            direction.word(),
        ),
        Write::ForgetSteps { name, direction } => format!(
            "DELETE FROM {journal} WHERE service = {service} AND name = {} AND direction = '{}';",
            quote(name),
            direction.word(),
        ),
    }
}

/// Asks whether this attempt is in the history, since it was sent.
#[cfg(feature = "postgres")]
pub fn attempt_exists(attempt: &super::Attempt, place: &Place) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM {} WHERE service = {} AND run_id = {} AND name = {} AND outcome = '{}' AND at >= {}) AS found",
        place.table(HISTORY),
        quote(&place.service),
        quote(&attempt.run_id),
        quote(&attempt.name),
        attempt.outcome.word(),
        quote(&attempt.at),
    )
}

/// Asks whether this step is in the journal as it is here.
#[cfg(feature = "postgres")]
pub fn step_exists(row: &super::JournalRow, place: &Place) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM {} WHERE service = {} AND name = {} AND direction = '{}' AND step = {} AND state = '{}' AND chunks = {}) AS found",
        place.table(JOURNAL),
        quote(&place.service),
        quote(&row.name),
        row.direction.word(),
        row.step,
        row.state.word(),
        row.chunks,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_cannot_be_left() {
        assert_eq!(quote("it's"), "'it''s'");
        assert_eq!(quote("'; DROP TABLE x; --"), "'''; DROP TABLE x; --'");
        assert_eq!(quote("a\0b"), "'a\u{fffd}b'");
    }
}
