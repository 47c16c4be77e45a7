//! A connection that one can wait for: what a migration's body gets.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::scylla::client::session::Session;
use ::scylla::cluster::Node;
use ::scylla::errors::ExecutionError;
use ::scylla::policies::load_balancing::{NodeIdentifier, SingleTargetLoadBalancingPolicy};
use ::scylla::response::query_result::QueryResult;
use ::scylla::serialize::row::SerializeRow;
use ::scylla::statement::prepared::PreparedStatement;
use ::scylla::statement::{Consistency, Statement};
use ::scylla::value::{CqlValue, Row};

use super::agreement::agree;
use super::body::Body;
use super::error::{Effect, ScyllaError};
use super::journaled::{Ran, Step};
use super::runtime::Runtime;
use super::statement;
use super::url::ScyllaUrl;

/// So many statements are kept prepared.
const PREPARED: usize = 512;

/// A connection to a ScyllaDB or Cassandra cluster, for code that is not `async`.
///
/// A call keeps its thread until the answer is there, also inside a tokio runtime, where it works as well
/// (from a task, [`spawn_blocking`](https://docs.rs/tokio/latest/tokio/task/fn.spawn_blocking.html) lets
/// the others go on meanwhile). A clone is the same connection: the last one closes it.
///
/// In a migration each statement is a step of the journal: a body is written against the connection itself,
/// and not against [`Steps`](crate::Steps).
///
/// Outside of one nothing is sent twice: where an answer did not come, [`ScyllaError::effect`] says that it is
/// [`Unknown`](Effect::Unknown).
#[derive(Clone)]
pub struct ScyllaConnection {
    pub(super) shared: Arc<Shared>,
    pub(super) statement_timeout: Duration,
    pub(super) agreement_limit: Duration,
    /// How many replicas have to answer, where that is not what the URL says.
    pub(super) consistency: Option<Consistency>,
    /// While a migration's body has it.
    pub(super) body: Option<Body>,
}

/// Dropped in this order: what runs, before what it runs on.
pub(super) struct Shared {
    pub session: Session,
    pub prepared: Mutex<HashMap<String, PreparedStatement>>,
    /// Whether the keyspace of the URL is in use on the connections to the nodes.
    pub is_in_keyspace: AtomicBool,
    pub url: ScyllaUrl,
    pub runtime: Runtime,
}

impl ScyllaConnection {
    /// How long one statement may take, 30 seconds where nothing else was set: then the server goes on
    /// with it, but nobody waits any more. Preparing it is not counted.
    pub fn set_statement_timeout(&mut self, timeout: Duration) {
        self.statement_timeout = timeout;
    }

    /// How long to wait for the nodes to agree on the schema, each time; 60 seconds where nothing else was
    /// set.
    pub fn set_agreement_limit(&mut self, limit: Duration) {
        self.agreement_limit = limit;
    }

    /// What was connected to.
    pub fn url(&self) -> &ScyllaUrl {
        &self.shared.url
    }

    /// Carries a statement out. One with values is prepared, and kept.
    ///
    /// One that changes the schema (`CREATE`, `ALTER`, `DROP`) goes to the same node from wherever it is
    /// sent, and waits before and after it until the nodes agree on the schema. It cannot have values.
    ///
    /// # Errors
    ///
    /// [`ScyllaError`], which says what the statement did nevertheless.
    pub fn execute(&self, cql: &str, values: impl SerializeRow) -> Result<(), ScyllaError> {
        match &self.body {
            Some(body) => {
                let send = |at| self.wait_for(self.send(cql, &values, Some(at))).map(drop);
                body.run(&Step::of(cql), send, |()| None).map(drop)
            }
            None => self.wait_for(self.send(cql, &values, None)).map(drop),
        }
    }

    /// Enters a change of the schema as a step that is done, and sends nothing: its effect is there.
    #[cfg(feature = "schema")]
    pub(super) fn enter_as_done(&self, cql: &str) -> Result<(), ScyllaError> {
        match &self.body {
            Some(body) => body.run(&Step::of(cql), |_| Ok(()), |()| None).map(drop),
            None => Ok(()),
        }
    }

    /// Carries a conditional statement out (`INSERT … IF NOT EXISTS`, `UPDATE … IF owner = ?`). It is
    /// decided on by a majority of all data centres.
    ///
    /// In a migration that goes on after it was interrupted, what was done before is known to have been
    /// applied or not, but not the columns that were in the way.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute) has; and where the statement has no condition.
    pub fn execute_if(&self, cql: &str, values: impl SerializeRow) -> Result<Conditional, ScyllaError> {
        let Some(body) = &self.body else { return self.send_if(cql, &values) };
        let keep = |outcome: &Conditional| Some(outcome.applied.to_string());
        Ok(match body.run(&Step::of(cql), |_| self.send_if(cql, &values), keep)? {
            Ran::Now(outcome) => outcome,
            Ran::Before(kept) => {
                Conditional { applied: kept.as_deref() != Some("false"), columns: HashMap::new() }
            }
        })
    }

    fn send_if(&self, cql: &str, values: &impl SerializeRow) -> Result<Conditional, ScyllaError> {
        let result = self.wait_for(self.send(cql, values, None))?;
        let result = result.into_rows_result().map_err(|error| ScyllaError::rows(cql, error))?;
        // By name: ScyllaDB sends all columns always, Cassandra only what was in the way.
        let names: Vec<String> =
            result.column_specs().iter().map(|column| column.name().to_owned()).collect();
        let row: Row = result.first_row().map_err(|error| ScyllaError::rows(cql, error))?;
        let mut columns: HashMap<_, _> = names.into_iter().zip(row.columns).collect();
        match columns.remove("[applied]") {
            Some(Some(CqlValue::Boolean(applied))) => Ok(Conditional { applied, columns }),
            _ => Err(ScyllaError::rows(cql, "there is no column `[applied]`")),
        }
    }

    pub(super) fn wait_for<T>(&self, future: impl Future<Output = T>) -> T {
        self.shared.runtime.block_on(future)
    }

    /// `at` is when what it writes counts, in microseconds; the server's own time where there is none.
    async fn send(
        &self,
        cql: &str,
        values: &impl SerializeRow,
        at: Option<i64>,
    ) -> Result<QueryResult, ScyllaError> {
        if statement::changes_schema(cql) {
            return self.change_schema(cql, values).await;
        }
        // The server takes a time for what has neither a condition nor a counter.
        let at = at.filter(|_| statement::is_repeatable(cql));
        let sent = if values.is_empty() {
            let mut statement = within(cql, self.statement_timeout);
            statement.set_timestamp(at);
            if let Some(consistency) = self.consistency {
                statement.set_consistency(consistency);
            }
            self.shared.session.query_unpaged(statement, ()).await
        } else {
            let mut prepared = self.prepared(cql).await?;
            prepared.set_timestamp(at);
            self.shared.session.execute_unpaged(&prepared, values).await
        };
        sent.map_err(|error| ScyllaError::execution(cql, error))
    }

    /// Carries several changes of the schema out, which do not depend on each other, and waits once until
    /// the nodes agree on them all.
    pub(super) fn change_schema_by(&self, statements: &[String]) -> Result<(), ScyllaError> {
        let Some((last, others)) = statements.split_last() else { return Ok(()) };
        self.await_agreement()?;
        for cql in others {
            self.wait_for(self.send_change(cql, &()))?;
        }
        self.wait_for(self.change_schema(last, &())).map(drop)
    }

    async fn change_schema(&self, cql: &str, values: &impl SerializeRow) -> Result<QueryResult, ScyllaError> {
        let (session, limit) = (&self.shared.session, self.agreement_limit);
        // A change that meets nodes which do not agree may be made of the older schema. In a body, the
        // journal has seen to that.
        if self.body.is_none() {
            agree(session, None, limit)
                .await
                .map_err(|why| ScyllaError::agreement(cql, Effect::NotApplied, limit, why))?;
        }
        let result = self.send_change(cql, values).await?;
        agree(session, Some(result.request_coordinator().node()), limit)
            .await
            .map_err(|why| ScyllaError::agreement(cql, Effect::AppliedWithoutAgreement, limit, why))?;
        Ok(result)
    }

    async fn send_change(&self, cql: &str, values: &impl SerializeRow) -> Result<QueryResult, ScyllaError> {
        let sent = self.shared.session.query_unpaged(self.to_one_node(cql), values).await;
        // A statement that was prepared before may not know a column by now.
        self.shared.prepared.lock().unwrap_or_else(PoisonError::into_inner).clear();
        sent.map_err(|error| ScyllaError::execution(cql, error))
    }

    /// For the same node from everybody, so that two changes at once meet there, and not each on its own.
    pub(super) fn to_one_node(&self, cql: &str) -> Statement {
        let cluster = self.shared.session.get_cluster_state();
        let is_near = |datacenter: &Option<String>| *datacenter == self.shared.url.datacenter;
        let nodes = cluster.get_nodes_info().iter().filter(|node| node.is_connected());
        match nodes.min_by_key(|node| (!is_near(&node.datacenter), node.host_id)) {
            Some(node) => to_node(cql, self.statement_timeout, node),
            // Whichever comes back first.
            None => within(cql, self.statement_timeout),
        }
    }

    /// The statement, prepared now or before.
    pub(super) async fn prepared(&self, cql: &str) -> Result<PreparedStatement, ScyllaError> {
        let all = &self.shared.prepared;
        let known = all.lock().unwrap_or_else(PoisonError::into_inner).get(cql).cloned();
        let mut prepared = match known {
            Some(prepared) => prepared,
            None => {
                let made = self.shared.session.prepare(cql).await;
                let made = made.map_err(|error| ScyllaError::execution(cql, ExecutionError::from(error)))?;
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                // Whoever writes values into statements must not fill the memory.
                if all.len() >= PREPARED {
                    all.clear();
                }
                all.insert(cql.to_owned(), made.clone());
                made
            }
        };
        prepared.set_request_timeout(Some(self.statement_timeout));
        if let Some(consistency) = self.consistency {
            prepared.set_consistency(consistency);
        }
        Ok(prepared)
    }
}

fn within(cql: &str, timeout: Duration) -> Statement {
    let mut statement = Statement::new(cql);
    statement.set_request_timeout(Some(timeout));
    statement
}

/// A statement that no other node is asked.
pub(super) fn to_node(cql: &str, timeout: Duration, node: &Arc<Node>) -> Statement {
    let mut statement = within(cql, timeout);
    let target = NodeIdentifier::Node(node.clone());
    statement.set_load_balancing_policy(Some(SingleTargetLoadBalancingPolicy::new(target, None)));
    statement
}

impl fmt::Debug for ScyllaConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ScyllaConnection").field(&self.shared.url.shown()).finish()
    }
}

/// How a conditional statement went.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditional {
    applied: bool,
    columns: HashMap<String, Option<CqlValue>>,
}

impl Conditional {
    /// Whether its condition held, and it was carried out.
    pub fn is_applied(&self) -> bool {
        self.applied
    }

    /// A column of the row that was in the way; `None` where that was null, or is not known.
    pub fn column(&self, name: &str) -> Option<&CqlValue> {
        self.columns.get(name).and_then(Option::as_ref)
    }
}
