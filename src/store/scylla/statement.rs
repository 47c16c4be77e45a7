//! What kind of statement it is, by its first word.

/// Whether a statement changes the schema: those are answered before every node knows of it.
pub fn changes_schema(cql: &str) -> bool {
    let word = first_word(cql);
    ["CREATE", "ALTER", "DROP"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn first_word(cql: &str) -> &str {
    let mut rest = cql.trim_start();
    loop {
        let behind = if rest.starts_with("--") || rest.starts_with("//") {
            rest.split_once(['\n', '\r']).map(|(_, behind)| behind)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, behind)| behind)
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            return &rest[..end];
        };
        rest = behind.unwrap_or_default().trim_start();
    }
}

#[test]
fn the_first_word_tells() {
    for cql in
        ["CREATE TABLE x", " \n alter table x", "-- a\n// b\r\n/* c\nd */drop\ttable x", "DROP/**/TABLE x"]
    {
        assert!(changes_schema(cql), "{cql}");
    }
    for cql in ["", "INSERT", "-- CREATE", "/* CREATE", "SELECT 'CREATE'", "CREATED", "TRUNCATE x"] {
        assert!(!changes_schema(cql), "{cql}");
    }
}

/// Whether a statement that writes may be sent again where nobody knows whether it was carried out:
/// what sets values may, what reckons with them or has a condition may not.
pub fn is_repeatable(cql: &str) -> bool {
    let upper = cql.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    match first_word(cql).to_ascii_uppercase().as_str() {
        "TRUNCATE" | "SELECT" | "GRANT" | "REVOKE" | "USE" => true,
        "INSERT" | "DELETE" => !words.contains(&"IF"),
        // `n = n + 1`, of a counter or a list.
        "UPDATE" => !words.contains(&"IF") && !cql.contains(['+', '-']),
        _ => false,
    }
}

#[test]
fn what_may_be_sent_again() {
    for (cql, repeatable) in [
        ("INSERT INTO t (a) VALUES (1)", true),
        ("INSERT INTO t (a) VALUES (1) IF NOT EXISTS", false),
        ("UPDATE t SET a = 1 WHERE b = 2", true),
        ("UPDATE t SET n = n + 1 WHERE b = 2", false),
        ("DELETE FROM t WHERE a = 1", true),
        ("TRUNCATE t", true),
        ("BEGIN BATCH INSERT INTO t (a) VALUES (1); APPLY BATCH", false),
    ] {
        assert_eq!(is_repeatable(cql), repeatable, "{cql}");
    }
}
