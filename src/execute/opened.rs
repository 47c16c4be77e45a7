//! A store and its registry, as the engine sees it whatever its connection type: what it asks of the database is the
//! store's to answer.

#[cfg(any(feature = "cli", feature = "sync"))]
use super::How;
use super::{Broken, Carried, Ended, Opened, Session, Stamp};
use crate::error::StoreError;
use crate::lease::{Claim, Claimed};
use crate::ledger::{Attempt, Direction, Holder, JournalRow, OfService, Snapshot, Write};
use crate::listed::Listed;
#[cfg(feature = "sync")]
use crate::migration::UpBody;
use crate::report::Reporter;
#[cfg(feature = "sync")]
use crate::schema::Already;
#[cfg(feature = "cli")]
use crate::schema::print::{PrintError, Printed, config::PrintConfig};
use crate::store::{Database, StoreConnection};
use crate::traits::Options;

impl<C: StoreConnection> Session for Opened<C> {
    fn listed(&self) -> &[Listed] {
        &self.listed
    }
    fn is_journaled(&self) -> bool {
        self.store.is_journaled()
    }
    fn database(&self) -> Database {
        self.store.database()
    }
    #[cfg(feature = "schema")]
    fn inspect(&mut self) -> Result<crate::schema::Inspected, StoreError> {
        let database = self.store.database();
        self.store.conn().inspect(database).map_err(|error| StoreError::Query(format!("{error:#}")))
    }
    #[cfg(feature = "cli")]
    fn print(&mut self, config: &PrintConfig, without_ledger: bool) -> Result<Printed, PrintError> {
        self.store.conn().print(config, without_ledger)
    }
    #[cfg(feature = "schema")]
    fn there(&mut self) -> Result<crate::schema::There, StoreError> {
        self.store.conn().there().map_err(|error| StoreError::Query(format!("{error:#}")))
    }
    fn look(&mut self) -> Result<Snapshot, StoreError> {
        self.store.look()
    }
    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        self.store.history(limit)
    }
    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        self.store.failures()
    }
    fn services(&mut self) -> Result<Vec<OfService>, StoreError> {
        self.store.services()
    }
    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        self.store.claim(claim)
    }
    fn position(&mut self, now: bool) -> Option<String> {
        self.store.position(now)
    }
    fn release(&mut self) -> Result<(), StoreError> {
        self.store.release()
    }
    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        self.store.break_lease()
    }
    fn erase(&mut self) -> Result<(), StoreError> {
        self.store.erase()
    }
    fn begin_rehearsal(&mut self, foreign_keys_off: bool) -> Result<(), StoreError> {
        self.store.begin_rehearsal(foreign_keys_off)
    }
    fn end_rehearsal(&mut self) -> Result<(), StoreError> {
        self.store.end_rehearsal()
    }

    fn carry_out(
        &mut self,
        index: usize,
        direction: Direction,
        left: Vec<JournalRow>,
        stamp: &Stamp,
        reporter: &mut dyn Reporter,
    ) -> Result<Carried, Broken> {
        self.run(index, direction, left, stamp, reporter)
    }

    #[cfg(feature = "cli")]
    fn lines(&mut self, query: &str) -> Result<Vec<String>, StoreError> {
        self.store.conn().lines(query).map_err(|error| StoreError::Query(format!("{error:#}")))
    }

    #[cfg(feature = "cli")]
    fn beyond(&mut self) -> Result<crate::schema::Beyond, StoreError> {
        self.store.conn().beyond().map_err(|error| StoreError::Query(format!("{error:#}")))
    }

    #[cfg(feature = "sync")]
    fn has_rows(&mut self, table: &str) -> Result<bool, StoreError> {
        self.store.conn().has_rows(table).map_err(|error| StoreError::Query(format!("{error:#}")))
    }

    #[cfg(feature = "sync")]
    fn make(
        &mut self,
        changes: &crate::schema::Typed,
        reporter: &mut dyn Reporter,
    ) -> Result<(), StoreError> {
        let database = self.store.database();
        let UpBody::Transaction(body) = changes.bodies::<C>(database, false, &Already::default()).0 else {
            return Err(StoreError::Query("these changes run in steps alone".to_owned()));
        };
        let options = body.options();
        if self.store.changes_in_steps() {
            let made = self.store.outside(&options, &mut |conn| body.up(conn));
            return made.map_err(|error| StoreError::Query(format!("{error:#}")));
        }
        let how = How { name: "sync", at_once: None, keep_statements: false, reporter };
        let made = self.in_transaction(&options, how, |conn| body.up(conn), |_| Vec::new());
        made.map(drop).map_err(|ended| {
            let _ = self.store.rollback();
            store_error(ended)
        })
    }

    #[cfg(feature = "cli")]
    fn send(&mut self, statements: &[String]) -> Result<(), StoreError> {
        let send = |conn: &mut C| statements.iter().try_for_each(|statement| conn.send(statement));
        if self.store.changes_in_steps() {
            let sent = self.store.outside(&Options::new(), &mut |conn| send(conn));
            return sent.map_err(|error| StoreError::Query(format!("{error:#}")));
        }
        let how = How { name: "", keep_statements: false, at_once: None, reporter: &mut () };
        let sent = self.in_transaction(&Options::new(), how, send, |_| Vec::new());
        sent.map(drop).map_err(|ended| {
            let _ = self.store.rollback();
            store_error(ended)
        })
    }

    fn while_held(&mut self, job: &mut dyn FnMut()) -> Result<(), StoreError> {
        let mut job = |_: &mut C| {
            job();
            Ok(())
        };
        self.store.outside(&Options::new(), &mut job).map_err(|error| store_error(Ended::Failed(error)))
    }

    fn copy_to(&mut self, path: &std::path::Path) -> Result<(), StoreError> {
        self.store.copy_to(path)
    }

    fn record(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        self.write(writes, "", &mut ()).map_err(store_error)
    }
}

/// Of what is no migration's body.
fn store_error(ended: Ended) -> StoreError {
    match ended {
        Ended::NotBegun(error) => error,
        Ended::Failed(error) => {
            error.downcast().unwrap_or_else(|other| StoreError::Query(format!("{other:#}")))
        }
        Ended::Panicked(_) | Ended::Unwound => StoreError::Query("no body was run".to_owned()),
    }
}
