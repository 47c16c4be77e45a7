//! A database that grew without migrations, as the first one: its module, and the row that says it is applied.
//!
//! The order loses nothing: first the module and its entry in the list, then the row. Killed in between, the
//! project has a migration that creates what is there, which `updown migrate` refuses on that database, since its
//! tables exist already; `updown resolve` enters the row, or the module is removed and the command repeated. The
//! other way round, the ledger would know a migration that nobody has.

use chrono::Utc;

use crate::fingerprint::{self, Language};
use crate::ledger::{Applied, Attempt, Direction, Outcome, Snapshot, Write, timestamp};
use crate::schema::diff::Needed;
use crate::schema::emit::{Module, module};

/// The source of the module, as `updown new` would write one.
pub(crate) fn source(about: &str, connection: &str, changes: &[Needed]) -> String {
    module(&Module { about, connection, in_steps: false, changes })
}

/// What enters a module in the ledger of a store as applied without running it. Its name and its text are those
/// that were written: the project need not be built again to know their hash. The run's id, and who did it, are for
/// the caller to fill in, as they are where a migration is resolved.
pub(crate) fn rows(name: &str, source: &str, snapshot: &Snapshot, app_version: &str) -> Vec<Write> {
    let at = timestamp(Utc::now());
    let hash = fingerprint::hash(source, Language::Rust);
    let batch_no = snapshot.last_batch + 1;
    let applied = Applied {
        id: 1 + snapshot.applied.iter().map(|row| row.id).max().unwrap_or(0),
        name: name.to_owned(),
        hash: hash.clone(),
        fingerprint: fingerprint::of_bytes(source),
        applied_at: at.clone(),
        batch_no,
        run_id: String::new(),
        duration_ms: 0,
    };
    let attempt = Attempt {
        name: name.to_owned(),
        direction: Direction::Up,
        outcome: Outcome::Resolved,
        at,
        batch_no,
        run_id: String::new(),
        duration_ms: 0,
        hash,
        by: String::new(),
        app_version: app_version.to_owned(),
        detail: Some("it was there: taken over by baseline".to_owned()),
    };
    vec![Write::Apply(applied), Write::Attempt(attempt)]
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::sync::Arc;

    use diesel::SqliteConnection;

    use super::*;
    use crate::listed::{self, Listed};
    use crate::migration::{DownBody, UpBody};
    use crate::prelude::*;
    use crate::registry::{Entry, Registry};
    use crate::store::Database;

    struct Nothing;

    impl Up<SqliteConnection> for Nothing {
        fn up(&self, _: &mut SqliteConnection) -> Result {
            Ok(())
        }
    }

    #[test]
    fn the_row_is_the_one_that_the_registry_expects() {
        let source = source("All that was there.", "SqliteConnection", &[]);
        let snapshot = Snapshot { last_batch: 3, ..Snapshot::default() };
        let rows = rows("m0001_baseline", &source, &snapshot, "1.0");
        let Some(Write::Apply(row)) = rows.first() else { panic!("{rows:?}") };
        assert_eq!((row.id, row.batch_no, row.name.as_str()), (1, 4, "m0001_baseline"));
        let entry: Entry<SqliteConnection> = Entry {
            name: "m0001_baseline",
            source: source.leak(),
            list: "main/mod.rs",
            formerly: &[],
            bodies: || (UpBody::Transaction(Arc::new(Nothing)), DownBody::Irreversible("no".into())),
        };
        let registry = Registry::from_entries(vec![entry].leak());
        let (_, listed) = listed::on(&registry, Database::Sqlite, false);
        let [listed]: [Listed; 1] = listed.try_into().expect("one");
        assert!(!listed.differs_from(row));
        assert_eq!((listed.hash(), listed.fingerprint()), (row.hash.clone(), row.fingerprint.clone()));
    }
}
