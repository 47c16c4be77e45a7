//! The variables that are known beside those of the stores: where else each may stand, and what counts where nobody
//! says it.

/// One variable.
pub struct Known {
    pub name: &'static str,
    /// Its key in `updown.toml`.
    pub key: &'static str,
    /// What counts where it is not said, for people.
    #[cfg_attr(not(feature = "cli"), allow(dead_code))]
    pub default: &'static str,
}

const fn known(name: &'static str, key: &'static str, default: &'static str) -> Known {
    Known { name, key, default }
}

/// In the order in which they are shown.
pub const KNOWN: &[Known] = &[
    known("ENV", "env", "development where every URL is local, else production"),
    known("AUTO_MIGRATE", "auto-migrate", "true in development, else false"),
    known("FORCE_MIGRATION", "force-migration", "false"),
    known("SERVICE", "service", "none"),
    known("MIGRATIONS_DIR", "migrations-dir", "the workspace's own program, or migrations, or db/migrations"),
    known("MIGRATIONS_FORMAT", "migrations-format", "as it is recognised"),
    known("UPDOWN_ACTOR", "actor", "user and host"),
    known("UPDOWN_LEDGER_SCHEMA", "ledger-schema", "the first of the search path"),
    known("UPDOWN_WAIT_FOR_DATABASE", "wait-for-database", "60s"),
    known("UPDOWN_WAIT_FOR_LOCK", "wait-for-lock", "60s"),
    known("UPDOWN_LOCK_TIMEOUT", "lock-timeout", "5s"),
    known("UPDOWN_LOCK_RETRIES", "lock-retries", "5"),
    known("UPDOWN_STATEMENT_TIMEOUT", "statement-timeout", "as the server has it"),
    known("UPDOWN_TIMEOUT", "timeout", "none"),
    known("UPDOWN_MIGRATION_TIMEOUT", "migration-timeout", "none"),
    known("UPDOWN_USE_TRANSACTIONS", "use-transactions", "true"),
    known("UPDOWN_HEALTH_TIMEOUT", "health-timeout", "3s"),
    known("UPDOWN_REFUSE_NEWER_DATABASE", "refuse-newer-database", "false"),
    known("UPDOWN_BACKUP", "backup", "false"),
    known("UPDOWN_BACKUP_DIR", "backup-dir", "backups at the workspace's root"),
    known("UPDOWN_BACKUP_COMMAND", "backup-command", "pg_dump on PostgreSQL, a copy on SQLite"),
    known("UPDOWN_REFRESH_SCHEMA", "refresh-schema", "true"),
];

/// The one of `names` that was probably meant.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &str| strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase());
    let near = names.into_iter().map(|name| (distance(name), name)).min()?;
    (near.0 <= 2.max(wrong.len() / 4)).then_some(near.1)
}
