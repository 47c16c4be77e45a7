//! Which database a URL means. By its scheme alone: a typo must not create a SQLite file.

use crate::error::StoreError;
use crate::report::masked;

/// The kinds of database that a URL can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Sqlite,
}

/// Every scheme that is understood, with its kind and the cargo feature that brings it.
const SCHEMES: [(&str, Scheme); 2] = [("sqlite", Scheme::Sqlite), ("sqlite3", Scheme::Sqlite)];

/// Schemes of databases that are known, but not supported.
const OTHERS: [&str; 8] =
    ["postgres", "postgresql", "cockroach", "cockroachdb", "mysql", "mariadb", "scylla", "cassandra"];

/// The kind, and what stands behind `scheme:`.
pub fn parse(url: &str) -> Result<(Scheme, &str), StoreError> {
    let open =
        |why: String, hint: &str| StoreError::Open { target: shown(url), why, hint: Some(hint.to_owned()) };
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(open(
            "it has no scheme, so that it could mean any database".to_owned(),
            &format!(
                "write `DATABASE_URL=sqlite:{}` for a SQLite file",
                if url.is_empty() { "dev.db" } else { url }
            ),
        ));
    };
    let wanted = scheme.to_ascii_lowercase();
    if let Some((_, kind)) = SCHEMES.iter().find(|(name, _)| *name == wanted) {
        return Ok((*kind, rest));
    }
    if OTHERS.contains(&wanted.as_str()) {
        return Err(open(
            format!("{wanted} is not supported by this build of updown"),
            "SQLite is: `DATABASE_URL=sqlite:dev.db`",
        ));
    }
    let near = SCHEMES
        .iter()
        .map(|(name, _)| *name)
        .chain(OTHERS)
        .map(|name| (strsim::damerau_levenshtein(name, &wanted), name))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    Err(match near {
        Some((_, name)) => open(format!("unknown scheme `{scheme}`"), &format!("did you mean `{name}:`?")),
        None => open(format!("unknown scheme `{scheme}`"), "SQLite files are written `sqlite:dev.db`"),
    })
}

/// Whether the database is on this machine: development may be inferred from it.
pub fn is_local(url: &str) -> bool {
    matches!(parse(url), Ok((Scheme::Sqlite, _)))
}

/// A URL whose `user:password@` is hidden, also where its scheme was forgotten.
pub fn shown(url: &str) -> String {
    match url.rfind('@') {
        Some(at) if !url.contains("://") => format!("***{}", &url[at..]),
        _ => masked(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides() {
        assert_eq!(parse("sqlite:///tmp/x.db").unwrap(), (Scheme::Sqlite, "///tmp/x.db"));
        for (url, hint) in [
            ("sqllite:///x", "did you mean `sqlite:`?"),
            ("postgers://x", "did you mean `postgres:`?"),
            ("x.db", "write `DATABASE_URL=sqlite:x.db` for a SQLite file"),
            ("frobnicate://x", "SQLite files are written `sqlite:dev.db`"),
        ] {
            let StoreError::Open { hint: Some(said), .. } = parse(url).unwrap_err() else { panic!("{url}") };
            assert_eq!(said, hint);
        }
    }
}
