//! What a statement's failure says, and what it means for the database.

use std::fmt;
use std::time::Duration;

use ::scylla::errors::{
    BadQuery, DbError, ExecutionError, PrepareError, RequestAttemptError, SchemaAgreementError,
    UseKeyspaceError,
};

/// Where two changes of ScyllaDB's schema met.
const GROUP_0: &str = "Failed to apply group 0 change due to concurrent";

/// What a statement that failed has done to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it was refused, or never sent.
    NotApplied,
    /// All that it should, but not every node knows of it yet.
    AppliedWithoutAgreement,
    /// That is not known: an answer did not come, or came from too few nodes. One has to look.
    Unknown,
}

/// Where in a statement the server found an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// In characters from the beginning of the line, from 0, as the server counts.
    pub column: u32,
}

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The server said so.
    #[error("{}", said(error, message))]
    Database {
        /// What kind of error it is, with what belongs to it.
        error: DbError,
        /// The server's words.
        message: String,
    },
    /// It did not get as far as that, or no answer came back.
    #[error("{0}")]
    Execution(ExecutionError),
    /// The rows were read, but are not of the type that was asked for.
    #[error("the rows are of another type: {0}")]
    Rows(String),
    /// The engine did not let it be sent.
    #[error("{0}")]
    Refused(String),
    /// An earlier run, or the connection, was interrupted in it, and its effect cannot be seen.
    #[error("{0}")]
    Interrupted(String),
    /// Another run has taken the lease over.
    #[error("the lease was lost to another run: nothing more was done")]
    LeaseLost,
    /// The nodes did not come to have the same schema.
    #[error("the nodes do not agree on the schema after {waited:?}: {why}")]
    Agreement {
        /// How long that was waited for.
        waited: Duration,
        /// What was seen last.
        why: String,
    },
}

/// A statement that failed.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct ScyllaError {
    statement: String,
    effect: Effect,
    position: Option<Position>,
    cause: Box<Cause>,
}

impl ScyllaError {
    /// The statement as it was sent, without its values.
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// What it did to the database nevertheless.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Where in the statement the error is, where the server says so.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Why it failed.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// What kind of error the server's answer was, where it was one.
    pub fn database_error(&self) -> Option<&DbError> {
        match &*self.cause {
            Cause::Database { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Whether nothing was done for a reason that may be gone in a moment.
    pub(super) fn may_pass(&self) -> bool {
        match &*self.cause {
            Cause::Database { error, message } => {
                matches!(
                    error,
                    DbError::Unavailable { .. }
                        | DbError::IsBootstrapping
                        | DbError::Overloaded
                        | DbError::Unprepared { .. }
                        | DbError::RateLimitReached { .. }
                ) || message.contains(GROUP_0)
                    || self.is_race()
            }
            _ => self.is_unreachable(),
        }
    }

    /// Whether what may be sent twice is worth another try. An error inside the server is, also where it only
    /// prepared the statement: Cassandra says `Unknown CF` of a table that its catalog has and that it has not
    /// opened yet.
    pub(super) fn is_worth_another_try(&self) -> bool {
        self.effect == Effect::Unknown
            || self.may_pass()
            || matches!(self.database_error(), Some(DbError::ServerError))
    }

    /// Whether it is for the servers to mend, and not for the migration.
    pub(crate) fn is_of_the_servers(&self) -> bool {
        let asks = matches!(&*self.cause, Cause::Interrupted(_) | Cause::Rows(_));
        !asks
            && (self.may_pass()
                || self.effect != Effect::NotApplied
                || matches!(&*self.cause, Cause::Agreement { .. }))
    }

    /// The same error of a statement that the engine has sent for the sake of another one.
    pub(super) fn about(self, statement: &str) -> Self {
        Self { statement: statement.to_owned(), position: None, ..self }
    }

    /// Whether the node does not know a table.
    pub(super) fn is_of_a_missing_table(&self) -> bool {
        let Cause::Database { error: DbError::Invalid, message } = &*self.cause else { return false };
        message.contains("does not exist") || message.contains("unconfigured table")
    }

    /// Whether there was nobody to send it to.
    pub(super) fn is_unreachable(&self) -> bool {
        matches!(
            &*self.cause,
            Cause::Execution(ExecutionError::ConnectionPoolError(_) | ExecutionError::EmptyPlan)
        )
    }

    /// Two nodes have made the same table at the same time, each in its own way; Cassandra before 5.1 cannot
    /// prevent it. <https://issues.apache.org/jira/browse/CASSANDRA-10699>
    pub(super) fn is_race(&self) -> bool {
        matches!(&*self.cause, Cause::Database { message, .. } if message.contains("ID mismatch"))
    }

    pub(super) fn new(statement: &str, effect: Effect, cause: Cause) -> Self {
        let position = match &cause {
            Cause::Database { message, .. } => position(message),
            _ => None,
        };
        Self { statement: statement.to_owned(), effect, position, cause: Box::new(cause) }
    }

    pub(super) fn execution(statement: &str, error: impl Into<ExecutionError>) -> Self {
        let error = error.into();
        let effect = effect(&error);
        Self::new(statement, effect, cause(error))
    }

    /// Values that do not fit the statement: it was not sent.
    pub(super) fn values(statement: &str, error: ::scylla::errors::SerializationError) -> Self {
        Self::execution(statement, BadQuery::SerializationError(error))
    }

    /// A row is read after the statement was carried out, and nothing but reading can fail.
    pub(crate) fn rows(statement: &str, error: impl fmt::Display) -> Self {
        Self::new(statement, Effect::Unknown, Cause::Rows(error.to_string()))
    }

    /// `effect` is that of the statement without the waiting.
    pub(super) fn agreement(statement: &str, effect: Effect, waited: Duration, why: String) -> Self {
        Self::new(statement, effect, Cause::Agreement { waited, why })
    }
}

/// Some errors come without words.
fn said(error: &DbError, message: &str) -> String {
    if message.trim().is_empty() { error.to_string() } else { message.to_owned() }
}

/// The server's own error, wherever it is wrapped in.
fn cause(error: ExecutionError) -> Cause {
    use ExecutionError::{LastAttemptError, PrepareError as Prepare, UseKeyspaceError as Use};
    match error {
        LastAttemptError(RequestAttemptError::DbError(error, message))
        | Prepare(PrepareError::AllAttemptsFailed {
            first_attempt: RequestAttemptError::DbError(error, message),
        })
        | Use(UseKeyspaceError::RequestError(RequestAttemptError::DbError(error, message))) => {
            Cause::Database { error, message }
        }
        error => Cause::Execution(error),
    }
}

fn effect(error: &ExecutionError) -> Effect {
    match error {
        ExecutionError::BadQuery(_)
        | ExecutionError::EmptyPlan
        | ExecutionError::PrepareError(_)
        | ExecutionError::ConnectionPoolError(_)
        | ExecutionError::UseKeyspaceError(_) => Effect::NotApplied,
        ExecutionError::SchemaAgreementError(_) | ExecutionError::MetadataError(_) => {
            Effect::AppliedWithoutAgreement
        }
        ExecutionError::LastAttemptError(error) => attempted(error),
        // Whatever a later version of the driver adds, too.
        _ => Effect::Unknown,
    }
}

fn attempted(error: &RequestAttemptError) -> Effect {
    match error {
        RequestAttemptError::SerializationError(_)
        | RequestAttemptError::CqlRequestSerialization(_)
        | RequestAttemptError::UnableToAllocStreamId
        | RequestAttemptError::RepreparedIdChanged { .. }
        | RequestAttemptError::RepreparedIdMissingInBatch => Effect::NotApplied,
        RequestAttemptError::DbError(error, message) => answered(error, message),
        _ => Effect::Unknown,
    }
}

fn answered(error: &DbError, message: &str) -> Effect {
    match error {
        // A coordinator refuses these before it asks a replica. Not `Overloaded`: Cassandra also says it
        // when it has sent the write to some of them.
        DbError::SyntaxError
        | DbError::Invalid
        | DbError::AlreadyExists { .. }
        | DbError::AuthenticationError
        | DbError::Unauthorized
        | DbError::ConfigError
        | DbError::Unavailable { .. }
        | DbError::IsBootstrapping
        | DbError::Unprepared { .. }
        | DbError::ProtocolError
        | DbError::RateLimitReached { rejected_by_coordinator: true, .. } => Effect::NotApplied,
        // ScyllaDB's schema is a log that every change is appended to, where none came in between.
        DbError::ServerError if message.contains(GROUP_0) => Effect::NotApplied,
        _ => Effect::Unknown,
    }
}

/// The `line 1:14` of a message.
fn position(message: &str) -> Option<Position> {
    message.match_indices("line ").find_map(|(at, found)| {
        let (line, rest) = message[at + found.len()..].split_once(':')?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        Some(Position { line: line.parse().ok()?, column: rest[..digits].parse().ok()? })
    })
}

/// Whether it may be over in a moment, while one waits for the nodes to agree.
pub fn may_pass(error: &SchemaAgreementError) -> bool {
    let attempt = match error {
        SchemaAgreementError::ConnectionPoolError(_)
        | SchemaAgreementError::RequiredHostAbsent(_)
        | SchemaAgreementError::PrepareError(PrepareError::ConnectionPoolError(_)) => return true,
        SchemaAgreementError::RequestError(error)
        | SchemaAgreementError::PrepareError(PrepareError::AllAttemptsFailed { first_attempt: error }) => {
            error
        }
        _ => return false,
    };
    match attempt {
        RequestAttemptError::BrokenConnectionError(_) | RequestAttemptError::UnableToAllocStreamId => true,
        RequestAttemptError::DbError(error, _) => {
            matches!(error, DbError::Overloaded | DbError::ReadTimeout { .. } | DbError::IsBootstrapping)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use ::scylla::errors::{DbError, ExecutionError, PrepareError, RequestAttemptError, WriteType};
    use ::scylla::statement::Consistency;

    use super::{Effect, Position, ScyllaError, position};

    #[test]
    fn where_it_is() {
        for (message, expected) in [
            ("line 1:14 no viable alternative at input 'x'", Some((1, 14))),
            ("line 2:0 mismatched input", Some((2, 0))),
            ("Deadline line x:1, line 3:7", Some((3, 7))),
            ("line 3", None),
            ("unconfigured table x", None),
        ] {
            let expected = expected.map(|(line, column)| Position { line, column });
            assert_eq!(position(message), expected, "{message}");
        }
    }

    /// Twenty first starts at once met it: the table was in the catalog, and not yet open.
    #[test]
    fn a_failure_inside_the_server_while_it_prepares_is_worth_another_try() {
        let prepared = |error, message: &str| {
            let first_attempt = RequestAttemptError::DbError(error, message.to_owned());
            ScyllaError::execution("x", PrepareError::AllAttemptsFailed { first_attempt })
        };
        let error =
            prepared(DbError::ServerError, "java.lang.IllegalArgumentException: Unknown CF ea7da030-e65b");
        assert_eq!(error.effect(), Effect::NotApplied);
        assert!(error.is_worth_another_try());
        assert!(!prepared(DbError::SyntaxError, "line 1:0").is_worth_another_try());
    }

    #[test]
    fn what_it_did() {
        let write = DbError::WriteTimeout {
            consistency: Consistency::Serial,
            received: 0,
            required: 1,
            write_type: WriteType::Cas,
        };
        for (error, message, expected) in [
            (DbError::SyntaxError, "line 1:0", Effect::NotApplied),
            (DbError::Invalid, "", Effect::NotApplied),
            (write, "", Effect::Unknown),
            (DbError::Overloaded, "", Effect::Unknown),
            (DbError::ServerError, "", Effect::Unknown),
            (
                DbError::ServerError,
                "Failed to apply group 0 change due to concurrent modification",
                Effect::NotApplied,
            ),
        ] {
            let error = RequestAttemptError::DbError(error, message.to_owned());
            let error = ScyllaError::execution("x", ExecutionError::LastAttemptError(error));
            assert_eq!(error.effect(), expected, "{error:?}");
            assert!(!error.to_string().is_empty());
        }
        let timeout = ExecutionError::RequestTimeout(std::time::Duration::from_secs(1));
        assert_eq!(ScyllaError::execution("x", timeout).effect(), Effect::Unknown);
    }
}
