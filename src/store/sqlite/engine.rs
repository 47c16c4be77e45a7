//! What the engine asks of a database, on SQLite.

use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

use super::file::Access;
use super::statement::{classify, first_word, is_transactional};
use super::{HasSqlite, SqliteStore, adopt, copy, lease, read};
use crate::lease::{Claim, Claimed, RENEWED_EVERY};
use crate::ledger::{self, Attempt, Foreign, Holder, Kept, OfService, Place, Snapshot, Texts, Write};
use crate::recorder::Recorder;
use crate::store::{Database, Settled, Store, StoreError, Taken, Takeover, Undone};
use crate::traits::{Options, Result};

/// How long a look or a claim waits inside SQLite; longer waits are polled outside of it, where a
/// signal is seen.
const SHORT: Duration = Duration::from_millis(200);

impl<C: HasSqlite> Store<C> for SqliteStore<C> {
    fn database(&self) -> Database {
        Database::Sqlite
    }

    fn conn(&mut self) -> &mut C {
        &mut self.conn
    }

    fn recorder(&self) -> &Recorder {
        &self.setting.recorder
    }

    fn look(&mut self) -> Result<Snapshot, StoreError> {
        self.busy_timeout(SHORT)?;
        let service = self.setting.service.clone();
        let seen = read::snapshot(self.sqlite(), &service);
        self.busy_timeout(self.setting.lock_timeout)?;
        seen
    }

    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        let service = self.setting.service.clone();
        read::history(self.sqlite(), &service, limit)
    }

    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        let service = self.setting.service.clone();
        read::failures(self.sqlite(), &service)
    }

    fn services(&mut self) -> Result<Vec<OfService>, StoreError> {
        self.busy_timeout(SHORT)?;
        let seen = read::services(self.sqlite());
        self.busy_timeout(self.setting.lock_timeout)?;
        seen
    }

    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        self.open_for(Access::Write)?;
        self.busy_timeout(SHORT)?;
        let service = self.setting.service.clone();
        let claimed = lease::claim(self.sqlite(), &service, claim);
        self.busy_timeout(self.setting.lock_timeout)?;
        let claimed = claimed?;
        if let Claimed::Ours { fence } = claimed {
            self.lease = Some((claim.owner.clone(), fence));
            self.renewed = Instant::now();
        }
        Ok(claimed)
    }

    fn release(&mut self) -> Result<(), StoreError> {
        let Some((owner, fence)) = self.lease.take() else {
            return Ok(());
        };
        let service = self.setting.service.clone();
        lease::release(self.sqlite(), &service, &owner, fence)
    }

    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        if !self.file.exists() {
            return Ok(None);
        }
        self.open_for(Access::Write)?;
        let service = self.setting.service.clone();
        lease::take_away(self.sqlite(), &service)
    }

    fn outside(&mut self, _options: &Options, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        let _kept = self.keep_alive();
        body(&mut self.conn)
    }

    fn begin(&mut self, options: &Options) -> Result<(), StoreError> {
        self.options = *options;
        if self.rehearsing {
            return self.batch("SAVEPOINT updown");
        }
        if options.foreign_keys_off {
            self.foreign_keys_were_on = read::foreign_keys(self.sqlite())?;
            self.batch("PRAGMA foreign_keys = OFF")?;
        }
        if let Some(timeout) = options.lock_timeout {
            self.busy_timeout(timeout)?;
        }
        if let Err(error) = self.begin_patiently() {
            self.restore()?;
            return Err(error);
        }
        let (service, held) = (self.setting.service.clone(), self.lease.clone());
        let renew = self.renewed.elapsed() >= RENEWED_EVERY / 2;
        let ours = match held {
            Some((owner, fence)) => lease::check(self.sqlite(), &service, &owner, fence, renew),
            None => Err(StoreError::LeaseLost),
        };
        if let Err(error) = ours.and_then(|()| self.batch("SAVEPOINT updown")) {
            self.undo()?;
            return Err(error);
        }
        if renew {
            self.renewed = Instant::now();
        }
        Ok(())
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        // The guard: a body that committed or rolled back took the savepoint with it, also where it
        // began a new transaction behind that.
        self.batch("RELEASE SAVEPOINT updown").map_err(|error| match error {
            StoreError::Query(message) if message.contains("no such savepoint") => {
                StoreError::LeftTransaction
            }
            other => other,
        })?;
        if self.options.foreign_keys_off {
            self.check_foreign_keys()?;
        }
        if self.rehearsing {
            return Ok(());
        }
        let now = ledger::timestamp(chrono::Utc::now());
        let place = Place::of_service(&self.setting.service);
        let rows: String = writes.iter().map(|write| ledger::sql(write, &place, &now)).collect();
        self.batch(&rows)?;
        // A long body has used its lease up; whoever waits must not get it in between two migrations.
        if self.renewed.elapsed() >= RENEWED_EVERY / 2
            && let Some((owner, fence)) = self.lease.clone()
        {
            lease::renew(self.sqlite(), &place.service, &owner, fence)?;
            self.renewed = Instant::now();
        }
        AnsiTransactionManager::commit_transaction(self.sqlite()).map_err(classify)?;
        self.restore()
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        if !self.rehearsing {
            return self.undo();
        }
        // What a body opened inside stays open in Diesel's count where it panicked.
        while self.depth().is_some_and(|depth| depth > 1) {
            AnsiTransactionManager::rollback_transaction(self.sqlite()).map_err(classify)?;
        }
        self.batch("ROLLBACK TO SAVEPOINT updown; RELEASE SAVEPOINT updown")
    }

    fn execute(&mut self, statement: &str) -> Result {
        Ok(self.sqlite().batch_execute(statement)?)
    }

    fn execute_outside(&mut self, statement: &str, _: Option<&str>, options: &Options) -> Result {
        self.outside(options, &mut |conn| Ok(conn.sqlite().batch_execute(statement)?))
    }

    fn is_transactional(&self, statement: &str) -> bool {
        is_transactional(statement)
    }

    fn is_of_the_connection(&self, statement: &str) -> bool {
        ["PRAGMA", "ATTACH", "DETACH"].contains(&first_word(statement).as_str())
    }

    fn settle(&mut self, _: &str, _: Option<&str>) -> Result<Settled, StoreError> {
        // Whatever cannot run in a transaction here may be repeated.
        Ok(Settled::NotDone)
    }

    fn begin_rehearsal(&mut self, foreign_keys_off: bool) -> Result<(), StoreError> {
        self.open_for(Access::Rehearse)?;
        if foreign_keys_off {
            self.batch("PRAGMA foreign_keys = OFF")?;
        }
        self.begin_immediate()?;
        self.rehearsing = true;
        Ok(())
    }

    fn end_rehearsal(&mut self) -> Result<(), StoreError> {
        self.rehearsing = false;
        self.options = Options::default();
        self.undo()
    }

    fn copy_to(&mut self, path: &std::path::Path) -> Result<(), StoreError> {
        let _kept = self.keep_alive();
        copy::write(self.conn.sqlite(), path)?;
        copy::check(path)
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        self.begin(&Options::new().foreign_keys_off())?;
        let erased = lease::erase(self.sqlite());
        match erased.and_then(|()| self.commit(&[])) {
            Ok(()) => Ok(()),
            Err(error) => {
                self.undo()?;
                Err(error)
            }
        }
    }

    fn foreign(&mut self, named: Option<&str>) -> Result<Vec<Foreign>, StoreError> {
        adopt::there(self.sqlite(), named)
    }

    fn foreign_rows(&mut self, from: &Foreign) -> Result<Vec<Texts>, StoreError> {
        adopt::rows(self.sqlite(), from)
    }

    fn adopt(&mut self, takeover: &mut Takeover<'_>) -> Result<Taken, StoreError> {
        self.open_for(Access::Write)?;
        let service = self.setting.service.clone();
        adopt::adopt(self.sqlite(), &service, takeover)
    }

    fn undo_adoption(&mut self, _claim: &Claim) -> Result<Undone, StoreError> {
        if !self.file.exists() {
            return Ok(Undone::Kept(Kept::NotAdopted));
        }
        self.open_for(Access::Write)?;
        let service = self.setting.service.clone();
        adopt::undo(self.sqlite(), &service)
    }
}
