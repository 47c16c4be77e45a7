//! Names in CQL: which need quotes, and which no server takes.

/// What cannot be a name without quotes: Cassandra's list, and what only ScyllaDB or DataStax have besides.
/// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/appendices.html>,
/// <https://docs.scylladb.com/manual/stable/cql/reserved-keywords.html>
const RESERVED: &str = "add allow alter and apply asc authorize batch begin by columnfamily create default delete desc \
    describe drop entries execute for from full grant if in index infinity insert into is keyspace \
    keyspaces limit materialized mbean mbeans modify nan norecursive not null of on or order primary \
    rename replace revoke schema select set table to token truncate unlogged unset update use using view \
    where with";

/// How long the name of a keyspace, a table, a view or an index may be.
/// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/ddl.html#common-definitions>
pub const LONGEST: usize = 48;

/// A name of one part, as it is written: in quotes where it would be read as another, or not at all.
pub fn quoted(name: &str) -> String {
    let mut letters = name.chars();
    let is_plain = letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && RESERVED.split(' ').all(|word| word != name);
    if is_plain { name.to_owned() } else { crate::ledger::quote_name(name) }
}

/// The name of a table, a view, an index or a type, which may have that of its keyspace before it.
pub fn object(name: &str) -> String {
    let (keyspace, name) = parts(name);
    keyspace.map_or_else(|| quoted(name), |keyspace| format!("{}.{}", quoted(keyspace), quoted(name)))
}

/// The keyspace, where one is said, and the name.
pub fn parts(name: &str) -> (Option<&str>, &str) {
    name.split_once('.').map_or((None, name), |(keyspace, name)| (Some(keyspace), name))
}

/// Several, with commas.
pub fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{object, quoted};

    #[test]
    fn what_would_be_read_otherwise_is_quoted() {
        for plain in ["users", "a1", "key", "type", "user_id", "timestamp"] {
            assert_eq!(quoted(plain), plain);
        }
        for name in ["order", "User", "user name", "1st", "_x", "", "straße", "token", "default"] {
            assert_eq!(quoted(name), format!("\"{name}\""));
        }
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
        assert_eq!(object("other.Users"), "other.\"Users\"");
    }
}
