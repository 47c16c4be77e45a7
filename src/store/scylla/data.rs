//! Many rows: reading them page by page, and writing several at once, within bounds.

use std::num::NonZeroUsize;

use ::scylla::deserialize::row::DeserializeRow;
use ::scylla::errors::ExecutionError;
use ::scylla::response::query_result::QueryResult;
use ::scylla::response::{PagingState, PagingStateResponse};
use ::scylla::serialize::batch::BatchValues;
use ::scylla::serialize::row::SerializeRow;
use ::scylla::statement::Consistency;
use ::scylla::statement::batch::{Batch, BatchType};
use ::scylla::statement::bound::BoundStatement;
use tokio::task::JoinSet;

use super::connection::ScyllaConnection;
use super::error::ScyllaError;
use super::journaled::{Ran, Step, TRIES};
use super::statement;

/// The driver's own.
pub(super) const PAGE: i32 = 5_000;

pub(super) fn page_size(rows: usize) -> i32 {
    let rows = i32::try_from(rows).ok().filter(|rows| *rows > 0);
    rows.expect("a page has between 1 and 2^31 - 1 rows")
}

impl ScyllaConnection {
    /// All rows that a statement finds, in memory. `R` is a tuple, or a struct that derives
    /// `DeserializeRow`; it owns what it has.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute) has; and where the columns are not of `R`'s types.
    pub fn query<R>(&self, cql: &str, values: impl SerializeRow) -> Result<Vec<R>, ScyllaError>
    where
        R: for<'r> DeserializeRow<'r, 'r>,
    {
        self.seen(self.query_at(None, cql, values))
    }

    /// The same, and what was left undecided by a conditional statement is decided before: what one reads
    /// to learn whether a statement took effect whose answer never came.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query) has.
    pub fn query_serial<R>(&self, cql: &str, values: impl SerializeRow) -> Result<Vec<R>, ScyllaError>
    where
        R: for<'r> DeserializeRow<'r, 'r>,
    {
        self.seen(self.query_at(Some(Consistency::Serial), cql, values))
    }

    fn seen<R>(&self, found: Result<Vec<R>, ScyllaError>) -> Result<Vec<R>, ScyllaError> {
        match (&self.body, found) {
            // In a dry run, what the statements before it would have made is not there.
            (Some(body), Err(error)) if body.forgives(&error) => Ok(Vec::new()),
            (Some(body), found) => body.seen(found),
            (None, found) => found,
        }
    }

    pub(super) fn query_at<R>(
        &self,
        consistency: Option<Consistency>,
        cql: &str,
        values: impl SerializeRow,
    ) -> Result<Vec<R>, ScyllaError>
    where
        R: for<'r> DeserializeRow<'r, 'r>,
    {
        let mut all = Vec::new();
        self.pages(consistency, PAGE, cql, &values, |rows| {
            all.extend(rows);
            Ok::<_, ScyllaError>(())
        })?;
        Ok(all)
    }

    /// Calls `each` for one page of rows after the other, of at most `size` rows: of any number of rows,
    /// never more than a page is in memory. A page may be empty, and others come after it.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query) has, and what `each` returns: then no further page is read.
    ///
    /// # Panics
    ///
    /// Where `size` is 0, or more than 2³¹ - 1.
    pub fn for_each_page<R, E>(
        &self,
        cql: &str,
        values: impl SerializeRow,
        size: usize,
        each: impl FnMut(Vec<R>) -> Result<(), E>,
    ) -> Result<(), E>
    where
        R: for<'r> DeserializeRow<'r, 'r>,
        E: From<ScyllaError>,
    {
        self.pages(None, page_size(size), cql, &values, each)
    }

    fn pages<R, E>(
        &self,
        consistency: Option<Consistency>,
        size: i32,
        cql: &str,
        values: &impl SerializeRow,
        mut each: impl FnMut(Vec<R>) -> Result<(), E>,
    ) -> Result<(), E>
    where
        R: for<'r> DeserializeRow<'r, 'r>,
        E: From<ScyllaError>,
    {
        let mut prepared = self.wait_for(self.prepared(cql))?;
        prepared.set_page_size(size);
        if let Some(consistency) = consistency {
            prepared.set_consistency(consistency);
        }
        let bound = prepared.bind(values).map_err(|error| ScyllaError::values(cql, error))?;
        let mut state = PagingState::start();
        loop {
            // `each` is not called from inside the waiting: it may use this connection.
            let page = self.wait_for(self.shared.session.execute_bound_single_page(&bound, state));
            let (page, next) = page.map_err(|error| ScyllaError::execution(cql, error))?;
            each(rows(cql, page)?)?;
            match next {
                PagingStateResponse::HasMorePages { state: next } => state = next,
                PagingStateResponse::NoMorePages => return Ok(()),
            }
        }
    }

    /// Carries several statements out as one: all of them, or none. It costs more than single ones do, and
    /// the server limits its size; it is no way to write many rows, which
    /// [`execute_concurrently`](Self::execute_concurrently) is.
    ///
    /// `values` is a tuple or a `Vec` with the values of each.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute) has.
    pub fn batch(&self, statements: &[&str], values: impl BatchValues) -> Result<(), ScyllaError> {
        let text = statements.join("; ");
        let send = |at| self.wait_for(self.send_batch(&text, statements, &values, at));
        let Some(body) = &self.body else { return send(None) };
        let step = Step {
            cql: &text,
            object: None,
            is_repeatable: statements.iter().all(|cql| statement::is_repeatable(cql)),
            tries: TRIES,
        };
        body.run(&step, |at| send(Some(at).filter(|_| step.is_repeatable)), |()| None).map(drop)
    }

    async fn send_batch(
        &self,
        text: &str,
        statements: &[&str],
        values: &impl BatchValues,
        at: Option<i64>,
    ) -> Result<(), ScyllaError> {
        let mut batch = Batch::new(BatchType::Logged);
        batch.set_request_timeout(Some(self.statement_timeout));
        batch.set_timestamp(at);
        for cql in statements {
            batch.append_statement(self.prepared(cql).await?);
        }
        let sent = self.shared.session.batch(&batch, values).await;
        sent.map(drop).map_err(|error| ScyllaError::execution(text, error))
    }

    /// Carries one statement out for each of many values, at most `concurrency` at the same time, and in
    /// no order: how many there were. The values are taken as they are needed.
    ///
    /// After an error no more are begun, and those that were are waited for. What was written before stays:
    /// a statement that may be repeated, as every `INSERT` and `UPDATE` without a condition and a counter,
    /// lets one begin anew. In a migration it is one step: what is interrupted begins anew. For as many
    /// values as a table has rows, [`backfill`](Self::backfill) goes on where it was.
    ///
    /// # Errors
    ///
    /// The first one, as [`execute`](Self::execute) has.
    pub fn execute_concurrently<V: SerializeRow>(
        &self,
        cql: &str,
        values: impl IntoIterator<Item = V>,
        concurrency: NonZeroUsize,
    ) -> Result<u64, ScyllaError> {
        let mut values = values.into_iter();
        let Some(body) = &self.body else { return self.write_concurrently(cql, &mut values, concurrency) };
        // What was taken from the iterator is gone: there is no second try in the same run.
        let step = Step { tries: 1, ..Step::of(cql) };
        let send = |_| self.write_concurrently(cql, &mut values, concurrency);
        let ran = body.run(&step, send, |done| Some(done.to_string()))?;
        Ok(match ran {
            Ran::Now(done) => done,
            Ran::Before(kept) => kept.and_then(|done| done.parse().ok()).unwrap_or(0),
        })
    }

    fn write_concurrently<V: SerializeRow>(
        &self,
        cql: &str,
        values: &mut impl Iterator<Item = V>,
        concurrency: NonZeroUsize,
    ) -> Result<u64, ScyllaError> {
        let prepared = self.wait_for(self.prepared(cql))?;
        let mut running = JoinSet::new();
        let (mut done, mut failed) = (0, None);
        loop {
            while failed.is_none() && running.len() < concurrency.get() {
                // Outside of the waiting: the iterator may use this connection.
                let Some(value) = values.next() else { break };
                match prepared.clone().bind(&value) {
                    Ok(bound) => self.start(&mut running, bound),
                    Err(error) => failed = Some(ScyllaError::values(cql, error)),
                }
            }
            match self.wait_for(running.join_next()) {
                None => break,
                Some(Ok(Ok(()))) => done += 1,
                Some(Ok(Err(error))) => failed = failed.or(Some(ScyllaError::execution(cql, error))),
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            }
        }
        failed.map_or(Ok(done), Err)
    }

    fn start(&self, running: &mut JoinSet<Result<(), ExecutionError>>, bound: BoundStatement) {
        let shared = self.shared.clone();
        self.wait_for(async {
            running.spawn(async move { shared.session.execute_bound_unpaged(&bound).await.map(drop) });
        });
    }
}

pub(super) fn rows<R>(cql: &str, page: QueryResult) -> Result<Vec<R>, ScyllaError>
where
    R: for<'r> DeserializeRow<'r, 'r>,
{
    let page = page.into_rows_result().map_err(|error| ScyllaError::rows(cql, error))?;
    let rows = page.rows::<R>().map_err(|error| ScyllaError::rows(cql, error))?;
    rows.collect::<Result<_, _>>().map_err(|error| ScyllaError::rows(cql, error))
}
