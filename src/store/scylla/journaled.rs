//! What happens to a body's statements: each is entered in the journal before it is sent, so that a run
//! that is killed goes on where it was. That it is done is entered with the next statement, or with the
//! commit: until then one sees by the schema whether it is, or it may be sent again without harm.

use std::sync::Arc;

use chrono::Utc;

use super::error::{Cause, Effect, ScyllaError};
use super::keyspace::is_scratch;
use super::partition::{Lease, pause};
use super::statement::{self, Object};
use crate::journal::{excerpt, on_one_line, short_hash};
use crate::ledger::{Direction, JournalRow, StepState};
use crate::recorder::Recorder;
use crate::report::{Event, Reporter, SharedReporter, masked};

/// How often a statement is sent whose answer did not come, or that the server had no room for.
pub const TRIES: u32 = 8;

/// The journal of the migration that runs.
pub struct Journaled {
    pub lease: Arc<Lease>,
    pub name: String,
    pub direction: Direction,
    /// What an interrupted run left.
    pub left: Vec<JournalRow>,
    pub step: i64,
    pub recorder: Recorder,
    pub reporter: SharedReporter,
}

/// A statement, or several that are one step.
pub struct Step<'a> {
    pub cql: &'a str,
    /// The object of the schema that it changes.
    pub object: Option<Object>,
    pub is_repeatable: bool,
    pub tries: u32,
}

impl<'a> Step<'a> {
    pub fn of(cql: &'a str) -> Self {
        let (object, is_repeatable) = (statement::object(cql), statement::is_repeatable(cql));
        Self { cql, object, is_repeatable, tries: TRIES }
    }
}

/// How a step came to be done.
pub enum Ran<T> {
    Now(T),
    /// By an earlier run, with what it kept of it.
    Before(Option<String>),
}

/// What an earlier run left of a step.
pub enum Left {
    Nothing,
    /// It began it; with what it kept.
    Begun(JournalRow),
    Done(Option<String>),
}

impl Journaled {
    /// Carries a step out, unless an earlier run did. `send` gets the time at which what it writes counts:
    /// the statement of a run that was stopped for long is older than what was written since. `keep` is
    /// what a repeated run gets to know of the outcome.
    pub fn run<T>(
        &mut self,
        step: &Step<'_>,
        mut send: impl FnMut(i64) -> Result<T, ScyllaError>,
        keep: impl Fn(&T) -> Option<String>,
    ) -> Result<Ran<T>, ScyllaError> {
        let (row, left) = self.next(step.cql, step.cql)?;
        if self.is_left_out(step.cql) {
            return Ok(Ran::Before(None));
        }
        let left = match left {
            Left::Done(kept) => return Ok(Ran::Before(kept)),
            Left::Begun(left) => Some(left),
            Left::Nothing => None,
        };
        match &step.object {
            Some(object) => self.change_schema(step.cql, object, row, left, &mut || send(0)),
            None => self.write_data(step, row, left.is_some(), &mut send, &keep),
        }
    }

    /// Whether a statement is not carried out, because the migrations are only tried out, and it would change
    /// what is not theirs to try.
    pub fn is_left_out(&mut self, cql: &str) -> bool {
        let keyspace = &self.lease.conn().url().keyspace;
        let is_left_out = is_scratch(keyspace) && statement::is_elsewhere(cql, keyspace);
        if is_left_out {
            self.warn(&format!(
                "{}: `{}` is not tried out: it changes what is outside of the keyspace",
                self.name,
                masked(&excerpt(cql))
            ));
        }
        is_left_out
    }

    /// The next step, and what an earlier run left of it. `text` is what it is recognised by.
    pub fn next(&mut self, cql: &str, text: &str) -> Result<(JournalRow, Left), ScyllaError> {
        if self.recorder.cancel().stop().is_some() {
            return Err(refused(cql, format!("stopped before statement {}", self.step + 1)));
        }
        self.step += 1;
        let row = JournalRow {
            name: self.name.clone(),
            direction: self.direction,
            step: self.step,
            digest: short_hash(&on_one_line(text)),
            what: masked(&excerpt(text)),
            state: StepState::Intent,
            cursor: None,
            chunks: 0,
        };
        let left = self.left.iter().find(|left| left.step == row.step).cloned();
        self.reporter.event(&Event::Step {
            name: &self.name,
            step: self.step,
            what: &row.what,
            skipped: left.as_ref().is_some_and(|left| left.state == StepState::Done),
        });
        let Some(left) = left else { return Ok((row, Left::Nothing)) };
        if left.digest != row.digest {
            return Err(refused(
                cql,
                format!(
                    "statement {} is not the one that the interrupted run journaled: it was `{}`; put the body back as it was, \
                     or say what is true with `updown resolve {} --rolled-back --reason \"…\"` (or `--applied`)",
                    row.step, left.what, self.name
                ),
            ));
        }
        Ok(match left.state {
            StepState::Done => (row, Left::Done(left.cursor)),
            _ => (row, Left::Begun(left)),
        })
    }

    fn change_schema<T>(
        &mut self,
        cql: &str,
        object: &Object,
        row: JournalRow,
        left: Option<JournalRow>,
        send: &mut dyn FnMut() -> Result<T, ScyllaError>,
    ) -> Result<Ran<T>, ScyllaError> {
        let lease = self.lease.clone();
        let conn = lease.conn();
        conn.await_agreement()?;
        let was_begun = left.is_some();
        let before = match left {
            Some(left) => left.cursor.unwrap_or_default(),
            None => conn.shape(object)?,
        };
        let row = JournalRow { cursor: Some(before.clone()), ..row };
        let mut ran = None;
        if !was_begun || conn.shape(object)? == before {
            if !was_begun {
                lease.write(cql, vec![lease.partition().step(&row)])?;
            }
            ran = self.send_change(cql, object, &row, was_begun, send)?;
        }
        self.await_build(cql, object, &row)?;
        if ran.is_some() && object.is_conditional && conn.shape(object)? == before {
            self.warn(&format!(
                "{}: `{}` changed nothing; what was there already may have another shape",
                self.name, row.what
            ));
        }
        lease.owe(&JournalRow { state: StepState::Done, cursor: None, ..row });
        Ok(ran.map_or(Ran::Before(None), Ran::Now))
    }

    /// Sends a change of the schema until the server has answered, or the object has another shape than
    /// the row says: then there is no answer. `unsure`: it may have been sent before.
    fn send_change<T>(
        &mut self,
        cql: &str,
        object: &Object,
        row: &JournalRow,
        mut unsure: bool,
        send: &mut dyn FnMut() -> Result<T, ScyllaError>,
    ) -> Result<Option<T>, ScyllaError> {
        let conn = self.lease.conn();
        for tries in 1.. {
            // Right before it is sent: a change of the schema cannot be fenced by the server.
            self.lease.check(cql)?;
            let error = match send() {
                Ok(answer) => return Ok(Some(answer)),
                Err(error) => error,
            };
            if error.effect() == Effect::AppliedWithoutAgreement {
                return Err(error);
            }
            unsure |= error.effect() == Effect::Unknown || error.is_race();
            if unsure {
                conn.await_agreement()?;
                if row.cursor != Some(conn.shape(object)?) {
                    return Ok(None);
                }
            }
            if tries >= TRIES || !error.is_worth_another_try() || self.recorder.cancel().stop().is_some() {
                if error.effect() == Effect::NotApplied {
                    self.forget(cql, row)?;
                }
                return Err(error);
            }
            std::thread::sleep(pause(tries));
        }
        unreachable!("the last try returns")
    }

    fn await_build(&mut self, cql: &str, object: &Object, row: &JournalRow) -> Result<(), ScyllaError> {
        let (lease, cancel) = (self.lease.clone(), self.recorder.cancel());
        let is_seen = lease.conn().await_build(object, &mut || match cancel.stop() {
            Some(_) => Err(refused(cql, "stopped while the index or view was built".to_owned())),
            None => lease.check(cql),
        })?;
        if !is_seen {
            self.warn(&format!(
                "{}: whether `{}` is built by now cannot be seen: `GRANT SELECT ON system.\"IndexInfo\"` (an index) or `ON \
                 system_distributed.view_build_status` (a view)",
                self.name, row.what
            ));
        }
        Ok(())
    }

    fn write_data<T>(
        &mut self,
        step: &Step<'_>,
        row: JournalRow,
        was_begun: bool,
        send: &mut dyn FnMut(i64) -> Result<T, ScyllaError>,
        keep: &dyn Fn(&T) -> Option<String>,
    ) -> Result<Ran<T>, ScyllaError> {
        let cql = step.cql;
        if was_begun && !step.is_repeatable {
            return Err(question(cql, "an earlier run was interrupted in this statement"));
        }
        let at = Utc::now().timestamp_micros();
        if !was_begun {
            self.lease.write(cql, vec![self.lease.partition().step(&row)])?;
        }
        for tries in 1.. {
            self.lease.check(cql)?;
            let error = match send(at) {
                Ok(answer) => {
                    let done = JournalRow { state: StepState::Done, cursor: keep(&answer), ..row };
                    match step.is_repeatable {
                        true => self.lease.owe(&done),
                        false => self.lease.write(cql, vec![self.lease.partition().step(&done)])?,
                    }
                    return Ok(Ran::Now(answer));
                }
                Err(error) => error,
            };
            let is_unknown = error.effect() == Effect::Unknown;
            if is_unknown && !step.is_repeatable {
                return Err(question(cql, &format!("no answer came to this statement ({error})")));
            }
            if tries >= step.tries || !error.is_worth_another_try() || self.recorder.cancel().stop().is_some()
            {
                if !is_unknown {
                    self.forget(cql, &row)?;
                }
                return Err(error);
            }
            std::thread::sleep(pause(tries));
        }
        unreachable!("the last try returns")
    }

    fn warn(&mut self, message: &str) {
        self.reporter.event(&Event::Warning { message });
    }

    /// Nothing of a statement was done: the next run may have another one in its place. It fails where the
    /// lease was lost, which is what the statement then failed of.
    fn forget(&self, cql: &str, row: &JournalRow) -> Result<(), ScyllaError> {
        self.lease.forget(&self.name, self.direction, &format!("= {}", row.step));
        match self.lease.write(cql, Vec::new()) {
            Err(error) if matches!(error.cause(), Cause::LeaseLost) => Err(error),
            // It is written with the next write.
            _ => Ok(()),
        }
    }

    /// Whether the body came past all that was journaled: one that ends earlier was changed.
    pub fn missing(&self) -> Option<&JournalRow> {
        self.left.iter().find(|row| row.step > self.step)
    }
}

/// What only a person can answer.
fn question(cql: &str, what: &str) -> ScyllaError {
    let why = format!("{what}, and whether it took effect cannot be seen");
    ScyllaError::new(cql, Effect::Unknown, Cause::Interrupted(why))
}

pub fn refused(cql: &str, why: String) -> ScyllaError {
    ScyllaError::new(cql, Effect::NotApplied, Cause::Refused(why))
}
