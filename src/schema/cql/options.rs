//! The options that a table can have.

/// What Cassandra 4 and 5 and ScyllaDB know; each knows some of them.
/// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/ddl.html#create-table-options>,
/// <https://docs.scylladb.com/manual/stable/cql/ddl.html#other-table-options>,
/// <https://docs.scylladb.com/manual/stable/cql/cql-extensions.html>
pub const KNOWN: [&str; 28] = [
    "additional_write_policy",
    "allow_auto_snapshot",
    "auto_repair",
    "bloom_filter_fp_chance",
    "caching",
    "cdc",
    "comment",
    "compaction",
    "compression",
    "crc_check_chance",
    "default_time_to_live",
    "encryption_options",
    "extensions",
    "gc_grace_seconds",
    "in_memory",
    "incremental_backups",
    "max_index_interval",
    "memtable",
    "memtable_flush_period_in_ms",
    "min_index_interval",
    "paxos_grace_seconds",
    "per_partition_rate_limit",
    "read_repair",
    "scylla_encryption_options",
    "speculative_retry",
    "synchronous_updates",
    "tablets",
    "tombstone_gc",
];

/// Twenty years, in seconds: more is refused.
/// <https://github.com/apache/cassandra/blob/trunk/src/java/org/apache/cassandra/cql3/Attributes.java>
pub const LONGEST_TIME_TO_LIVE: u32 = 20 * 365 * 24 * 60 * 60;

/// The one that was perhaps meant.
pub fn similar(name: &str) -> Option<&'static str> {
    let distance = |known: &&str| strsim::damerau_levenshtein(name, known);
    KNOWN.into_iter().min_by_key(distance).filter(|known| distance(known) <= 3)
}
