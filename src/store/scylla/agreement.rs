//! Waiting until every node has the same schema. The driver's own waiting looks five times a second,
//! where nodes of one machine or one rack agree within milliseconds.

use std::time::Duration;

use ::scylla::client::session::Session;
use ::scylla::cluster::Node;
use ::scylla::value::{CqlValue, Row};
use tokio::time::{Instant, sleep, timeout_at};

use super::connection::{ScyllaConnection, to_node};
use super::error::{self, Effect, ScyllaError};

const FIRST_PAUSE: Duration = Duration::from_millis(2);
/// Nodes that are well agree within so long…
const SOON: Duration = Duration::from_secs(1);
/// … and until then a long pause would be most of what is waited for.
const SOON_PAUSE: Duration = Duration::from_millis(8);
pub const LAST_PAUSE: Duration = Duration::from_millis(200);

/// How long one node is waited for, when it is only about what to say of it.
const ONE_ANSWER: Duration = Duration::from_secs(1);

/// What an error names as the statement, where none was sent.
const WAITING: &str = "SELECT schema_version FROM system.local";

impl ScyllaConnection {
    /// Waits until every node that can be reached has the same schema, for as long as
    /// [`set_agreement_limit`](Self::set_agreement_limit) says: its version, which changes with every
    /// change of any keyspace.
    ///
    /// # Errors
    ///
    /// Where they do not agree in time, or cannot be asked.
    pub fn await_agreement(&self) -> Result<String, ScyllaError> {
        self.wait_for(async {
            let agreed = agree(&self.shared.session, None, self.agreement_limit).await;
            agreed
                .map_err(|why| ScyllaError::agreement(WAITING, Effect::NotApplied, self.agreement_limit, why))
        })
    }

    /// The nodes of the cluster that this connection cannot reach, each as `address (data centre)`. They
    /// have no part in [`await_agreement`](Self::await_agreement).
    pub fn unreachable_nodes(&self) -> Vec<String> {
        let cluster = self.shared.session.get_cluster_state();
        let nodes = cluster.get_nodes_info().iter().filter(|node| !node.is_connected());
        nodes
            .map(|node| match &node.datacenter {
                Some(datacenter) => format!("{} ({datacenter})", node.address.ip()),
                None => node.address.ip().to_string(),
            })
            .collect()
    }
}

/// The version that all nodes have which are connected, and `required` is one of them; else why not.
pub async fn agree(session: &Session, required: Option<&Node>, limit: Duration) -> Result<String, String> {
    let end = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    let mut why = "no node has answered".to_owned();
    loop {
        match timeout_at(end, session.check_schema_agreement()).await {
            Err(_) => return Err(format!("{why}{}", who(session).await)),
            Ok(Ok(Some(version))) => {
                if required.is_none_or(|node| is_connected(session, node)) {
                    return Ok(version.to_string());
                }
                "the node that made the change cannot be reached".clone_into(&mut why);
            }
            Ok(Ok(None)) => "they have different versions of it".clone_into(&mut why),
            Ok(Err(error)) if error::may_pass(&error) => why = error.to_string(),
            Ok(Err(error)) => return Err(format!("{error}{}", who(session).await)),
        }
        if Instant::now() + pause >= end {
            return Err(format!("{why}{}", who(session).await));
        }
        sleep(pause).await;
        let longest = if Instant::now() + limit < end + SOON { SOON_PAUSE } else { LAST_PAUSE };
        pause = longest.min(pause * 2);
    }
}

/// Every node, and what it says its schema is: what a person needs to know to go and look.
async fn who(session: &Session) -> String {
    let mut said = String::new();
    for node in session.get_cluster_state().get_nodes_info() {
        let address = node.address.ip();
        if !node.is_connected() {
            said += &format!("; {address} is down, or cannot be reached");
            continue;
        }
        let answer = session.query_unpaged(to_node(WAITING, ONE_ANSWER, node), ()).await.ok();
        let row: Option<Row> =
            answer.and_then(|answer| answer.into_rows_result().ok()).and_then(|rows| rows.first_row().ok());
        said += &match row.and_then(|row| row.columns.into_iter().next().flatten()) {
            Some(CqlValue::Uuid(version)) => format!("; {address} has {version}"),
            _ => format!("; {address} does not answer"),
        };
    }
    said
}

/// By its address as well: where the driver had to begin anew with the hosts of the URL, as it does when it reads
/// the schema while a type is dropped, it knows a node for a moment by an identity that it has made up.
fn is_connected(session: &Session, node: &Node) -> bool {
    let cluster = session.get_cluster_state();
    let place = |node: &Node| (node.address.ip(), node.address.port());
    cluster
        .get_nodes_info()
        .iter()
        .any(|known| (known.host_id == node.host_id || place(known) == place(node)) && known.is_connected())
}
