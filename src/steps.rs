//! What a body outside a transaction gets: its statements one by one, each entered in the journal.

use std::fmt::Display;
use std::str::FromStr;

use crate::journal::Journal;
use crate::traits::Result;

/// A migration's way outside a transaction: steps that are entered in the journal, so that a run
/// killed at any instant is finished by the same command again, without redoing what is done.
///
/// ```
/// use updown::prelude::*;
///
/// pub struct Migration;
///
/// impl Up<Steps<'_, SqliteConnection>> for Migration {
///     fn up(&self, steps: &mut Steps<'_, SqliteConnection>) -> Result {
///         steps.run("ALTER TABLE videos ADD COLUMN slug TEXT")?;
///         steps.batches("fill slug", |conn, after: Option<i64>| {
///             use diesel::prelude::*;
///             #[derive(QueryableByName)]
///             struct Chunk {
///                 #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
///                 last: Option<i64>,
///             }
///             let chunk: Chunk = diesel::sql_query(
///                 "SELECT max(id) AS last FROM (SELECT id FROM videos WHERE id > ? ORDER BY id LIMIT 500)",
///             )
///             .bind::<diesel::sql_types::BigInt, _>(after.unwrap_or(0))
///             .get_result(conn)?;
///             if let Some(last) = chunk.last {
///                 diesel::sql_query("UPDATE videos SET slug = lower(title) WHERE id > ? AND id <= ?")
///                     .bind::<diesel::sql_types::BigInt, _>(after.unwrap_or(0))
///                     .bind::<diesel::sql_types::BigInt, _>(last)
///                     .execute(conn)?;
///             }
///             Ok(chunk.last)
///         })
///     }
/// }
/// ```
///
/// The steps have to come in the same order, with the same statements and labels, each time the
/// body runs: a repeated run recognises them by number and digest, and stops where they differ.
pub struct Steps<'a, C> {
    pub(crate) journal: &'a mut dyn Journal<C>,
}

impl<C> Steps<'_, C> {
    /// Runs one statement, unless the journal says that it is done.
    ///
    /// A statement that may run in a transaction commits together with its journal row. One that
    /// may not (`VACUUM`) is entered before and after it.
    ///
    /// # Errors
    /// What the database answers; and where an earlier, interrupted run journaled another
    /// statement at this place.
    pub fn run(&mut self, statement: impl AsRef<str>) -> Result {
        self.journal.run(statement.as_ref())
    }

    /// Runs `body` in a transaction of its own that commits together with its journal row, unless
    /// the journal says that it is done. `label` names the step, and is what it is recognised by.
    ///
    /// # Errors
    /// What `body` returns, and what [`Steps::run`] does.
    pub fn transaction(&mut self, label: &str, mut body: impl FnMut(&mut C) -> Result) -> Result {
        self.journal.transaction(label, &mut body)
    }

    /// Changes much in chunks. Each chunk is one transaction with its place in the journal, so that
    /// a killed run goes on behind the last chunk that was committed.
    ///
    /// `chunk` gets the connection and where the chunk before it ended (`None`: at the beginning),
    /// changes what comes next, and returns where it ended, or `None` where nothing was left.
    ///
    /// # Errors
    /// What `chunk` returns; and where it returns the place at which it began, which would never
    /// end.
    pub fn batches<K>(
        &mut self,
        label: &str,
        mut chunk: impl FnMut(&mut C, Option<K>) -> Result<Option<K>>,
    ) -> Result
    where
        K: Display + FromStr,
        K::Err: Display,
    {
        self.journal.batches(label, &mut |conn, after| {
            let after = match after {
                Some(text) => Some(text.parse().map_err(|why: K::Err| {
                    anyhow::anyhow!("the journal's place {text:?} cannot be read: {why}")
                })?),
                None => None,
            };
            Ok(chunk(conn, after)?.map(|next| next.to_string()))
        })
    }

    /// Reads: `body` runs in a transaction that is rolled back, and is not journaled.
    ///
    /// # Errors
    /// What `body` returns.
    pub fn read<T>(&mut self, mut body: impl FnMut(&mut C) -> Result<T>) -> Result<T> {
        let mut found = None;
        self.journal.read(&mut |conn| {
            found = Some(body(conn)?);
            Ok(())
        })?;
        found.ok_or_else(|| anyhow::anyhow!("the read did not run"))
    }

    /// Gives the bare connection, outside any transaction, unless the journal says that the step is
    /// done. What happens inside is not seen: a run that is killed in there ends as **unknown**, and
    /// has to be settled with `updown resolve`. Prefer the other methods.
    ///
    /// # Errors
    /// What `body` returns, and where an earlier run was interrupted inside it.
    pub fn raw(&mut self, label: &str, mut body: impl FnMut(&mut C) -> Result) -> Result {
        self.journal.raw(label, &mut body)
    }
}
