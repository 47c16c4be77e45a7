//! A change of every row of a table, page by page: what a new column is filled in with.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::scylla::deserialize::row::DeserializeRow;
use ::scylla::errors::ExecutionError;
use ::scylla::response::query_result::QueryResult;
use ::scylla::response::{PagingState, PagingStateResponse};
use ::scylla::serialize::row::SerializeRow;
use ::scylla::statement::bound::BoundStatement;
use chrono::Utc;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinHandle;

use super::body::Doing;
use super::connection::{ScyllaConnection, Shared};
use super::data;
use super::error::ScyllaError;
use super::journaled::{Journaled, Left, Step, TRIES, refused};
use super::partition::pause;
use super::statement;
use crate::ledger::{JournalRow, StepState};
use crate::report::{Event, Reporter};

/// How far it has come is entered in the journal so often, at most.
const ENTERED_EVERY: Duration = Duration::from_secs(1);

/// What a backfill reads and writes.
#[derive(Clone, Debug)]
#[must_use]
pub struct Backfill<'a> {
    label: &'a str,
    read: &'a str,
    write: &'a str,
    page_size: i32,
    concurrency: NonZeroUsize,
}

impl<'a> Backfill<'a> {
    /// `label` says what it is for, and is what a repeated run recognises it by, together with the
    /// statements. `read` is a `SELECT` without values; `write` is carried out for its rows, and may come to
    /// be carried out twice for some of them.
    pub fn new(label: &'a str, read: &'a str, write: &'a str) -> Self {
        let concurrency = NonZeroUsize::new(64).expect("it is not 0");
        Self { label, read, write, page_size: data::PAGE, concurrency }
    }

    /// How many rows are read at once, at most; 5,000 where nothing else was set.
    ///
    /// # Panics
    ///
    /// Where it is 0, or more than 2³¹ - 1.
    pub fn page_size(mut self, rows: usize) -> Self {
        self.page_size = data::page_size(rows);
        self
    }

    /// How many writes are under way at once, at most; 64 where nothing else was set.
    ///
    /// # Panics
    ///
    /// Where it is 0.
    pub fn concurrency(mut self, writes: usize) -> Self {
        self.concurrency = NonZeroUsize::new(writes).expect("at least one write at a time");
        self
    }
}

/// A page that was read: its rows, and where the next one begins.
type Page = Result<(QueryResult, PagingStateResponse), ScyllaError>;

impl ScyllaConnection {
    /// Reads all rows of a statement, page by page, and carries another one out for each: with the values
    /// that `each` makes of it, or not at all where that is `None`. How many rows were written, also by
    /// earlier runs.
    ///
    /// While one page is written, the next one is read: there are no more than three in memory. In a migration it
    /// is one step, and how far it has come is in the journal: a run that was killed goes on there. What is
    /// written counts from when its row was read, so that what an application writes meanwhile stays.
    ///
    /// `each` gets every row once in a run; it may send queries, but nothing that writes.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute) has, after several tries; what `each` returns; and where `write` has a
    /// condition, reckons with what is there, or makes up values: then some rows could be changed twice.
    pub fn backfill<R, V>(
        &self,
        what: Backfill<'_>,
        mut each: impl FnMut(R) -> crate::traits::Result<Option<V>>,
    ) -> crate::traits::Result<u64>
    where
        R: for<'r> DeserializeRow<'r, 'r>,
        V: SerializeRow,
    {
        if !statement::is_repeatable(what.write) || statement::changes_schema(what.write) {
            let why = "it may come to be sent twice for some rows: write one that sets values, without a condition and \
                       without reckoning with what is there";
            return Err(refused(what.write, why.to_owned()).into());
        }
        let Some(body) = &self.body else {
            return self.fill(&what, &mut each, Place::default(), &mut |_| Ok(()));
        };
        let mut doing = body.lock(what.write)?;
        let filled = match &mut *doing {
            Doing::Rehearsed(rehearsal) => {
                rehearsal.record(&Step::of(what.read))?;
                rehearsal.record(&Step::of(what.write))?;
                return Ok(0);
            }
            Doing::Journaled(journaled) => self.fill_journaled(journaled, &what, &mut each),
        };
        filled.inspect_err(|error| {
            let statement = error.downcast_ref::<ScyllaError>().map_or(what.write, ScyllaError::statement);
            body.failed(statement);
        })
    }

    fn fill_journaled<R, V>(
        &self,
        journaled: &mut Journaled,
        what: &Backfill<'_>,
        each: &mut dyn FnMut(R) -> crate::traits::Result<Option<V>>,
    ) -> crate::traits::Result<u64>
    where
        R: for<'r> DeserializeRow<'r, 'r>,
        V: SerializeRow,
    {
        let text = format!("{}: {}; {}", what.label, what.read, what.write);
        let (row, left) = journaled.next(what.write, &text)?;
        if journaled.is_left_out(what.write) {
            return Ok(0);
        }
        let row = JournalRow { state: StepState::Chunks, ..row };
        let lease = journaled.lease.clone();
        let enter = |row: JournalRow| lease.write(what.write, vec![lease.partition().step(&row)]);
        let mut reached = match left {
            Left::Done(rows) => return Ok(rows.and_then(|rows| rows.parse().ok()).unwrap_or(0)),
            Left::Begun(left) => Place::of(&left),
            Left::Nothing => {
                enter(row.clone())?;
                Place::default()
            }
        };
        let mut entered = Instant::now();
        let mut chunks = 0;
        let filled = self.fill(what, each, reached.clone(), &mut |place| {
            reached = place.clone();
            lease.check(what.write)?;
            chunks += 1;
            journaled.reporter.event(&Event::Chunk {
                name: &journaled.name,
                step: row.step,
                chunks,
                next: &format!("row {}", place.rows),
            });
            if journaled.recorder.cancel().stop().is_some() {
                return Err(refused(what.write, format!("stopped after {} rows", place.rows)));
            }
            if entered.elapsed() >= ENTERED_EVERY {
                enter(place.row(&row))?;
                entered = Instant::now();
            }
            Ok(())
        });
        lease.owe(&match &filled {
            Ok(rows) => JournalRow { state: StepState::Done, cursor: Some(rows.to_string()), ..row },
            Err(_) => reached.row(&row),
        });
        filled
    }

    /// `written` is called after each page but the last.
    fn fill<R, V>(
        &self,
        what: &Backfill<'_>,
        each: &mut dyn FnMut(R) -> crate::traits::Result<Option<V>>,
        from: Place,
        written: &mut dyn FnMut(&Place) -> Result<(), ScyllaError>,
    ) -> crate::traits::Result<u64>
    where
        R: for<'r> DeserializeRow<'r, 'r>,
        V: SerializeRow,
    {
        let mut prepared = self.wait_for(self.prepared(what.read))?;
        prepared.set_page_size(what.page_size);
        let read = prepared.bind(&()).map_err(|error| ScyllaError::values(what.read, error))?;
        let write = self.wait_for(self.prepared(what.write))?;
        let mut writing: Option<(Writing, Place)> = None;
        let pages = || {
            let mut place = from;
            let mut reading = Some(self.read(&read, what.read, place.state()));
            while let Some((at, page)) = reading.take() {
                let (page, next) = self.wait_for(page).expect("it does not panic")?;
                if let PagingStateResponse::HasMorePages { state } = next {
                    place.next = state.as_bytes_slice().map(|bytes| bytes.to_vec());
                    reading = Some(self.read(&read, what.read, state));
                }
                let mut write = write.clone();
                write.set_timestamp(Some(at));
                let mut bound = Vec::new();
                for row in data::rows::<R>(what.read, page)? {
                    if let Some(values) = each(row)? {
                        let values = write.clone().bind(&values);
                        bound.push(values.map_err(|error| ScyllaError::values(what.write, error))?);
                    }
                }
                place.rows += bound.len() as u64;
                if let Some((before, place)) = writing.take() {
                    self.wait_for(before).expect("it does not panic")?;
                    written(&place)?;
                }
                writing = Some((self.write(bound, what), place.clone()));
            }
            Ok(place.rows)
        };
        let filled = pages();
        // After an error, too: nothing is under way when the next statement comes.
        if let Some((last, place)) = writing {
            self.wait_for(last).expect("it does not panic")?;
            if filled.is_err() {
                let _ = written(&place);
            }
        }
        filled
    }

    /// With the time before it.
    fn read(&self, read: &BoundStatement, cql: &str, state: PagingState) -> (i64, JoinHandle<Page>) {
        let (shared, read, cql) = (self.shared.clone(), read.clone(), cql.to_owned());
        let at = Utc::now().timestamp_micros();
        let reading = self.shared.runtime.spawn(async move {
            patiently(&cql, || shared.session.execute_bound_single_page(&read, state.clone())).await
        });
        (at, reading)
    }

    fn write(&self, bound: Vec<BoundStatement>, what: &Backfill<'_>) -> Writing {
        let (shared, cql, concurrency) = (self.shared.clone(), what.write.to_owned(), what.concurrency.get());
        self.shared.runtime.spawn(write_all(shared, cql, bound, concurrency))
    }
}

type Writing = JoinHandle<Result<(), ScyllaError>>;

async fn write_all(
    shared: Arc<Shared>,
    cql: String,
    bound: Vec<BoundStatement>,
    concurrency: usize,
) -> Result<(), ScyllaError> {
    let one = |bound: BoundStatement| {
        let (shared, cql) = (&shared, &cql);
        async move { patiently(cql, || shared.session.execute_bound_unpaged(&bound)).await.map(drop) }
    };
    stream::iter(bound.into_iter().map(one)).buffer_unordered(concurrency).try_collect().await
}

/// Sends what may be sent again, until it is answered.
async fn patiently<T, F>(cql: &str, send: impl Fn() -> F) -> Result<T, ScyllaError>
where
    F: Future<Output = Result<T, ExecutionError>>,
{
    for tries in 1.. {
        match send().await.map_err(|error| ScyllaError::execution(cql, error)) {
            Err(error) if tries < TRIES && error.is_worth_another_try() => {
                tokio::time::sleep(pause(tries)).await;
            }
            ended => return ended,
        }
    }
    unreachable!("the last try returns")
}

/// How far it has come.
#[derive(Clone, Debug, Default, PartialEq)]
struct Place {
    /// What the server calls its paging state; it knows it again in another session.
    /// <https://docs.datastax.com/en/developer/java-driver/4.17/manual/core/paging/>
    next: Option<Vec<u8>>,
    rows: u64,
}

impl Place {
    fn of(row: &JournalRow) -> Self {
        let digits = row.cursor.as_deref().unwrap_or_default();
        let bytes = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
        let next = bytes.collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty());
        Self { rows: if next.is_some() { row.chunks.unsigned_abs() } else { 0 }, next }
    }

    fn state(&self) -> PagingState {
        self.next
            .as_ref()
            .map_or_else(PagingState::start, |bytes| PagingState::new_from_raw_bytes(bytes.as_slice()))
    }

    fn row(&self, row: &JournalRow) -> JournalRow {
        let digits = self.next.iter().flatten().map(|byte| format!("{byte:02x}")).collect();
        JournalRow {
            cursor: Some(digits),
            chunks: i64::try_from(self.rows).unwrap_or(i64::MAX),
            ..row.clone()
        }
    }
}

#[test]
fn a_place_is_kept_in_the_journal() {
    let row = JournalRow {
        name: String::new(),
        direction: crate::ledger::Direction::Up,
        step: 1,
        digest: String::new(),
        what: String::new(),
        state: StepState::Chunks,
        cursor: None,
        chunks: 0,
    };
    assert_eq!(Place::of(&row), Place::default());
    let place = Place { next: Some(vec![0, 1, 0xfe]), rows: 7 };
    assert_eq!(Place::of(&place.row(&row)), place);
    let beginning = Place { next: None, rows: 7 };
    assert_eq!(Place::of(&beginning.row(&row)), Place::default(), "what has no place begins anew");
}
