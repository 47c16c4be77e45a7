//! What a commit is. It is decided by one conditional batch in the partition of the lease; the rows of the
//! ledger and the history follow from it, by whoever comes next where the run was killed in between.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::partition::Partition;
use super::rows::Writer;
use crate::ledger::{Direction, JournalRow, StepState, Write};

/// The statements that write the ledger and the history: entered in the partition as step 0. Carried out
/// twice, they have the same effect.
#[derive(Default, Deserialize, Serialize)]
pub struct Record {
    pub statements: Vec<String>,
    /// Where another tool's ledger is taken over by it: what the history says of the first row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted: Option<String>,
}

impl Record {
    /// From the row that it was entered as.
    pub fn read(row: &JournalRow) -> Self {
        let record = row.cursor.as_deref().and_then(|text| serde_json::from_str(text).ok());
        record.unwrap_or_default()
    }

    fn row(&self, name: &str, direction: Direction) -> JournalRow {
        JournalRow {
            name: name.to_owned(),
            direction,
            step: 0,
            digest: String::new(),
            what: "commit".to_owned(),
            state: StepState::Done,
            cursor: serde_json::to_string(self).ok(),
            chunks: 0,
        }
    }
}

/// Rows to write, as one decision.
pub struct Commit {
    /// For the partition.
    pub decided: Vec<String>,
    pub record: Record,
    /// The migration, where it is more than its steps that is written.
    pub of: Option<(String, Direction)>,
}

impl Commit {
    /// `ids` are the numbers of the ledger's rows; `at` is when they count, in microseconds.
    pub fn of(writes: &[Write], partition: &Partition<'_>, ids: &HashMap<String, i64>, at: i64) -> Self {
        let writer = Writer { service: partition.service, at };
        let (mut decided, mut record, mut of) = (Vec::new(), Record::default(), None);
        for write in writes {
            match write {
                Write::Apply(row) => {
                    record.statements.push(writer.apply(row));
                    // The record itself is step 0.
                    decided.push(partition.forget(&row.name, Direction::Up, "> 0"));
                    of = Some((row.name.clone(), Direction::Up));
                }
                Write::Remove { name } => {
                    record.statements.extend(ids.get(name).map(|id| writer.remove(*id)));
                    decided.push(partition.forget(name, Direction::Down, "> 0"));
                    of = Some((name.clone(), Direction::Down));
                }
                Write::Replace { names, by } => {
                    // Not the row that it is written over: what removes and what writes count at the same time, and
                    // then what removes wins.
                    let ids = names.iter().filter_map(|name| ids.get(name)).filter(|id| **id != by.id);
                    record.statements.extend(writer.remove_several(&ids.copied().collect::<Vec<_>>()));
                    record.statements.push(writer.apply(by));
                    of = Some((by.name.clone(), Direction::Up));
                }
                Write::Rehash { name, hash, fingerprint } => {
                    let id = ids.get(name);
                    record.statements.extend(id.map(|id| writer.rehash(*id, hash, fingerprint)));
                    of = Some((name.clone(), Direction::Up));
                }
                Write::Attempt(row) => {
                    record.statements.push(writer.attempt(row));
                    of.get_or_insert_with(|| (row.name.clone(), row.direction));
                    if row.direction == Direction::Up {
                        decided.push(partition.last_batch(row.batch_no));
                    }
                }
                Write::Step(row) => decided.push(partition.step(row)),
                Write::ForgetStep { name, direction, step } => {
                    decided.push(partition.forget(name, *direction, &format!("= {step}")));
                }
                Write::ForgetSteps { name, direction } => {
                    decided.push(partition.forget(name, *direction, "> 0"))
                }
            }
        }
        if let Some((name, direction)) = &of {
            decided.push(partition.written_at(at));
            decided.push(partition.step(&record.row(name, *direction)));
        }
        Self { decided, record, of }
    }

    /// Rows of a ledger that nobody has worked with: it has no steps, and numbers that are known.
    pub fn of_many(writes: &[Write], partition: &Partition<'_>, at: i64) -> Self {
        let writer = Writer { service: partition.service, at };
        let (mut decided, mut record, mut of) = (Vec::new(), Record::default(), None);
        for write in writes {
            match write {
                Write::Apply(row) => {
                    record.statements.push(writer.apply(row));
                    of = Some((row.name.clone(), Direction::Up));
                }
                Write::Attempt(row) => {
                    record.statements.push(writer.attempt(row));
                    record.adopted = record.adopted.or_else(|| row.detail.clone());
                    decided = vec![partition.last_batch(row.batch_no)];
                }
                _ => {}
            }
        }
        decided.push(partition.written_at(at));
        decided.extend(of.iter().map(|(name, direction)| partition.step(&record.row(name, *direction))));
        Self { decided, record, of }
    }
}
