//! How a cluster is connected to, and what is said where that fails.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::scylla::client::execution_profile::ExecutionProfile;
use ::scylla::client::session_builder::SessionBuilder;
use ::scylla::errors::{
    ConnectionError, ConnectionPoolError, ConnectionSetupRequestErrorKind, MetadataError, NewSessionError,
};
use ::scylla::policies::load_balancing::DefaultPolicy;
use ::scylla::statement::SerialConsistency;

use super::connection::{ScyllaConnection, Shared};
use super::error::ScyllaError;
use super::retry::WhereForgotten;
use super::runtime::Runtime;
use super::url::ScyllaUrl;
use crate::error::StoreError;

/// The driver's own, said here because it is documented there.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
pub const AGREEMENT_LIMIT: Duration = Duration::from_secs(60);

impl ScyllaConnection {
    /// Connects to the cluster of a `scylla:` URL, and uses its keyspace where that is there. It is not
    /// made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Url`] where the URL makes no sense, [`StoreError::Open`] where no node lets one in.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Self::connect(ScyllaUrl::parse(url)?)
    }

    /// The same with a URL that was taken apart.
    ///
    /// # Errors
    ///
    /// [`StoreError::Open`] where no node lets one in.
    pub fn connect(url: ScyllaUrl) -> Result<Self, StoreError> {
        let open = |(why, hint): (String, Option<&str>)| StoreError::Open {
            target: url.shown().to_owned(),
            why,
            hint: hint.map(str::to_owned),
        };
        let runtime = Runtime::new().map_err(|error| open((error.to_string(), None)))?;
        let builder = builder(&url)?;
        let session = runtime.block_on(builder.build()).map_err(|error| open(explained(&error)))?;
        let connection = Self {
            shared: Arc::new(Shared {
                session,
                prepared: Mutex::default(),
                is_in_keyspace: AtomicBool::new(false),
                url: url.clone(),
                runtime,
            }),
            statement_timeout: STATEMENT_TIMEOUT,
            agreement_limit: url.agreement_timeout.unwrap_or(AGREEMENT_LIMIT),
            consistency: None,
            body: None,
        };
        let failed = |error: ScyllaError| open((error.to_string(), None));
        if connection.has_keyspace().map_err(failed)? {
            connection.enter_keyspace().map_err(failed)?;
        }
        Ok(connection)
    }
}

fn builder(url: &ScyllaUrl) -> Result<SessionBuilder, StoreError> {
    let mut balancing = DefaultPolicy::builder();
    if let Some(datacenter) = &url.datacenter {
        balancing = balancing.prefer_datacenter(datacenter.clone()).permit_dc_failover(true);
    }
    let profile = ExecutionProfile::builder()
        .consistency(url.consistency)
        // Not the driver's `LocalSerial`, with which two data centres could both get one lock.
        .serial_consistency(Some(SerialConsistency::Serial))
        // The driver's own would send again what may have been applied already.
        .retry_policy(Arc::new(WhereForgotten))
        .request_timeout(Some(STATEMENT_TIMEOUT))
        .load_balancing_policy(balancing.build())
        .build();
    let mut builder = SessionBuilder::new()
        .known_nodes(&url.hosts)
        .default_execution_profile_handle(profile.into_handle())
        // `agreement.rs` does.
        .auto_await_schema_agreement(false)
        // For the way to the right node; not the tables of everybody else in the cluster.
        .keyspaces_to_fetch([&url.keyspace]);
    if let Some(user) = &url.user {
        builder = builder.user(user, &url.password);
    }
    with_tls(builder, url)
}

#[cfg(feature = "scylla-tls")]
fn with_tls(builder: SessionBuilder, url: &ScyllaUrl) -> Result<SessionBuilder, StoreError> {
    if url.tls != Some(true) {
        return Ok(builder);
    }
    let config = super::tls::config(url.tls_ca.as_deref()).map_err(|(why, hint)| StoreError::Open {
        target: url.shown().to_owned(),
        why,
        hint: Some(hint),
    })?;
    Ok(builder.tls_context(Some(Arc::new(config))))
}

#[cfg(not(feature = "scylla-tls"))]
fn with_tls(builder: SessionBuilder, url: &ScyllaUrl) -> Result<SessionBuilder, StoreError> {
    if url.tls != Some(true) {
        return Ok(builder);
    }
    Err(StoreError::Url {
        target: url.shown().to_owned(),
        why: "this program was built without updown's feature `scylla-tls`".to_owned(),
        hint: "build the migrations crate with it: `features = [\"scylla-tls\"]`".to_owned(),
    })
}

/// The innermost reason, and what to do.
fn explained(error: &NewSessionError) -> (String, Option<&'static str>) {
    let NewSessionError::MetadataError(MetadataError::ConnectionPoolError(ConnectionPoolError::Broken {
        last_connection_error,
    })) = error
    else {
        let hint = match error {
            NewSessionError::FailedToResolveAnyHostname(_) => Some("is the host's name right?"),
            _ => None,
        };
        return (error.to_string(), hint);
    };
    match last_connection_error {
        ConnectionError::IoError(io) => {
            (io.to_string(), Some("does it run, and are host, port and `tls` right?"))
        }
        ConnectionError::ConnectTimeout => (
            "no answer in time".to_owned(),
            Some("are the host and the port right, and no firewall in between?"),
        ),
        ConnectionError::ConnectionSetupRequestError(setup) => match setup.get_error() {
            ConnectionSetupRequestErrorKind::MissingAuthentication => (
                "the server wants a user and a password".to_owned(),
                Some("write them into the URL: `scylla://user:password@…`"),
            ),
            ConnectionSetupRequestErrorKind::DbError(_, message) => (message.clone(), None),
            ConnectionSetupRequestErrorKind::BrokenConnection(_) => (
                "the connection was closed before it began".to_owned(),
                Some("where the server wants TLS, write `tls=true` into the URL"),
            ),
            other => (other.to_string(), None),
        },
        other => (other.to_string(), None),
    }
}
