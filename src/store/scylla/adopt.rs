//! The ledger of another tool, taken over in CQL, where nothing is renamed and the schema is changed step by step:
//! what is to be written is decided first, in the partition of the lease, and the table of our ledger is made last.
//! Until then no look finds a ledger, and finds the other tool's in its place; from then on whoever gets the lease
//! writes what was decided.

use ::scylla::value::CqlTimestamp;

use super::engine::{ScyllaStore, failed};
use super::partition::{Partition, patiently};
use super::record::{Commit, Record};
use super::rows::{self, Writer};
use crate::error::StoreError;
use crate::lease::{Claim, Claimed};
use crate::ledger::{
    Attempt, Foreign, HISTORY, JOURNAL, Kept, LEDGER, Since, Snapshot, Texts, Tool, Undoing, Write,
    adopted_from, foreign_ledgers, foreign_names, quote, quote_name,
};
use crate::store::{Store, Taken, Takeover, Undone};

/// As golang-migrate makes it.
const GOLANG_MIGRATE: &str = "(version bigint, dirty boolean, PRIMARY KEY(version))";

/// A row of golang-migrate.
type Version = (i64, Option<bool>);

/// A row of gocqlx.
type Migrated = (String, Option<String>, Option<i32>, Option<CqlTimestamp>, Option<CqlTimestamp>);

impl ScyllaStore {
    /// Those of other tools that are there, and were not taken over; or the table that somebody has `named`.
    pub(super) fn foreign_there(&self, named: Option<&str>) -> Result<Vec<Foreign>, StoreError> {
        let cql = format!(
            "SELECT table_name, column_name FROM system_schema.columns WHERE keyspace_name = ? AND table_name IN ({})",
            foreign_names(named)
        );
        let columns: Vec<(String, String)> = self.read(&cql, (&self.bare.url().keyspace,))?;
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        self.bare.enter_keyspace().map_err(failed)?;
        let columns = columns.into_iter().map(|(table, column)| (String::new(), table, column));
        let mut there = foreign_ledgers(columns, "", named, Tool::speaks_cql);
        for from in &mut there {
            // What was interrupted has left a copy: of a table that is empty again, it is the copy that counts.
            if let Some(copy) = from.moves_to()
                && self.has_table(copy)?
                && self.versions(LEDGER)?.is_empty()
            {
                *from = Foreign { table: copy.to_owned(), is_in_the_way: false, ..from.clone() };
            }
        }
        Ok(there)
    }

    /// Those that have something, where this service is not in our own ledger, or that does not exist.
    pub(super) fn foreign_left(&self, exists: bool) -> Result<Vec<Foreign>, StoreError> {
        let mut left = self.foreign_there(None)?;
        if exists && !left.is_empty() {
            let cql = format!("SELECT detail FROM {HISTORY} WHERE outcome = 'adopted' ALLOW FILTERING");
            let details: Vec<(Option<String>,)> = self.read(&cql, ())?;
            let is_of = |detail: &str, tool: Tool| {
                detail.strip_prefix(tool.name()).is_some_and(|rest| rest.starts_with(": "))
            };
            left.retain(|from| !details.iter().flat_map(|row| &row.0).any(|detail| is_of(detail, from.tool)));
        }
        let mut with_rows = Vec::new();
        for from in left {
            if !self.rows_of(&from)?.is_empty() {
                with_rows.push(from);
            }
        }
        Ok(with_rows)
    }

    /// The one that is being taken over, where that was interrupted when it was decided, and not written yet.
    pub(super) fn foreign_half_written(&self) -> Result<Vec<Foreign>, StoreError> {
        let journal = self.partition().look().map_err(failed)?.journal;
        let mut decided = journal.iter().filter(|row| row.step == 0);
        let adopted = decided.find_map(|row| Record::read(row).adopted);
        let Some((tool, table)) = adopted.as_deref().and_then(adopted_from) else { return Ok(Vec::new()) };
        let table = match tool.table_beside() {
            Some(beside) if table == LEDGER => beside.to_owned(),
            _ => table,
        };
        let (schema, columns) = (String::new(), Vec::new());
        Ok(vec![Foreign { tool, table, schema, columns, named: None, is_in_the_way: false }])
    }

    pub(super) fn rows_of(&self, from: &Foreign) -> Result<Vec<Texts>, StoreError> {
        if from.tool == Tool::GolangMigrate {
            let rows = self.versions(&from.table)?.into_iter();
            return Ok(rows
                .map(|(version, dirty)| Texts {
                    version: Some(version.to_string()),
                    flag: dirty.map(|dirty| dirty.to_string()),
                    ..Texts::default()
                })
                .collect());
        }
        let cql = format!("SELECT name, checksum, done, start_time, end_time FROM {}", from.table);
        let rows: Vec<Migrated> = self.read(&cql, ())?;
        let of = |(name, checksum, done, begun, ended): Migrated| Texts {
            name: Some(name),
            checksum,
            flag: done.map(|done| done.to_string()),
            duration: begun.zip(ended).map(|(begun, ended)| (ended.0 - begun.0).to_string()),
            at: ended.map(rows::time),
            ..Texts::default()
        };
        Ok(rows.into_iter().map(of).collect())
    }

    fn versions(&self, table: &str) -> Result<Vec<Version>, StoreError> {
        self.read(&format!("SELECT version, dirty FROM {}", quote_name(table)), ())
    }

    fn has_table(&self, table: &str) -> Result<bool, StoreError> {
        let cql = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?";
        let found: Vec<(String,)> = self.read(cql, (&self.bare.url().keyspace, table))?;
        Ok(!found.is_empty())
    }

    /// Whether the table of our ledger is there.
    fn has_ledger(&self) -> Result<bool, StoreError> {
        match self.exists() {
            Err(StoreError::ForeignLedger { .. }) => Ok(false),
            exists => exists,
        }
    }

    fn change(&self, cql: String) -> Result<(), StoreError> {
        patiently(|| self.bare.change_schema_by(std::slice::from_ref(&cql))).map_err(failed)
    }

    /// The tables beside the ledger, and the lease in one of them.
    fn claim_beside(&mut self, claim: &Claim, is_there: bool) -> Result<Claimed, StoreError> {
        self.bare.enter_keyspace().map_err(failed)?;
        let [journal, history, _] = rows::tables();
        patiently(|| self.bare.change_schema_by(&[journal.clone(), history.clone()]))
            .map_err(|error| self.unfit(error))?;
        // What was decided is written by whoever gets the lease; not where there is nothing to write it to.
        self.claim_prepared(claim, is_there)
    }

    pub(super) fn take_over(&mut self, takeover: &mut Takeover<'_>) -> Result<Taken, StoreError> {
        let is_there = match self.exists() {
            Err(StoreError::ForeignLedger { .. }) if takeover.from.makes_room() => false,
            exists => exists?,
        };
        let taken = match self.claim_beside(takeover.claim, is_there)? {
            Claimed::Held(holder) => return Ok(Taken::Held(holder)),
            Claimed::Busy => return Ok(Taken::Busy),
            Claimed::Ours { .. } => self.take_over_held(takeover, is_there),
        };
        // It ends by itself otherwise.
        let _ = self.release();
        taken
    }

    fn take_over_held(&mut self, takeover: &mut Takeover<'_>, is_there: bool) -> Result<Taken, StoreError> {
        let from = takeover.from;
        if !self.foreign_there(from.named.as_deref())?.contains(from) {
            return Ok(Taken::Busy);
        }
        let recorded = self.rows_of(from)?;
        let own = if is_there { self.snapshot_of(self.service())? } else { Snapshot::default() };
        let own = Snapshot { holder: None, ..own };
        let Some(writes) = (takeover.decide)(recorded.clone(), &own) else { return Ok(Taken::Left) };
        if !is_there {
            self.forget_interrupted()?;
        }
        let commit = self.decide(&writes)?;
        if !is_there {
            if let Some(copy) = from.moves_to() {
                self.change(format!("CREATE TABLE IF NOT EXISTS {copy} {GOLANG_MIGRATE}"))?;
                self.copy(LEDGER, copy)?;
            }
            // Nothing keeps the other tool from its table up to here.
            if self.rows_of(from)? != recorded {
                return Ok(Taken::Busy);
            }
            if self.has_table(LEDGER)? {
                self.change(format!("DROP TABLE {LEDGER}"))?;
            }
            let [_, _, ledger] = rows::tables();
            self.change(ledger)?;
        }
        self.settle(&commit)?;
        Ok(Taken::Done)
    }

    /// What an adoption, or the undoing of one, has left that was interrupted.
    fn forget_interrupted(&mut self) -> Result<(), StoreError> {
        let at = self.next_time();
        self.written_at = at;
        let service = quote(self.service());
        let cql = format!("DELETE FROM {HISTORY} USING TIMESTAMP {at} WHERE service = {service}");
        patiently(|| self.bare.execute(&cql, ())).map_err(failed)?;
        let steps = format!("DELETE FROM {JOURNAL} WHERE service = {service} AND name >= ''");
        self.lease()?.write("ADOPT", vec![steps]).map_err(failed)
    }

    /// Enters what is to be written, which stands from here on.
    fn decide(&mut self, writes: &[Write]) -> Result<Commit, StoreError> {
        let lease = self.lease()?.clone();
        let at = self.next_time();
        let commit = Commit::of_many(writes, &lease.partition(), at);
        lease.write("ADOPT", commit.decided.clone()).map_err(failed)?;
        self.written_at = at;
        Ok(commit)
    }

    /// Writes what was decided.
    fn settle(&mut self, commit: &Commit) -> Result<(), StoreError> {
        self.project(&commit.record)?;
        if let Some((name, direction)) = &commit.of {
            self.lease()?.forget(name, *direction, "= 0");
        }
        Ok(())
    }

    /// All rows of golang-migrate, in place of those that were there.
    fn copy(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let wanted = self.versions(from)?;
        for (version, _) in self.versions(to)? {
            if wanted.iter().all(|(other, _)| *other != version) {
                let cql = format!("DELETE FROM {to} WHERE version = {version}");
                patiently(|| self.bare.execute(&cql, ())).map_err(failed)?;
            }
        }
        for (version, dirty) in wanted {
            let dirty = dirty.map_or_else(|| "null".to_owned(), |dirty| dirty.to_string());
            let cql = format!("INSERT INTO {to} (version, dirty) VALUES ({version}, {dirty})");
            patiently(|| self.bare.execute(&cql, ())).map_err(failed)?;
        }
        Ok(())
    }

    /// First our ledger goes, then the other tool's table is there again, and at last the rest goes.
    pub(super) fn undo_taking_over(&mut self, claim: &Claim) -> Result<Undone, StoreError> {
        let is_there = self.has_ledger()?;
        if !is_there && !self.has_table(HISTORY)? {
            return Ok(Undone::Kept(Kept::NotAdopted));
        }
        let undone = match self.claim_beside(claim, is_there)? {
            Claimed::Held(holder) => return Ok(Undone::Held(holder)),
            Claimed::Busy => return Ok(Undone::Busy),
            Claimed::Ours { .. } => self.undo_held(is_there),
        };
        let _ = self.release();
        undone
    }

    fn undo_held(&mut self, is_there: bool) -> Result<Undone, StoreError> {
        let since = self.since(is_there)?;
        let undoing = match since.undoing() {
            Ok(undoing) => undoing,
            Err(kept) => return Ok(Undone::Kept(kept)),
        };
        match undoing.is_alone {
            true => self.remove_tables(&undoing, is_there)?,
            false => self.forget_service()?,
        }
        Ok(Undone::Done(since.undone(undoing)))
    }

    fn since(&self, is_there: bool) -> Result<Since, StoreError> {
        let cql =
            format!("SELECT {} FROM {HISTORY} WHERE service = {}", rows::ATTEMPT, quote(self.service()));
        let history: Vec<rows::AttemptRow> = self.read(&cql, ())?;
        let history: Vec<Attempt> = history.into_iter().map(rows::attempt).collect();
        let journal = self.partition().look().map_err(failed)?.journal;
        let mut others: Vec<(String,)> = self.read(&format!("SELECT DISTINCT service FROM {HISTORY}"), ())?;
        if is_there {
            others.extend(self.read::<(String,)>(&format!("SELECT DISTINCT service FROM {LEDGER}"), ())?);
        }
        let mut others: Vec<String> = others.into_iter().map(|row| row.0).collect();
        others.extend(self.at_work()?);
        others.retain(|service| service != self.service());
        others.sort();
        others.dedup();
        let moved = match self.has_table(Tool::GolangMigrate.table_beside().unwrap_or_default())? {
            true => vec![Tool::GolangMigrate],
            false => Vec::new(),
        };
        let applied = if is_there { self.snapshot_of(self.service())?.applied.len() } else { history.len() };
        Ok(Since {
            history,
            applied,
            steps: journal.iter().filter(|row| row.step > 0).count(),
            others,
            moved,
        })
    }

    /// The services of which a run is under way.
    fn at_work(&self) -> Result<Vec<String>, StoreError> {
        let keys: Vec<(String,)> = self.read(&format!("SELECT DISTINCT service FROM {JOURNAL}"), ())?;
        let mut at_work = Vec::new();
        for (service,) in keys {
            let seen = Partition { conn: &self.bare, service: &service }.look().map_err(failed)?;
            at_work.extend(seen.live_holder().map(|_| service));
        }
        Ok(at_work)
    }

    fn remove_tables(
        &mut self,
        Undoing { tool, moves_back, .. }: &Undoing,
        is_there: bool,
    ) -> Result<(), StoreError> {
        if is_there {
            self.change(format!("DROP TABLE {LEDGER}"))?;
        }
        let copy = tool.table_beside().filter(|_| *moves_back);
        if let Some(copy) = copy {
            self.change(format!("CREATE TABLE IF NOT EXISTS {LEDGER} {GOLANG_MIGRATE}"))?;
            // Where it has something, the other tool has gone on from an undo that was interrupted.
            if self.versions(LEDGER)?.is_empty() {
                self.copy(copy, LEDGER)?;
            }
        }
        // The lease goes with its table. By the history, the same again knows what it has to finish.
        (self.keep, self.lease) = (None, None);
        for table in [Some(JOURNAL), copy, Some(HISTORY)].into_iter().flatten() {
            self.change(format!("DROP TABLE IF EXISTS {table}"))?;
        }
        Ok(())
    }

    /// Beside others, only what is of this service goes.
    fn forget_service(&mut self) -> Result<(), StoreError> {
        let at = self.next_time();
        let service = self.service().to_owned();
        let history =
            format!("DELETE FROM {HISTORY} USING TIMESTAMP {at} WHERE service = {}", quote(&service));
        for cql in [Writer { service: &service, at }.remove_all(), history] {
            patiently(|| self.bare.execute(&cql, ())).map_err(failed)?;
        }
        self.release()?;
        self.partition().vanish().map_err(failed)
    }
}
