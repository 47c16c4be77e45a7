//! What a database answered.

use crate::ledger::Tool;

/// What a database answered, told apart as far as the engine has to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It could not be opened.
    #[error("cannot open {target}: {why}")]
    Open {
        /// The URL, without its password.
        target: String,
        /// Why.
        why: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Its URL makes no sense, or names a database that this build cannot talk to.
    #[error("cannot use {target}: {why}")]
    Url {
        /// The URL, without its password.
        target: String,
        /// Why.
        why: String,
        /// What to write instead.
        hint: String,
    },
    /// Another connection has it locked.
    #[error("the database is locked by another connection")]
    Busy,
    /// A database to try migrations out on could not be made.
    #[error("no scratch database could be made: {0}")]
    Scratch(String),
    /// It can only be read.
    #[error("the database is read-only")]
    ReadOnly,
    /// There is no room.
    #[error("the database or its disk is full")]
    Full,
    /// The body ended the transaction that the engine had opened for it.
    #[error("the body ended its own transaction (COMMIT or ROLLBACK)")]
    LeftTransaction,
    /// The body changes the schema in a transaction, on a database that does not undo that with one.
    #[error("`{statement}` was not sent: the database does not change its schema in a transaction")]
    SchemaInTransaction {
        /// The beginning of it.
        statement: String,
    },
    /// The database began a change of the schema, and did not finish it.
    #[error("the change of the schema was not finished: {0}")]
    SchemaChange(String),
    /// Foreign keys do not hold after a migration that turned them off.
    #[error("foreign keys do not hold: {0}")]
    ForeignKeys(String),
    /// Another run has taken the lease over.
    #[error("the lease was lost to another run: nothing more was done")]
    LeaseLost,
    /// `schema_migrations` belongs to another tool.
    #[error("the table schema_migrations was made by {tool}, and is left alone")]
    ForeignLedger {
        /// Whose it is.
        tool: &'static str,
    },
    /// The list of its migrations makes no sense.
    #[error("{message}")]
    List {
        /// What is wrong with it.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The ledger is in a schema further down the search path than the one that comes first now.
    #[error("the ledger is in schema {found}, but the search path begins with {current}")]
    LedgerElsewhere {
        /// Where it is.
        found: String,
        /// Where one would be made.
        current: String,
    },
    /// It said nothing for so long.
    #[error("no answer within {0:?}")]
    NoAnswer(std::time::Duration),
    /// The connection was lost, and with it the answer to what was sent.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// Anything else.
    #[error("{0}")]
    Query(String),
}

impl StoreError {
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Open { hint, .. } => return hint.clone(),
            Self::Url { hint, .. } => hint.clone(),
            Self::Scratch(_) => "let the role create databases (`ALTER ROLE … CREATEDB`), name a server where it may in the store's \
                URL, or check the other stores with `--store`"
                .to_owned(),
            Self::Busy => "end the program that keeps it locked, or wait longer with `--wait-for-lock 5m`".to_owned(),
            Self::ReadOnly => "give this user the right to write the file and its directory, or use another `DATABASE_URL`".to_owned(),
            Self::Full => "make room; then the same command goes on from here".to_owned(),
            Self::LeaseLost => "`updown lock` shows who has it; the same command again goes on from what the ledger says".to_owned(),
            Self::ForeignLedger { tool } if Tool::ALL.iter().any(|known| known.title() == *tool) => {
                "`updown adopt --dry-run` shows what it says, and `updown adopt` takes it over; or use another database \
                 (`DATABASE_URL`)"
                    .to_owned()
            }
            Self::ForeignLedger { .. } => {
                "use another database (`DATABASE_URL`), or rename that table before the first `updown migrate`".to_owned()
            }
            Self::LedgerElsewhere { found, current } => format!(
                "say which one is meant: `--ledger-schema {found}`, or `--ledger-schema {current}` for a new one"
            ),
            Self::List { hint, .. } => hint.clone(),
            Self::NoAnswer(_) => "check that the server runs and is not overloaded; `UPDOWN_HEALTH_TIMEOUT` says how long an answer may take"
                .to_owned(),
            Self::Lost(_) => "`updown status` shows how far it came; the same command again goes on from there".to_owned(),
            Self::LeftTransaction
            | Self::SchemaInTransaction { .. }
            | Self::SchemaChange(_)
            | Self::ForeignKeys(_)
            | Self::Query(_) => return None,
        })
    }
}
