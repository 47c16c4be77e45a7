//! A typed change as the engine runs it: a value that becomes the two bodies of a migration once it is known
//! which database it is for.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::already::Already;
#[cfg(feature = "sqlite")]
use super::rebuild::TEMPORARY;
use super::recorded::{At, Change, Operation, Problem, Recorded, Schema, WayBack};
use super::{render, validate};
use crate::ledger::Direction;
use crate::migration::{DownBody, UpBody};
use crate::steps::Steps;
use crate::store::{Database, StoreConnection};
use crate::traits::{Down, Options, Result, Up};

/// What a module says, whatever the type of its connection.
#[derive(Clone)]
pub struct Typed {
    says: Arc<dyn Says + Send + Sync>,
    /// It is written against `Steps`.
    in_steps: bool,
}

trait Says {
    fn recorded(&self) -> Vec<Recorded>;
    fn options(&self) -> Options;
}

struct Said<C, M>(M, PhantomData<fn(C)>);

impl<C, M: Change<C>> Says for Said<C, M> {
    fn recorded(&self) -> Vec<Recorded> {
        let mut schema = Schema::new();
        self.0.change(&mut schema);
        schema.recorded
    }

    fn options(&self) -> Options {
        self.0.options()
    }
}

/// `Steps` of any lifetime says the same.
struct SaidInSteps<C, M>(M, PhantomData<fn(C)>);

impl<C: 'static, M: for<'a> Change<Steps<'a, C>>> Says for SaidInSteps<C, M> {
    fn recorded(&self) -> Vec<Recorded> {
        let mut schema: Schema<Steps<'_, C>> = Schema::new();
        self.0.change(&mut schema);
        schema.recorded
    }

    fn options(&self) -> Options {
        <M as Change<Steps<'_, C>>>::options(&self.0)
    }
}

/// Changes that nobody has written: what sync and diff have found out.
struct Found(Vec<Operation>);

impl Says for Found {
    fn recorded(&self) -> Vec<Recorded> {
        let at = At { file: "schema.rs", line: 0 };
        let recorded = |operation: &Operation| Recorded { operation: operation.clone(), at, only: None };
        self.0.iter().map(recorded).collect()
    }

    fn options(&self) -> Options {
        Options::default()
    }
}

impl Typed {
    /// Of changes that are found out, and not written.
    pub fn of(operations: Vec<Operation>) -> Self {
        Self { says: Arc::new(Found(operations)), in_steps: false }
    }

    pub fn new<C: 'static, M: Change<C> + Send + Sync + 'static>(module: M) -> Self {
        Self { says: Arc::new(Said::<C, M>(module, PhantomData)), in_steps: false }
    }

    pub fn in_steps<C, M>(module: M) -> Self
    where
        C: 'static,
        M: for<'a> Change<Steps<'a, C>> + Send + Sync + 'static,
    {
        Self { says: Arc::new(SaidInSteps::<C, M>(module, PhantomData)), in_steps: true }
    }

    /// What it does on a database, in order.
    fn recorded(&self, database: Database) -> Vec<Recorded> {
        let mut recorded = self.says.recorded();
        recorded.retain(|recorded| recorded.is_for(database));
        recorded
    }

    /// The same for one direction; on the way down what undoes it.
    pub fn changes(&self, database: Database, direction: Direction) -> WayBack<Recorded> {
        let up = self.recorded(database);
        match direction {
            Direction::Up => WayBack::By(up),
            Direction::Down => way_back(&up),
        }
    }
    /// Whether it says nothing, for any database.
    pub fn is_empty(&self) -> bool {
        self.says.recorded().is_empty()
    }

    /// What is wrong with it, as far as that is known from the code and from which tables there are before it;
    /// which are then those that are there behind it.
    pub fn problems(&self, database: Database, tables: &mut Option<validate::Tables>) -> Vec<Problem> {
        validate::problems(&self.recorded(database), database, tables)
    }

    /// How one direction wants to be run on a database.
    fn options(&self, database: Database, changes: &[Recorded]) -> Options {
        let options = self.says.options();
        let rebuilds = |recorded: &Recorded| match &recorded.operation {
            Operation::Sql(op) => render::rebuilds(op),
            #[cfg(feature = "scylla")]
            Operation::Cql(_) => false,
        };
        match database == Database::Sqlite && changes.iter().any(rebuilds) {
            true => options.foreign_keys_off(),
            false => options,
        }
    }

    /// The two bodies, for a database; in steps, where it commits each change of the schema on its own.
    /// What the way up adds may be there `already`.
    pub fn bodies<C: StoreConnection>(
        &self,
        database: Database,
        in_steps: bool,
        already: &Already,
    ) -> (UpBody<C>, DownBody<C>) {
        let body = |changes: Vec<Recorded>, already: Already| Body {
            options: self.options(database, &changes),
            changes,
            database,
            already,
        };
        let up = self.recorded(database);
        let down = match way_back(&up) {
            WayBack::By(changes) => Ok(body(changes, Already::default())),
            WayBack::Irreversible(because) => Err(because),
            // Found before anything runs, with its place.
            WayBack::Unsaid(hint) => Err(format!("the change does not say what undoes it; {hint}")),
        };
        // Where every statement is a step already, the body takes the connection itself.
        let in_steps = (self.in_steps || in_steps) && C::HAS_STEPS;
        let up = body(up, already.clone());
        let up: UpBody<C> = match in_steps {
            true => UpBody::Steps(Arc::new(up)),
            false => UpBody::Transaction(Arc::new(up)),
        };
        let down = match (down, in_steps) {
            (Ok(body), true) => DownBody::Steps(Arc::new(body)),
            (Ok(body), false) => DownBody::Transaction(Arc::new(body)),
            (Err(because), _) => DownBody::Irreversible(Cow::Owned(because)),
        };
        (up, down)
    }
}

/// What undoes changes, in order.
fn way_back(up: &[Recorded]) -> WayBack<Recorded> {
    let mut down = Vec::new();
    for recorded in up.iter().rev() {
        match recorded.operation.reverse() {
            WayBack::By(operations) => {
                let again = |operation| Recorded { operation, at: recorded.at, only: None };
                down.extend(operations.into_iter().map(again));
            }
            WayBack::Irreversible(because) => return WayBack::Irreversible(because),
            WayBack::Unsaid(hint) => return WayBack::Unsaid(hint),
        }
    }
    WayBack::By(down)
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed").field("in_steps", &self.in_steps).finish_non_exhaustive()
    }
}

/// One direction of a change, on one kind of database.
struct Body {
    changes: Vec<Recorded>,
    options: Options,
    database: Database,
    already: Already,
}

/// Where a change that failed is written, and what it was to do.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what}")]
pub struct Place {
    what: String,
    pub at: At,
    pub hint: Option<String>,
}

impl Body {
    fn in_transaction<C: StoreConnection>(&self, conn: &mut C) -> Result {
        for change in &self.changes {
            let is_there = self.is_there(change, conn)?;
            for statement in change.statements_unless(is_there, self.database, conn)? {
                conn.send_unless(is_there, &statement).map_err(|error| change.failed(error))?;
            }
        }
        Ok(())
    }

    fn is_there<C: StoreConnection>(&self, change: &Recorded, conn: &mut C) -> Result<bool> {
        self.already.is_there(&change.operation, self.database, conn)
    }

    fn in_steps<C: StoreConnection>(&self, steps: &mut Steps<'_, C>) -> Result {
        for change in &self.changes {
            if change.is_looked_up(self.database) {
                let label = change.operation.to_string();
                steps.transaction(&label, |conn| match self.is_there(change, conn)? {
                    true => Ok(()),
                    false => change.carry(self.database, conn),
                })?;
                continue;
            }
            // A read is a transaction, with the lease: not for an answer that is known.
            let is_asked = self.already.is_asked_of(&change.operation);
            let is_there = is_asked && steps.read(|conn| self.is_there(change, conn))?;
            let statements = change.statements(self.database, &mut super::NoCatalog)?;
            for statement in statements {
                steps.journal.run_unless(is_there, &statement).map_err(|error| change.failed(error))?;
            }
        }
        Ok(())
    }
}

impl Recorded {
    /// What it is in the words of a database.
    pub fn statements(&self, database: Database, catalog: &mut dyn render::Catalog) -> Result<Vec<String>> {
        match &self.operation {
            Operation::Sql(op) => render::statements(op, database, catalog).map_err(|unfit| {
                anyhow::anyhow!(unfit.what).context(Place {
                    what: self.operation.to_string(),
                    at: self.at,
                    hint: Some(unfit.hint),
                })
            }),
            #[cfg(feature = "scylla")]
            Operation::Cql(op) => Ok(vec![op.statement()]),
        }
    }

    /// Whether what it is depends on what is in the database.
    fn is_looked_up(&self, database: Database) -> bool {
        match &self.operation {
            Operation::Sql(op) => database == Database::Sqlite && render::is_looked_up(op),
            #[cfg(feature = "scylla")]
            Operation::Cql(_) => false,
        }
    }

    /// None where they are not sent, and nothing but a rebuild would be known of them.
    fn statements_unless<C: StoreConnection>(
        &self,
        is_there: bool,
        database: Database,
        conn: &mut C,
    ) -> Result<Vec<String>> {
        match is_there && self.is_looked_up(database) {
            true => Ok(Vec::new()),
            false => self.statements(database, &mut *conn.catalog()),
        }
    }

    fn carry<C: StoreConnection>(&self, database: Database, conn: &mut C) -> Result {
        let statements = self.statements(database, &mut *conn.catalog())?;
        for statement in statements {
            conn.send(&statement).map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    fn failed(&self, error: anyhow::Error) -> anyhow::Error {
        // Of a table that is built anew, SQLite speaks by the name that nobody has given it.
        #[cfg(feature = "sqlite")]
        let error = match format!("{error:#}") {
            text if text.contains(TEMPORARY) => anyhow::anyhow!(text.replace(TEMPORARY, "")),
            _ => error,
        };
        error.context(Place { what: self.operation.to_string(), at: self.at, hint: None })
    }
}

impl<C: StoreConnection> Up<C> for Body {
    fn up(&self, conn: &mut C) -> Result {
        self.in_transaction(conn)
    }
    fn options(&self) -> Options {
        self.options
    }
}

impl<C: StoreConnection> Down<C> for Body {
    fn down(&self, conn: &mut C) -> Result {
        self.in_transaction(conn)
    }
    fn options(&self) -> Options {
        self.options
    }
}

impl<C: StoreConnection> Up<Steps<'_, C>> for Body {
    fn up(&self, steps: &mut Steps<'_, C>) -> Result {
        self.in_steps(steps)
    }
    fn options(&self) -> Options {
        self.options
    }
}

impl<C: StoreConnection> Down<Steps<'_, C>> for Body {
    fn down(&self, steps: &mut Steps<'_, C>) -> Result {
        self.in_steps(steps)
    }
    fn options(&self) -> Options {
        self.options
    }
}
