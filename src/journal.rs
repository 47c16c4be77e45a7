//! The journal: by which an interrupted migration in steps goes on where it stopped.
//!
//! Each step is intent → execute → done. A step that may run in a transaction commits together with
//! its row, so that there is nothing between; intent is for the rest.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::again::{Again, pause};
use crate::ledger::{Direction, JournalRow, StepState, Write};
use crate::report::{Event, Reporter, masked};
use crate::store::{After, Settled, Store};
use crate::traits::{Options, Result};

/// How often a change in chunks looks whether others wait for it.
const BREATHES_EVERY: Duration = Duration::from_secs(1);
/// How long it lets them go first before it goes on all the same.
const PAUSE: Duration = Duration::from_secs(60);

/// One chunk of a batched change: from where the one before it ended to where this one ended.
pub type Chunk<'a, C> = dyn FnMut(&mut C, Option<&str>) -> Result<Option<String>> + 'a;

/// What [`Steps`](crate::Steps) asks for, whatever the store.
pub trait Journal<C> {
    fn run(&mut self, statement: &str) -> Result {
        self.run_unless(false, statement)
    }
    /// The same; where its effect `is_there` without it, the statement is entered as done and not sent.
    fn run_unless(&mut self, is_there: bool, statement: &str) -> Result;
    fn transaction(&mut self, label: &str, body: &mut dyn FnMut(&mut C) -> Result) -> Result;
    fn batches(&mut self, label: &str, chunk: &mut Chunk<'_, C>) -> Result;
    fn read(&mut self, body: &mut dyn FnMut(&mut C) -> Result) -> Result;
    fn raw(&mut self, label: &str, body: &mut dyn FnMut(&mut C) -> Result) -> Result;
}

/// A step of which nobody knows how far it came.
#[derive(Debug, thiserror::Error)]
#[error("an earlier run was interrupted inside step {step} ({what}), which only a person can judge")]
pub struct UnknownStep {
    step: i64,
    what: String,
}

impl UnknownStep {
    fn of(row: &JournalRow) -> Self {
        Self { step: row.step, what: row.what.clone() }
    }
}

/// The journal of one migration on a store with transactions.
pub struct SqlJournal<'a, C> {
    store: &'a mut dyn Store<C>,
    reporter: &'a mut dyn Reporter,
    name: &'a str,
    direction: Direction,
    options: Options,
    /// What earlier runs left, by step.
    rows: Vec<JournalRow>,
    step: i64,
    /// Whether every statement of the body is kept.
    pub keeps_statements: bool,
}

/// A migration, and what an interrupted run left of it: nothing, where none was interrupted.
pub struct Interrupted<'a> {
    pub name: &'a str,
    pub direction: Direction,
    pub left: Vec<JournalRow>,
}

impl<'a, C> SqlJournal<'a, C> {
    pub fn new(
        store: &'a mut dyn Store<C>,
        reporter: &'a mut dyn Reporter,
        interrupted: Interrupted<'a>,
        options: Options,
    ) -> Self {
        let Interrupted { name, direction, left } = interrupted;
        Self { store, reporter, name, direction, options, rows: left, step: 0, keeps_statements: false }
    }

    /// Whether the body came past all that was journaled: a body that ends earlier was changed.
    pub fn finish(&self) -> Result {
        match self.rows.iter().find(|row| row.step > self.step) {
            Some(row) => Err(anyhow::anyhow!(
                "the interrupted run had a step {} ({}) that the body does not have any more",
                row.step,
                row.what
            )),
            None => Ok(()),
        }
    }

    /// The next step: what an earlier run left of it, where it is the same one.
    fn next(&mut self, kind: &str, text: &str) -> Result<(JournalRow, Option<JournalRow>)> {
        if self.store.recorder().cancel().stop().is_some() {
            anyhow::bail!("stopped before step {}", self.step + 1);
        }
        self.step += 1;
        let fresh = JournalRow {
            name: self.name.to_owned(),
            direction: self.direction,
            step: self.step,
            digest: digest(kind, text),
            what: masked(&excerpt(text)),
            state: StepState::Intent,
            cursor: None,
            chunks: 0,
        };
        let left = self.rows.iter().find(|row| row.step == self.step).cloned();
        if let Some(left) = &left
            && left.digest != fresh.digest
        {
            anyhow::bail!(
                "step {} is not the one that the interrupted run journaled: it was `{}`, now it is `{}`; \
                 put the body back as it was, or say what is true with `updown resolve {} --rolled-back --reason \"…\"` (or `--applied`)",
                self.step,
                left.what,
                fresh.what,
                self.name
            );
        }
        let skipped = is_done(left.as_ref());
        self.reporter.event(&Event::Step { name: self.name, step: self.step, what: &fresh.what, skipped });
        Ok((fresh, left))
    }

    /// One transaction, which checks the lease: `body`, then the row that it returns.
    fn commit_step(
        &mut self,
        mut body: impl FnMut(&mut dyn Store<C>) -> Result<JournalRow>,
    ) -> Result<JournalRow> {
        let mut again = Again::default();
        loop {
            self.store.begin(&self.options)?;
            let ended = body(self.store).and_then(|row| {
                self.store.commit(&[Write::Step(row.clone())])?;
                Ok(row)
            });
            let Err(error) = ended else { return ended };
            let undone = self.store.rollback();
            if undone.is_err() || !again.may(self.store, &error, self.name, self.reporter) {
                return Err(error);
            }
        }
    }

    /// Between two chunks: waits while others wait, or a standby is behind; for a while.
    fn breathe(&mut self) -> Result {
        let began = Instant::now();
        while let Some(because) = self.store.breathe()? {
            if began.elapsed() >= PAUSE || self.store.recorder().cancel().stop().is_some() {
                return Ok(());
            }
            self.reporter.event(&Event::Paused { name: self.name, because: &because });
            let cancel = self.store.recorder().cancel();
            self.store.outside(&self.options, &mut |_| {
                pause(Duration::from_millis(500), &cancel);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// A statement that cannot run in a transaction: entered, sent, and done; or found to be done.
    fn outside(&mut self, statement: &str, row: JournalRow, left: Option<JournalRow>) -> Result {
        let mut again = Again::default();
        let mut is_entered = left.is_some();
        let mut row = JournalRow { cursor: left.and_then(|left| left.cursor), ..row };
        for tries in 1.. {
            match self.store.settle(statement, row.cursor.as_deref())? {
                Settled::Done if is_entered => return self.write(done(row)),
                Settled::Unknown if is_entered => return Err(UnknownStep::of(&row).into()),
                _ => {}
            }
            row.cursor = self.store.shape(statement)?;
            self.write(row.clone())?;
            is_entered = true;
            let before = row.cursor.as_deref();
            let Err(error) = self.store.execute_outside(statement, before, &self.options) else {
                return self.write(done(row));
            };
            match self.store.after(statement, before, &error, tries) {
                After::Look(because) if again.pause(self.store, &because, self.name, self.reporter) => {}
                After::Refused => {
                    // Where it cannot be forgotten, the next run finds out itself.
                    let (name, direction, step) = (self.name.to_owned(), self.direction, row.step);
                    let _ = self.record(&Write::ForgetStep { name, direction, step });
                    return Err(error);
                }
                _ => return Err(error),
            }
        }
        unreachable!("the loop has no end")
    }

    /// Writes one of the ledger's rows in a transaction of its own.
    fn record(&mut self, write: &Write) -> Result {
        self.store.begin(&Options::new())?;
        self.store.commit(std::slice::from_ref(write)).inspect_err(|_| {
            let _ = self.store.rollback();
        })?;
        Ok(())
    }

    /// A statement that was sent as a step.
    fn kept(&self, statement: &str) {
        if self.keeps_statements {
            self.store.recorder().keep(statement);
        }
    }

    /// Writes a row in a transaction of its own.
    fn write(&mut self, row: JournalRow) -> Result {
        self.commit_step(|_| Ok(row.clone())).map(drop)
    }
}

fn done(row: JournalRow) -> JournalRow {
    JournalRow { state: StepState::Done, ..row }
}

fn is_done(left: Option<&JournalRow>) -> bool {
    left.is_some_and(|left| left.state == StepState::Done)
}

impl<C> Journal<C> for SqlJournal<'_, C> {
    fn run_unless(&mut self, is_there: bool, statement: &str) -> Result {
        let (row, left) = self.next("statement", statement)?;
        let was_done = is_done(left.as_ref());
        if is_there {
            return if was_done { Ok(()) } else { self.write(done(row)) };
        }
        if self.store.is_transactional(statement) {
            if was_done {
                return Ok(());
            }
            let ran = self.commit_step(|store| {
                store.execute(statement)?;
                Ok(done(row.clone()))
            });
            self.kept(statement);
            return ran.map(drop);
        }
        self.kept(statement);
        // What sets the connection up has to be repeated by every run.
        if was_done && !self.store.is_of_the_connection(statement) {
            return Ok(());
        }
        self.outside(statement, row, left)
    }

    fn transaction(&mut self, label: &str, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        let (row, left) = self.next("transaction", label)?;
        if is_done(left.as_ref()) {
            return Ok(());
        }
        let keeps = self.keeps_statements;
        let ran = self.commit_step(|store| {
            store.recorder().keep_all(keeps);
            let ran = body(store.conn());
            store.recorder().keep_all(false);
            ran.map(|()| done(row.clone()))
        });
        ran.map(drop)
    }

    fn batches(&mut self, label: &str, chunk: &mut Chunk<'_, C>) -> Result {
        let (row, left) = self.next("batches", label)?;
        let mut at = JournalRow { state: StepState::Chunks, ..row };
        if let Some(left) = left {
            if left.state == StepState::Done {
                return Ok(());
            }
            at.cursor = left.cursor;
            at.chunks = left.chunks;
        }
        let mut breathed = Instant::now();
        let keeps = self.keeps_statements;
        while at.state != StepState::Done {
            if self.store.recorder().cancel().stop().is_some() {
                anyhow::bail!("stopped after {} chunks of step {}", at.chunks, at.step);
            }
            if breathed.elapsed() >= BREATHES_EVERY {
                self.breathe()?;
                breathed = Instant::now();
            }
            at = self.commit_step(|store| {
                store.recorder().keep_all(keeps);
                let next = chunk(store.conn(), at.cursor.as_deref());
                store.recorder().keep_all(false);
                let next = next?;
                if next.is_some() && next == at.cursor {
                    anyhow::bail!(
                        "the chunk ended where it began ({}): it would never end",
                        next.unwrap_or_default()
                    );
                }
                Ok(match next {
                    Some(next) => JournalRow { cursor: Some(next), chunks: at.chunks + 1, ..at.clone() },
                    None => done(at.clone()),
                })
            })?;
            if at.state == StepState::Chunks {
                self.reporter.event(&Event::Chunk {
                    name: self.name,
                    step: at.step,
                    chunks: at.chunks,
                    next: at.cursor.as_deref().unwrap_or_default(),
                });
            }
        }
        Ok(())
    }

    fn read(&mut self, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        self.store.begin(&self.options)?;
        let read = body(self.store.conn());
        self.store.rollback()?;
        read
    }

    fn raw(&mut self, label: &str, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        let (row, left) = self.next("raw", label)?;
        match left {
            Some(left) if left.state == StepState::Done => return Ok(()),
            Some(left) => return Err(UnknownStep::of(&left).into()),
            None => {}
        }
        self.write(row.clone())?;
        // A body that came back with an error is known to have ended: what it did is its own to say.
        self.store.recorder().keep_all(self.keeps_statements);
        let ran = self.store.outside(&self.options, body);
        self.store.recorder().keep_all(false);
        ran?;
        self.write(done(row))
    }
}

fn digest(kind: &str, text: &str) -> String {
    short_hash(&format!("{kind}\0{}", on_one_line(text)))
}

/// 128 bits of SHA-256, as hex.
pub fn short_hash(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

pub fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a statement, for those who read the journal.
pub fn excerpt(text: &str) -> String {
    let text = on_one_line(text);
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
