//! What happens to a body's statements: each is entered in the journal before and after it, so that a
//! run that is killed goes on where it was.

use sha2::{Digest, Sha256};

use super::connection::ScyllaConnection;
use super::error::{Cause, Effect, ScyllaError};
use super::partition::{Held, Partition};
use super::statement;
use crate::cancel::Cancel;
use crate::ledger::{Direction, JournalRow, StepState};
use crate::report::masked;

/// The journal of the migration that runs.
pub struct Journaled {
    /// Its own writes are not entered.
    pub conn: ScyllaConnection,
    pub service: String,
    pub held: Held,
    pub name: String,
    pub direction: Direction,
    pub left: Vec<JournalRow>,
    pub step: i64,
    pub cancel: Cancel,
}

impl Journaled {
    /// Carries a statement out, unless an earlier run did; two conditional writes beside it.
    pub fn run(&mut self, cql: &str, send: impl Fn() -> Result<(), ScyllaError>) -> Result<(), ScyllaError> {
        if self.cancel.requested().is_some() {
            return Err(refused(cql, format!("stopped before statement {}", self.step + 1)));
        }
        self.step += 1;
        let row = JournalRow {
            name: self.name.clone(),
            direction: self.direction,
            step: self.step,
            digest: digest(cql),
            what: masked(&excerpt(cql)),
            state: StepState::Intent,
            cursor: None,
            chunks: 0,
        };
        let left = self.left.iter().find(|left| left.step == row.step).cloned();
        if let Some(left) = &left {
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
            if left.state == StepState::Done {
                return Ok(());
            }
        }
        let mut interrupted = left.is_some();
        if interrupted && !can_be_resolved(cql) {
            return Err(self.question(cql, "an earlier run was interrupted in this statement"));
        }
        if !interrupted {
            self.write(cql, &row)?;
        }
        for tries in 1.. {
            match send() {
                Ok(()) => break,
                // It had its effect: its name is there, or is gone.
                Err(error) if interrupted && is_there_already(&error) => break,
                Err(error) if error.effect() == Effect::AppliedWithoutAgreement => {
                    self.conn.await_agreement()?;
                    break;
                }
                Err(error) if error.effect() == Effect::Unknown && tries < TRIES => {
                    if !can_be_resolved(cql) {
                        return Err(
                            self.question(cql, &format!("no answer came to this statement ({error})"))
                        );
                    }
                    interrupted = true;
                    std::thread::sleep(std::time::Duration::from_millis(200 * tries));
                }
                Err(error) => return Err(error),
            }
        }
        self.write(cql, &JournalRow { state: StepState::Done, ..row })
    }

    fn question(&self, cql: &str, what: &str) -> ScyllaError {
        refused(
            cql,
            format!(
                "{what}, and whether it took effect cannot be seen; look at the data, then `updown resolve {0} --step done --reason \
                 \"…\"`, or `--step again`",
                self.name
            ),
        )
    }

    fn write(&self, cql: &str, row: &JournalRow) -> Result<(), ScyllaError> {
        let partition = Partition { conn: &self.conn, service: &self.service };
        if partition.write(&self.held, &[partition.step(row)])? {
            return Ok(());
        }
        Err(ScyllaError::new(cql, Effect::NotApplied, Cause::LeaseLost))
    }
}

/// How often a statement is sent whose answer did not come.
const TRIES: u64 = 4;

/// Whether sending it again shows what it did, or does no harm.
fn can_be_resolved(cql: &str) -> bool {
    statement::changes_schema(cql) || statement::is_repeatable(cql)
}

fn refused(cql: &str, why: String) -> ScyllaError {
    ScyllaError::new(cql, Effect::NotApplied, Cause::Refused(why))
}

fn is_there_already(error: &ScyllaError) -> bool {
    let said = error.to_string();
    [
        "already exist",
        "doesn't exist",
        "does not exist",
        "conflicts with an existing column",
        "unconfigured",
        "not found",
        "Cannot add existing",
    ]
    .iter()
    .any(|part| said.contains(part))
}

fn digest(cql: &str) -> String {
    let mut sha = Sha256::new();
    sha.update(cql.split_whitespace().collect::<Vec<_>>().join(" "));
    sha.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn excerpt(cql: &str) -> String {
    let text = cql.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(120).collect()
}
