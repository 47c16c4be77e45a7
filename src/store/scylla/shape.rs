//! What the schema says of one object: by it one sees whether a statement was carried out whose answer
//! never came. Its shape, not its name: a table may have been there before, with other columns.

use std::time::Duration;

use ::scylla::errors::DbError;
use ::scylla::statement::Consistency;
use futures_util::future::try_join_all;

use super::connection::{ScyllaConnection, to_node};
use super::error::ScyllaError;
use super::partition::patiently;
use super::statement::{Kind, Object};
use crate::journal::short_hash;
use crate::ledger::quote;

/// While an index or a view is built that has been made.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// The tables of `system_schema` that describe each kind, with the column that has its name.
/// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/ddl.html>
fn described_in(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Keyspace => &[("keyspaces", "")],
        Kind::Table => &[
            ("tables", "table_name"),
            ("columns", "table_name"),
            ("dropped_columns", "table_name"),
            ("indexes", "table_name"),
        ],
        Kind::View => &[("views", "view_name"), ("columns", "table_name")],
        Kind::Type => &[("types", "type_name")],
        Kind::Function => &[("functions", "function_name")],
        Kind::Aggregate => &[("aggregates", "aggregate_name")],
        Kind::Index => &[("indexes", "index_name")],
        Kind::IndexOn => &[("indexes", "table_name")],
        Kind::Other => &[
            ("tables", ""),
            ("columns", ""),
            ("indexes", ""),
            ("views", ""),
            ("types", ""),
            ("functions", ""),
            ("aggregates", ""),
            ("triggers", ""),
        ],
    }
}

impl ScyllaConnection {
    /// A digest of all that the schema says of an object, as the node has it to which changes are sent.
    pub(super) fn shape(&self, object: &Object) -> Result<String, ScyllaError> {
        let keyspace = match object.kind {
            Kind::Keyspace => &object.name,
            _ => object.keyspace.as_ref().unwrap_or(&self.shared.url.keyspace),
        };
        // All at once: it is asked before every change.
        let asked = described_in(object.kind).iter().map(|(table, column)| {
            let mut cql =
                format!("SELECT JSON * FROM system_schema.{table} WHERE keyspace_name = {}", quote(keyspace));
            if !column.is_empty() {
                cql += &format!(" AND {column} = {}", quote(&object.name));
            }
            if object.kind == Kind::Index {
                // Its table comes before its name in the key.
                cql += " ALLOW FILTERING";
            }
            async move {
                let rows: Vec<(String,)> = self.read_from_one(&cql).await?;
                let lines = rows.into_iter().map(|row| format!("{table} {}", row.0));
                Ok::<_, ScyllaError>(lines.collect::<Vec<_>>())
            }
        });
        let mut lines = self.wait_for(try_join_all(asked))?.concat();
        lines.sort();
        Ok(short_hash(&lines.join("\n")))
    }

    /// Rows of the node that changes are sent to.
    async fn read_from_one<R>(&self, cql: &str) -> Result<Vec<R>, ScyllaError>
    where
        R: for<'r> ::scylla::deserialize::row::DeserializeRow<'r, 'r>,
    {
        let page = self.shared.session.query_unpaged(self.to_one_node(cql), ()).await;
        super::data::rows(cql, page.map_err(|error| ScyllaError::execution(cql, error))?)
    }

    /// Waits until every node that can be reached has built an index or a view: the answer to `CREATE`
    /// comes before that, and what is not built is not complete. `goes_on` is asked each time. Whether that
    /// could be seen: a role needs a right of its own for it.
    pub(super) fn await_build(
        &self,
        object: &Object,
        goes_on: &mut dyn FnMut() -> Result<(), ScyllaError>,
    ) -> Result<bool, ScyllaError> {
        let mut pause = FIRST_PAUSE;
        loop {
            match patiently(|| self.is_built(object)) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) if error.database_error() == Some(&DbError::Unauthorized) => return Ok(false),
                Err(error) => return Err(error),
            }
            goes_on()?;
            std::thread::sleep(pause);
            pause = LAST_PAUSE.min(pause * 2);
        }
    }

    fn is_built(&self, object: &Object) -> Result<bool, ScyllaError> {
        let keyspace = quote(object.keyspace.as_ref().unwrap_or(&self.shared.url.keyspace));
        match object.kind {
            _ if !object.is_new => Ok(true),
            Kind::View => {
                let cql = format!(
                    "SELECT status FROM system_distributed.view_build_status WHERE keyspace_name = {keyspace} AND view_name = {}",
                    quote(&object.name)
                );
                let states: Vec<(String,)> = self.query_at(Some(Consistency::One), &cql, ())?;
                let nodes = self.shared.session.get_cluster_state();
                let reached = nodes.get_nodes_info().iter().filter(|node| node.is_connected()).count();
                Ok(states.iter().filter(|state| state.0 == "SUCCESS").count() >= reached)
            }
            Kind::Index | Kind::IndexOn => {
                let column = if object.kind == Kind::Index { "index_name" } else { "table_name" };
                let cql = format!(
                    "SELECT index_name FROM system_schema.indexes WHERE keyspace_name = {keyspace} AND {column} = {} ALLOW FILTERING",
                    quote(&object.name)
                );
                let wanted: Vec<(String,)> = self.wait_for(self.read_from_one(&cql))?;
                let built = self.built_indexes(&keyspace)?;
                Ok(built.iter().all(|built| wanted.iter().all(|index| built.contains(&index.0))))
            }
            _ => Ok(true),
        }
    }

    /// The indexes of a keyspace that are built, for each node: every node knows of its own.
    fn built_indexes(&self, keyspace: &str) -> Result<Vec<Vec<String>>, ScyllaError> {
        let cql = format!("SELECT index_name FROM system.\"IndexInfo\" WHERE table_name = {keyspace}");
        let nodes = self.shared.session.get_cluster_state();
        let nodes = nodes.get_nodes_info().iter().filter(|node| node.is_connected());
        nodes
            .map(|node| {
                let statement = to_node(&cql, self.statement_timeout, node);
                let page = self.wait_for(self.shared.session.query_unpaged(statement, ()));
                let page = page.map_err(|error| ScyllaError::execution(&cql, error))?;
                let names: Vec<(String,)> = super::data::rows(&cql, page)?;
                Ok(names.into_iter().map(|name| name.0).collect())
            })
            .collect()
    }
}
