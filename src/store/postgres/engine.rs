//! What the engine asks of a database, on PostgreSQL.

use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection};

use super::connect::{self, classify};
use super::watch::{Doing, Watch};
use super::{HasPg, PgStore, adopt, catalog, erase, lease, read, session, throttle};
use crate::lease::{Claim, Claimed};
use crate::ledger::{self, Attempt, Foreign, Holder, OfService, Snapshot, Texts, Write};
use crate::recorder::Recorder;
use crate::store::{Database, Settled, Store, StoreError, Taken, Takeover, Undone};
use crate::traits::{Options, Result};

/// A table with a deferred constraint that does not hold: a rehearsal cannot be committed, whatever a
/// body sends.
const GUARD: &str = "updown_rehearsal";

impl<C: HasPg> Store<C> for PgStore<C> {
    fn database(&self) -> Database {
        Database::Postgres
    }

    fn conn(&mut self) -> &mut C {
        &mut self.conn
    }

    fn recorder(&self) -> &Recorder {
        &self.setting.recorder
    }

    fn look(&mut self) -> Result<Snapshot, StoreError> {
        if let Some(first) = self.first.take() {
            return first;
        }
        self.end_spare()?;
        let seen = read::look(self.conn.pg(), &self.place)?;
        self.take_in(seen)
    }

    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        if !self.has_lease {
            return Ok(Vec::new());
        }
        self.end_spare()?;
        read::history(self.conn.pg(), &self.place, limit)
    }

    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        if !self.has_lease {
            return Ok(Vec::new());
        }
        read::failures(self.conn.pg(), &self.place)
    }

    fn services(&mut self) -> Result<Vec<OfService>, StoreError> {
        // It says in which schema the ledger is, too.
        if !self.look()?.exists {
            return Ok(Vec::new());
        }
        let names = read::services(self.conn.pg(), &self.place)?;
        let each = names.into_iter().map(|service| {
            let mut place = self.place.clone();
            place.service = service;
            let snapshot = read::look(self.conn.pg(), &place)?.snapshot;
            let failures = read::failures(self.conn.pg(), &place)?;
            Ok(OfService { service: place.service, snapshot, failures })
        });
        each.collect()
    }

    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        if !self.has_lease {
            let timeout = self.setting.lock_timeout.as_millis();
            let chosen = self.setting.ledger_schema.is_some();
            lease::prepare(self.conn.pg(), &self.place, &claim.environment, timeout, chosen)?;
            self.has_lease = true;
            self.environment.clone_from(&claim.environment);
        }
        let backend = self.backend.as_ref();
        let fence = lease::claim(self.conn.pg(), &self.place, claim, &self.environment, backend)?;
        let Some((fence, position)) = fence else {
            return match read::holder(self.conn.pg(), &self.place) {
                Ok(Some(holder)) => Ok(Claimed::Held(holder)),
                Ok(None) | Err(StoreError::Busy) => Ok(Claimed::Busy),
                Err(error) => Err(error),
            };
        };
        self.lease = Some((claim.owner.clone(), fence));
        self.position = position;
        self.renewed = Instant::now();
        self.watch();
        Ok(Claimed::Ours { fence })
    }

    fn position(&mut self, now: bool) -> Option<String> {
        // Where it could not be seen with the lease, it cannot be seen now.
        if now && self.position.is_some() && self.end_spare().is_ok() {
            self.position = lease::position(self.conn.pg());
        }
        self.position.clone()
    }

    fn release(&mut self) -> Result<(), StoreError> {
        let Some((owner, fence)) = self.lease.take() else { return Ok(()) };
        self.watch = None;
        let release = lease::release(&self.place, &owner, fence);
        if std::mem::take(&mut self.spare) {
            return self.batch(&format!("{release}; COMMIT"));
        }
        self.batch(&release)
    }

    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        if !self.has_lease {
            return Ok(None);
        }
        let holder = read::holder(self.conn.pg(), &self.place)?;
        lease::take_away(self.conn.pg(), &self.place)?;
        Ok(holder)
    }

    fn outside(&mut self, options: &Options, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        self.end_spare()?;
        let (owner, fence) = self.held()?;
        // A setting of the session; behind a pooler it would be somebody else's the next time.
        if !self.pooled {
            self.batch(&self.timeouts("SET", options))?;
        }
        let lock_timeout = self.lock_timeout(options);
        self.is_watched(Doing::Outside { owner, fence }, lock_timeout);
        let ran = body(&mut self.conn);
        self.is_not_watched();
        if self.pooled {
            return ran;
        }
        let reset = self.batch(&self.reset());
        // The first error is the one to tell of.
        ran.and_then(|()| Ok(reset?))
    }

    fn begin(&mut self, options: &Options) -> Result<(), StoreError> {
        if self.rehearsing {
            return self.batch("SAVEPOINT updown");
        }
        let (owner, fence) = self.held()?;
        let opened = if self.spare {
            // The commit before opened it, with the run's own timeouts.
            self.limits(options)
        } else {
            let sql = format!("BEGIN; {}", self.opening(&owner, fence));
            // By Diesel's transaction manager, so that a body's own `conn.transaction` is a savepoint.
            AnsiTransactionManager::begin_transaction_sql(self.pg(), &sql)
                .map_err(classify)
                .and_then(|()| self.limits(options))
        };
        self.spare = false;
        match opened {
            Ok(()) => {
                self.is_watched(Doing::Transaction, self.lock_timeout(options));
                Ok(())
            }
            Err(error) => {
                // Diesel counts no transaction that did not begin; the server has one to be ended.
                let _ = self.batch("ROLLBACK");
                Err(if lease::is_lost(&error) { StoreError::LeaseLost } else { error })
            }
        }
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        self.is_not_watched();
        if self.rehearsing {
            // What is deferred is checked here, as its commit would, but for the guard.
            return self
                .batch(&format!(
                    "RELEASE SAVEPOINT updown; DELETE FROM pg_temp.{GUARD}; SET CONSTRAINTS ALL IMMEDIATE; \
                     SET CONSTRAINTS pg_temp.{GUARD}_x DEFERRED; INSERT INTO pg_temp.{GUARD} VALUES (1), (1)"
                ))
                .map_err(session::left);
        }
        let (owner, fence) = self.held()?;
        let rows: String = writes.iter().map(|write| ledger::sql(write, &self.place, "now")).collect();
        let Err(error) = self.end_with("", &rows, &owner, fence) else { return Ok(()) };
        let error = session::left(error);
        if matches!(error, StoreError::LeftTransaction) {
            return Err(error);
        }
        // It failed before the COMMIT, in it, or behind it; or the answer was lost. The ledger says.
        let written = self.clean().and_then(|()| read::is_written(self.conn.pg(), &self.place, writes));
        session::resolved(written, error)
    }

    fn sends_at_once(&self) -> bool {
        !self.rehearsing
    }

    fn commit_with(&mut self, sql: &str, writes: &[Write]) -> Result<bool, StoreError> {
        let (owner, fence) = self.held()?;
        let place = &self.place;
        let rows: String = writes.iter().map(|write| ledger::sql_behind_its_body(write, place)).collect();
        // What it ends with may be a comment.
        let sent = self.end_with(&format!("{sql}\n;"), &rows, &owner, fence);
        self.is_not_watched();
        let Err(error) = sent else { return Ok(true) };
        let written = self.clean().and_then(|()| read::is_written(self.conn.pg(), &self.place, writes));
        match session::resolved(written, error) {
            Ok(()) => Ok(true),
            Err(StoreError::Lost(message)) => Err(StoreError::Lost(message)),
            // Why, is found out where each statement is sent on its own.
            Err(_) => Ok(false),
        }
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.is_not_watched();
        if self.rehearsing {
            return session::undo_rehearsed(self.pg());
        }
        self.clean()
    }

    fn transient(&mut self, error: &anyhow::Error, tries: u32) -> Option<String> {
        let why =
            connect::transient(error).filter(|_| tries <= self.setting.lock_retries && !self.rehearsing)?;
        if error.to_string().contains("__diesel_stmt") {
            self.is_behind_a_pooler();
        }
        // Nothing locks the row while the run waits to try again.
        if let Some((owner, fence)) = &self.lease {
            let renewal = lease::renewal(&self.place, owner, *fence, self.backend.as_ref());
            let _ = self.batch(&renewal);
        }
        let by = self.blockers();
        Some(if by.is_empty() { why.to_owned() } else { format!("{why}: {}", by.join("; ")) })
    }

    fn reworded(&self, error: anyhow::Error) -> anyhow::Error {
        if self.rehearsing && error.to_string().contains(GUARD) {
            return anyhow::anyhow!("{}: the rehearsal kept it from that", StoreError::LeftTransaction);
        }
        error
    }

    fn lost(&self, error: &anyhow::Error) -> Option<String> {
        connect::lost(error)
    }

    fn blockers(&self) -> Vec<String> {
        self.watch.as_ref().map(Watch::blockers).unwrap_or_default()
    }

    fn breathe(&mut self) -> Result<Option<String>, StoreError> {
        self.end_spare()?;
        throttle::reason(self.conn.pg())
    }

    fn execute(&mut self, statement: &str) -> Result {
        session::execute(self.pg(), statement)
    }

    fn execute_outside(&mut self, statement: &str, _before: Option<&str>, options: &Options) -> Result {
        // Whoever waits for a lock keeps others waiting behind it, but for what is built beside them.
        let waits = if options.lock_timeout.is_none() && catalog::is_concurrent(statement) {
            Options { lock_timeout: Some(Duration::ZERO), ..*options }
        } else {
            *options
        };
        self.outside(&waits, &mut |conn| Ok(conn.pg().batch_execute(statement)?))
    }

    fn is_transactional(&self, statement: &str) -> bool {
        catalog::is_transactional(statement)
    }

    fn is_of_the_connection(&self, _: &str) -> bool {
        false
    }

    fn settle(&mut self, statement: &str, _before: Option<&str>) -> Result<Settled, StoreError> {
        self.end_spare()?;
        catalog::settle(self.conn.pg(), statement)
    }

    fn begin_rehearsal(&mut self, _foreign_keys_off: bool) -> Result<(), StoreError> {
        self.watch();
        let sql = format!("BEGIN; {}", self.timeouts("SET LOCAL", &Options::new()));
        AnsiTransactionManager::begin_transaction_sql(self.pg(), &sql).map_err(classify)?;
        self.rehearsing = true;
        self.batch(&format!(
            "CREATE TEMPORARY TABLE {GUARD} (x INT CONSTRAINT {GUARD}_x UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP; \
             INSERT INTO pg_temp.{GUARD} VALUES (1), (1)"
        ))?;
        self.is_watched(Doing::Transaction, self.setting.lock_timeout);
        Ok(())
    }

    fn end_rehearsal(&mut self) -> Result<(), StoreError> {
        if !std::mem::take(&mut self.rehearsing) {
            return Ok(());
        }
        self.watch = None;
        // The whole connection goes: nothing of a rehearsal may stay, not even a setting.
        self.reconnect()
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        self.under_lease(&erase::forget(&self.place))?;
        self.end_spare()?;
        let statements = erase::statements(self.conn.pg(), &self.place)?;
        statements.chunks(erase::AT_ONCE).try_for_each(|some| self.under_lease(&some.join("; ")))
    }

    fn foreign(&mut self, named: Option<&str>) -> Result<Vec<Foreign>, StoreError> {
        self.settle_place()?;
        adopt::there(self.conn.pg(), &self.place, named)
    }

    fn foreign_rows(&mut self, from: &Foreign) -> Result<Vec<Texts>, StoreError> {
        adopt::rows(self.conn.pg(), from)
    }

    fn adopt(&mut self, takeover: &mut Takeover<'_>) -> Result<Taken, StoreError> {
        self.settle_place()?;
        let mut opening = self.own_limits();
        if self.setting.ledger_schema.is_some() {
            opening.push_str(&format!("CREATE SCHEMA IF NOT EXISTS {};", self.place.quoted_schema()));
        }
        adopt::adopt(self.conn.pg(), &self.place, &opening, takeover)
    }

    fn undo_adoption(&mut self, _claim: &Claim) -> Result<Undone, StoreError> {
        self.settle_place()?;
        let opening = self.own_limits();
        adopt::undo(self.conn.pg(), &self.place, &opening)
    }
}
