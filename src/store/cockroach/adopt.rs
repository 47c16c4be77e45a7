//! The ledger of another tool, taken over on CockroachDB: where a change of the schema is no part of a transaction,
//! our own ledger is filled under another name, and gets its own by the last of all changes. Until then no look
//! finds a ledger, and finds the other tool's in its place; and the same again goes on from there.

use super::{CockroachStore, lease, read};
use crate::error::StoreError;
use crate::lease::{Claim, Claimed};
use crate::ledger::{
    ASIDE, Foreign, HISTORY, JOURNAL, Kept, LEASE, LEDGER, Outcome, Place, Since, Snapshot, Texts, Undoing,
    quote,
};
use crate::store::foreign;
use crate::store::postgres::HasPg;
use crate::store::postgres::adopt::{moved, others, rows, there, write};
use crate::store::postgres::connect::classify;
use crate::store::{Store, Taken, Takeover, Undone};
use crate::traits::Options;

/// How often the other tool may write to its ledger while it is taken over.
const TRIES: usize = 5;

impl<C: HasPg> CockroachStore<C> {
    pub(super) fn take_over(&mut self, takeover: &mut Takeover<'_>) -> Result<Taken, StoreError> {
        let is_there = match self.has_ledger() {
            Err(StoreError::ForeignLedger { .. }) if takeover.from.makes_room() => false,
            // Another service has one.
            is_there => is_there?,
        };
        let place = if is_there { self.place.clone() } else { self.place.aside() };
        let chosen = self.setting.ledger_schema.is_some();
        lease::prepare(self.conn.pg(), &place, &takeover.claim.environment, chosen)?;
        let taken = match self.claim_prepared(takeover.claim)? {
            Claimed::Held(holder) => return Ok(Taken::Held(holder)),
            Claimed::Busy => return Ok(Taken::Busy),
            Claimed::Ours { .. } => self.take_over_held(&place, is_there, takeover),
        };
        // What ends here by itself otherwise.
        let _ = self.release();
        taken
    }

    fn take_over_held(
        &mut self,
        place: &Place,
        is_there: bool,
        takeover: &mut Takeover<'_>,
    ) -> Result<Taken, StoreError> {
        let mut from = takeover.from.clone();
        for _ in 0..TRIES {
            let before = match self.fill(place, &from, takeover)? {
                Ok(recorded) => recorded,
                Err(otherwise) => return Ok(otherwise),
            };
            if let Some(name) = from.moves_to() {
                self.change_own(&format!("ALTER TABLE {} RENAME TO {name}", foreign::table(&from)))?;
                from = Foreign { table: name.to_owned(), named: None, is_in_the_way: false, ..from };
            }
            // Nothing keeps the other tool from its table up to here.
            let now = rows(self.conn.pg(), &from)?;
            if is_there || now == before {
                break;
            }
        }
        if !is_there {
            self.change_own(&format!("ALTER TABLE {} RENAME TO {LEDGER}", place.table(LEDGER)))?;
        }
        self.has_lease = true;
        Ok(Taken::Done)
    }

    /// Reads the other ledger and writes ours, in one transaction. Returns what was read; or how it ended
    /// otherwise.
    fn fill(
        &mut self,
        place: &Place,
        from: &Foreign,
        takeover: &mut Takeover<'_>,
    ) -> Result<Result<Vec<Texts>, Taken>, StoreError> {
        if !there(self.conn.pg(), &self.place, from.named.as_deref())?.contains(from) {
            return Ok(Err(Taken::Busy));
        }
        self.begin(&Options::new())?;
        let filled = self.fill_inside(place, from, takeover);
        match filled {
            Ok(Ok(recorded)) => {
                self.commit(&[])?;
                Ok(Ok(recorded))
            }
            otherwise => {
                self.rollback()?;
                otherwise
            }
        }
    }

    fn fill_inside(
        &mut self,
        place: &Place,
        from: &Foreign,
        takeover: &mut Takeover<'_>,
    ) -> Result<Result<Vec<Texts>, Taken>, StoreError> {
        // What an interrupted one has left.
        if place.table(LEDGER) != self.place.table(LEDGER) {
            let service = quote(&place.service);
            self.batch(&format!(
                "DELETE FROM {} WHERE service = {service}; DELETE FROM {} WHERE service = {service} AND outcome = '{}'",
                place.table(LEDGER),
                place.table(HISTORY),
                Outcome::Adopted.word(),
            ))?;
        }
        let recorded = rows(self.conn.pg(), from)?;
        let own = read::look(self.conn.pg(), place, true)?.0;
        let own = Snapshot { holder: None, ..own };
        match write(self.conn.pg(), place, recorded.clone(), &own, takeover)? {
            (Taken::Done, _) => Ok(Ok(recorded)),
            (otherwise, _) => Ok(Err(otherwise)),
        }
    }

    /// Whether our own ledger is there, by its own name.
    fn has_ledger(&mut self) -> Result<bool, StoreError> {
        let chosen = self.setting.ledger_schema.is_some();
        Ok(read::look(self.conn.pg(), &self.place, chosen)?.0.exists)
    }

    /// A change of the schema, while the lease is renewed.
    fn change_own(&mut self, statement: &str) -> Result<(), StoreError> {
        let done = self.outside(&Options::new(), &mut |conn| {
            Ok(diesel::connection::SimpleConnection::batch_execute(conn.pg(), statement).map_err(classify)?)
        });
        done.map_err(|error| error.downcast().unwrap_or_else(|other| StoreError::Query(format!("{other:#}"))))
    }

    /// First our ledger is not to be seen any more, then the other tool's table gets its name back, and at last the
    /// tables go.
    pub(super) fn undo_taking_over(&mut self, claim: &Claim) -> Result<Undone, StoreError> {
        let is_there = match self.has_ledger() {
            Err(StoreError::ForeignLedger { .. }) => false,
            is_there => is_there?,
        };
        let place = if is_there { self.place.clone() } else { self.place.aside() };
        if !is_there && !self.has_table(ASIDE)? && !self.has_table(HISTORY)? {
            return Ok(Undone::Kept(Kept::NotAdopted));
        }
        let chosen = self.setting.ledger_schema.is_some();
        lease::prepare(self.conn.pg(), &place, &claim.environment, chosen)?;
        let undone = match self.claim_prepared(claim)? {
            Claimed::Held(holder) => return Ok(Undone::Held(holder)),
            Claimed::Busy => return Ok(Undone::Busy),
            Claimed::Ours { .. } => self.undo_held(&place, is_there),
        };
        // Where the tables are gone, so is the lease.
        if !matches!(undone, Ok(Undone::Done(_))) || self.has_table(LEASE)? {
            let _ = self.release();
        } else {
            self.lease = None;
            self.watch = None;
            self.has_lease = false;
        }
        undone
    }

    fn undo_held(&mut self, place: &Place, is_there: bool) -> Result<Undone, StoreError> {
        let own = read::look(self.conn.pg(), place, true)?.0;
        let since = Since {
            history: read::history(self.conn.pg(), place, foreign::ALL)?,
            applied: own.applied.len(),
            steps: own.journal.len(),
            others: others(self.conn.pg(), place)?,
            moved: moved(self.conn.pg(), &self.place)?,
        };
        let undoing = match since.undoing() {
            Ok(undoing) => undoing,
            Err(kept) => return Ok(Undone::Kept(kept)),
        };
        if undoing.is_alone {
            self.remove_tables(&undoing, is_there)?;
        } else {
            self.forget_service()?;
        }
        Ok(Undone::Done(since.undone(undoing)))
    }

    fn remove_tables(
        &mut self,
        Undoing { tool, moves_back, .. }: &Undoing,
        is_there: bool,
    ) -> Result<(), StoreError> {
        let table = |name: &str| self.place.table(name);
        let mut statements = Vec::new();
        if is_there {
            statements.push(format!("DROP TABLE IF EXISTS {}", table(ASIDE)));
            statements.push(format!("ALTER TABLE {} RENAME TO {ASIDE}", table(LEDGER)));
        }
        if let Some(name) = tool.table_beside().filter(|_| *moves_back) {
            statements.push(format!("ALTER TABLE {} RENAME TO {LEDGER}", table(name)));
        }
        // By the history, the same again knows what it has to finish.
        let left = [JOURNAL, ASIDE, LEASE, HISTORY];
        statements.extend(left.map(|name| format!("DROP TABLE IF EXISTS {}", table(name))));
        statements.iter().try_for_each(|statement| self.change_own(statement))
    }

    fn forget_service(&mut self) -> Result<(), StoreError> {
        let service = quote(&self.place.service);
        let sql: String = [LEDGER, HISTORY, JOURNAL]
            .map(|name| format!("DELETE FROM {} WHERE service = {service};", self.place.table(name)))
            .concat();
        self.begin(&Options::new())?;
        let forgotten = self.batch(&sql).and_then(|()| self.commit(&[]));
        forgotten.inspect_err(|_| {
            let _ = self.rollback();
        })?;
        self.release()?;
        self.batch(&format!("DELETE FROM {} WHERE service = {service}", self.place.table(LEASE)))
    }

    fn has_table(&mut self, name: &str) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname = {}) AS found",
            quote(&self.place.schema),
            quote(name),
        );
        foreign::found(self.conn.pg(), sql).map_err(classify)
    }
}
