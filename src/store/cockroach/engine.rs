//! What the engine asks of a database, on CockroachDB.

use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

use super::{CockroachStore, erase, lease, lock, read, statement};
use crate::lease::{Claim, Claimed, RENEWED_EVERY, jitter};
use crate::ledger::{self, Attempt, Foreign, Holder, OfService, Snapshot, Texts, Write};
use crate::recorder::Recorder;
use crate::store::postgres::adopt::{rows, there};
use crate::store::postgres::connect::{self, classify};
use crate::store::postgres::erase::forget;
use crate::store::postgres::lease as row;
use crate::store::postgres::read::{is_written, services};
use crate::store::postgres::watch::Doing;
use crate::store::postgres::{HasPg, session};
use crate::store::{After, Database, Settled, Store, StoreError, Taken, Takeover, Undone};
use crate::traits::{Options, Result};

impl<C: HasPg> Store<C> for CockroachStore<C> {
    fn database(&self) -> Database {
        if self.is_simulated { Database::Postgres } else { Database::Cockroach }
    }

    fn changes_in_steps(&self) -> bool {
        true
    }

    fn conn(&mut self) -> &mut C {
        &mut self.conn
    }

    fn recorder(&self) -> &Recorder {
        &self.setting.recorder
    }

    fn look(&mut self) -> Result<Snapshot, StoreError> {
        let chosen = self.setting.ledger_schema.is_some();
        let (snapshot, has_lease) = read::look(self.conn.pg(), &self.place, chosen)?;
        self.has_lease = has_lease;
        self.environment = snapshot.environment.clone().unwrap_or_default();
        Ok(snapshot)
    }

    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        if !self.has_lease {
            return Ok(Vec::new());
        }
        read::history(self.conn.pg(), &self.place, limit)
    }

    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        if !self.has_lease {
            return Ok(Vec::new());
        }
        read::failures(self.conn.pg(), &self.place)
    }

    fn services(&mut self) -> Result<Vec<OfService>, StoreError> {
        let chosen = self.setting.ledger_schema.is_some();
        if !read::look(self.conn.pg(), &self.place, chosen)?.0.exists {
            return Ok(Vec::new());
        }
        let names = services(self.conn.pg(), &self.place)?;
        let each = names.into_iter().map(|service| {
            let mut place = self.place.clone();
            place.service = service;
            let (snapshot, _) = read::look(self.conn.pg(), &place, chosen)?;
            let failures = read::failures(self.conn.pg(), &place)?;
            Ok(OfService { service: place.service, snapshot, failures })
        });
        each.collect()
    }

    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        if !self.has_lease {
            let chosen = self.setting.ledger_schema.is_some();
            lease::prepare(self.conn.pg(), &self.place, &claim.environment, chosen)?;
            self.has_lease = true;
            self.environment.clone_from(&claim.environment);
        }
        self.claim_prepared(claim)
    }

    fn release(&mut self) -> Result<(), StoreError> {
        let Some((owner, fence)) = self.lease.take() else { return Ok(()) };
        self.watch = None;
        self.batch(&row::release(&self.place, &owner, fence))
    }

    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        if !self.has_lease {
            return Ok(None);
        }
        let holder = read::holder(self.conn.pg(), &self.place)?;
        self.batch(&row::freeing(&self.place))?;
        Ok(holder)
    }

    fn outside(&mut self, options: &Options, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        let (owner, fence) = self.held()?;
        self.batch(&self.timeouts("SET", options))?;
        self.is_watched(Doing::Outside { owner, fence });
        let ran = body(&mut self.conn);
        self.is_not_watched();
        // A body that left a transaction open, or lost the connection.
        let reset = match self.depth() {
            Some(0) => self.batch(&self.reset()),
            _ => Ok(()),
        };
        // The first error is the one to tell of.
        ran.and_then(|()| Ok(reset?))
    }

    fn begin(&mut self, options: &Options) -> Result<(), StoreError> {
        if self.rehearsing {
            lock(&self.habits).begins(true);
            return self.batch("SAVEPOINT updown");
        }
        let (owner, fence) = self.held()?;
        let timeouts = self.timeouts("SET LOCAL", options) + &session::idle(&self.setting);
        let sql = format!("BEGIN; {timeouts}{}; SAVEPOINT updown", lease::hold(&self.place, &owner, fence));
        for tries in 0.. {
            // By Diesel's transaction manager, so that a body's own `conn.transaction` is a savepoint.
            let Err(error) = AnsiTransactionManager::begin_transaction_sql(self.pg(), &sql) else { break };
            // Diesel counts no transaction that did not begin; the server has one to be ended.
            let _ = self.batch("ROLLBACK");
            if connect::is_retry(&error) && tries < self.setting.lock_retries {
                std::thread::sleep(Duration::from_millis((10 << tries.min(4)) + jitter() / 4));
                continue;
            }
            let error = classify(error);
            return Err(if row::is_lost(&error) { StoreError::LeaseLost } else { error });
        }
        self.renewed = Instant::now();
        lock(&self.habits).begins(false);
        self.is_watched(Doing::Transaction);
        Ok(())
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        self.is_not_watched();
        lock(&self.habits).ends();
        if self.rehearsing {
            return self.batch("RELEASE SAVEPOINT updown").map_err(session::left);
        }
        let (owner, fence) = self.held()?;
        // What the body has set (search_path, role, timeouts) must not reach the ledger's rows.
        let rows: String = writes.iter().map(|write| ledger::sql(write, &self.place, "now")).collect();
        // A long body has used its lease up; whoever waits must not get it in between two migrations.
        let renewal = if self.renewed.elapsed() >= RENEWED_EVERY / 2 {
            row::renewal(&self.place, &owner, fence, None)
        } else {
            String::new()
        };
        let reset = self.reset();
        // Before the COMMIT nothing is kept, whatever goes wrong.
        self.batch(&format!("RELEASE SAVEPOINT updown; {reset} {rows} {renewal}")).map_err(session::left)?;
        let Err(error) = AnsiTransactionManager::commit_transaction(self.pg()) else { return Ok(()) };
        if connect::is_retry(&error) {
            return Err(classify(error));
        }
        // The answer was lost, or is that nobody knows (40003). The ledger says.
        let written = self.clean().and_then(|()| is_written(self.conn.pg(), &self.place, writes));
        session::resolved(written, classify(error))
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.is_not_watched();
        lock(&self.habits).ends();
        if self.rehearsing {
            return session::undo_rehearsed(self.pg());
        }
        self.clean()
    }

    fn transient(&mut self, error: &anyhow::Error, tries: u32) -> Option<String> {
        // What was ambiguous comes here only where it is known not to be there.
        let ambiguous =
            error.to_string().contains(connect::AMBIGUOUS).then_some("its commit did not take place");
        let why = connect::transient(error).or(ambiguous);
        let why = why.filter(|_| tries <= self.setting.lock_retries && !self.rehearsing)?;
        // Nothing keeps the row while the run waits to try again.
        if let Some((owner, fence)) = &self.lease {
            let renewal = row::renewal(&self.place, owner, *fence, None);
            let _ = self.batch(&renewal);
        }
        Some(why.to_owned())
    }

    fn after(&mut self, statement: &str, before: Option<&str>, error: &anyhow::Error, tries: u32) -> After {
        self.after_failure(statement, before.unwrap_or_default(), error, tries)
    }

    fn lost(&self, error: &anyhow::Error) -> Option<String> {
        connect::lost(error)
    }

    fn execute(&mut self, statement: &str) -> Result {
        session::execute(self.pg(), statement)
    }

    fn execute_outside(&mut self, statement: &str, before: Option<&str>, options: &Options) -> Result {
        self.change(statement, before, options)
    }

    fn is_transactional(&self, statement: &str) -> bool {
        statement::is_transactional(statement)
    }

    fn is_of_the_connection(&self, _: &str) -> bool {
        false
    }

    fn shape(&mut self, statement: &str) -> Result<Option<String>, StoreError> {
        Ok(Some(self.shape_before(statement)?.written()))
    }

    fn settle(&mut self, statement: &str, before: Option<&str>) -> Result<Settled, StoreError> {
        match before {
            Some(before) => self.settled(statement, before),
            None => Ok(Settled::NotDone),
        }
    }

    fn begin_rehearsal(&mut self, _foreign_keys_off: bool) -> Result<(), StoreError> {
        self.watch();
        let sql = format!("BEGIN; {}", self.timeouts("SET LOCAL", &Options::new()));
        AnsiTransactionManager::begin_transaction_sql(self.pg(), sql.trim_end()).map_err(classify)?;
        self.rehearsing = true;
        self.is_watched(Doing::Transaction);
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
        self.begin(&Options::new())?;
        let forgotten = self.batch(&forget(&self.place)).and_then(|()| self.commit(&[]));
        forgotten.inspect_err(|_| {
            let _ = self.rollback();
        })?;
        let statements = erase::statements(self.conn.pg(), &self.place)?;
        self.outside(&Options::new(), &mut |conn| {
            Ok(statements.iter().try_for_each(|drop| conn.pg().batch_execute(drop))?)
        })
        .map_err(|error| StoreError::Query(format!("{error:#}")))
    }

    fn foreign(&mut self, named: Option<&str>) -> Result<Vec<Foreign>, StoreError> {
        there(self.conn.pg(), &self.place, named)
    }

    fn foreign_rows(&mut self, from: &Foreign) -> Result<Vec<Texts>, StoreError> {
        rows(self.conn.pg(), from)
    }

    fn adopt(&mut self, takeover: &mut Takeover<'_>) -> Result<Taken, StoreError> {
        self.take_over(takeover)
    }

    fn undo_adoption(&mut self, claim: &Claim) -> Result<Undone, StoreError> {
        self.undo_taking_over(claim)
    }
}

impl<C: HasPg> CockroachStore<C> {
    /// Gets the lease, where its table and its row are there.
    pub(super) fn claim_prepared(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        let fence = lease::claim(self.conn.pg(), &self.place, claim, &self.environment)?;
        let Some(fence) = fence else {
            return match read::holder(self.conn.pg(), &self.place) {
                Ok(Some(holder)) => Ok(Claimed::Held(holder)),
                Ok(None) | Err(StoreError::Busy) => Ok(Claimed::Busy),
                Err(error) => Err(error),
            };
        };
        self.lease = Some((claim.owner.clone(), fence));
        self.renewed = Instant::now();
        self.watch();
        Ok(Claimed::Ours { fence })
    }
}
