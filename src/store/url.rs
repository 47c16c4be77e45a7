//! Which database a URL means. By its scheme alone: a typo must not create a SQLite file.

use crate::error::StoreError;
use crate::report::masked;

/// The kinds of database that a URL can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// Every scheme that this build understands.
const SCHEMES: &[(&str, Scheme)] = &[
    #[cfg(feature = "sqlite")]
    ("sqlite", Scheme::Sqlite),
    #[cfg(feature = "sqlite")]
    ("sqlite3", Scheme::Sqlite),
    #[cfg(feature = "postgres")]
    ("postgres", Scheme::Postgres),
    #[cfg(feature = "postgres")]
    ("postgresql", Scheme::Postgres),
];

/// Schemes that this build does not understand, with the cargo feature that brings them.
const OTHERS: [(&str, Option<&str>); 10] = [
    ("sqlite", Some("sqlite")),
    ("sqlite3", Some("sqlite")),
    ("postgres", Some("postgres")),
    ("postgresql", Some("postgres")),
    ("cockroach", None),
    ("cockroachdb", None),
    ("mysql", None),
    ("mariadb", None),
    ("scylla", None),
    ("cassandra", None),
];

/// The kind, and what stands behind `scheme:`.
pub fn parse(url: &str) -> Result<(Scheme, &str), StoreError> {
    let open = |why: String, hint: &str| StoreError::Url { target: shown(url), why, hint: hint.to_owned() };
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
    match OTHERS.iter().find(|(name, _)| *name == wanted) {
        Some((_, Some(feature))) => {
            return Err(open(
                format!("this program was built without updown's feature `{feature}`"),
                &format!("build the migrations crate with it: `features = [\"{feature}\"]`"),
            ));
        }
        Some((_, None)) => {
            return Err(open(
                format!("{wanted} is not supported by this version of updown"),
                "the README lists the databases that are",
            ));
        }
        None => {}
    }
    let near = SCHEMES
        .iter()
        .map(|(name, _)| *name)
        .map(|name| (strsim::damerau_levenshtein(name, &wanted), name))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    Err(match near {
        Some((_, name)) => open(format!("unknown scheme `{scheme}`"), &format!("did you mean `{name}:`?")),
        None => open(format!("unknown scheme `{scheme}`"), "SQLite files are written `sqlite:dev.db`"),
    })
}

/// A URL of another kind of database than the registry is written against.
#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub fn wrong_kind(url: &str, wanted: &str) -> StoreError {
    StoreError::Url {
        target: shown(url),
        why: format!("the migrations are written against {wanted}"),
        hint: format!("use the URL of a {wanted} database, or write them against `AnyConnection`"),
    }
}

/// Whether the database is on this machine: development may be inferred from it.
pub fn is_local(url: &str) -> bool {
    match parse(url) {
        #[cfg(feature = "sqlite")]
        Ok((Scheme::Sqlite, _)) => true,
        #[cfg(feature = "postgres")]
        Ok((Scheme::Postgres, rest)) => is_local_server(rest),
        Err(_) => false,
    }
}

/// The URL with which a connection is encrypted, or stays on this machine, or was allowed in so many
/// words to be neither. libpq's own default, `prefer`, goes on without encryption where the server
/// has none, and says nothing.
/// <https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>
///
/// `from_environment` is `PGSSLMODE`.
#[cfg(feature = "postgres")]
pub fn encrypted(url: &str, from_environment: Option<&str>) -> Result<String, StoreError> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let in_url = query.split('&').find_map(|pair| pair.strip_prefix("sslmode="));
    let refused = |why: String| {
        StoreError::Url {
        target: shown(url),
        why,
        hint: "write `sslmode=verify-full` (or `require`) into the URL; `sslmode=disable` where it really has to be \
               without encryption"
            .to_owned(),
    }
    };
    match (in_url, from_environment) {
        _ if is_local(url) => Ok(url.to_owned()),
        (Some("require" | "verify-ca" | "verify-full" | "disable"), _) => Ok(url.to_owned()),
        (Some(mode), _) => {
            Err(refused(format!("sslmode={mode} goes on without encryption where the server has none")))
        }
        (None, Some("require" | "verify-ca" | "verify-full")) => Ok(url.to_owned()),
        (None, _) => {
            let separator = if url.contains('?') { '&' } else { '?' };
            Ok(format!("{url}{separator}sslmode=require"))
        }
    }
}

/// A socket or a loopback address, for every host of the URL.
#[cfg(feature = "postgres")]
fn is_local_server(rest: &str) -> bool {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = authority.split('/').next().unwrap_or_default();
    let hosts = authority.rsplit('@').next().unwrap_or_default();
    let of_query =
        query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(name, _)| name.starts_with("host"));
    let is_local = |host: &str| {
        let name = if host.starts_with('[') { host.split(']').next() } else { host.split(':').next() };
        let name = name.unwrap_or_default().trim_start_matches('[');
        name.is_empty()
            || name == "localhost"
            || name.starts_with(['/', '@'])
            || name.starts_with("%2F")
            || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    hosts.split(',').all(is_local) && of_query.flat_map(|(_, hosts)| hosts.split(',')).all(is_local)
}

/// A URL whose `user:password@` is hidden, also where its scheme was forgotten.
pub fn shown(url: &str) -> String {
    match url.rfind('@') {
        Some(at) if !url.contains("://") => format!("***{}", &url[at..]),
        _ => masked(url),
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides() {
        assert_eq!(parse("sqlite:///tmp/x.db").unwrap(), (Scheme::Sqlite, "///tmp/x.db"));
        for (url, hint) in [
            ("sqllite:///x", "did you mean `sqlite:`?"),
            ("x.db", "write `DATABASE_URL=sqlite:x.db` for a SQLite file"),
            ("mysql://x", "the README lists the databases that are"),
            ("frobnicate://x", "SQLite files are written `sqlite:dev.db`"),
        ] {
            let StoreError::Url { hint: said, .. } = parse(url).unwrap_err() else { panic!("{url}") };
            assert_eq!(said, hint);
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn loopback_and_sockets_are_local() {
        for (url, local) in [
            ("postgres://u:p@localhost:5432/x", true),
            ("postgres:///x?host=/run/postgresql", true),
            ("postgres://[::1]/x", true),
            ("postgres://127.0.0.1,127.0.0.2/x", true),
            ("postgres://%2Frun%2Fpostgresql/x", true),
            ("postgres://db.example.com/x", false),
            ("postgres://localhost,db.example.com/x", false),
            ("postgres:///x?host=db.example.com", false),
            ("postgres://localhost/x?hostaddr=10.0.0.1", false),
        ] {
            assert_eq!(is_local(url), local, "{url}");
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        let asked = |url: &str, environment: Option<&str>| encrypted(url, environment).ok();
        let some = |url: &str| Some(url.to_owned());
        assert_eq!(asked("postgres://localhost/x", None), some("postgres://localhost/x"));
        assert_eq!(asked("postgres://db/x", None), some("postgres://db/x?sslmode=require"));
        assert_eq!(asked("postgres://db/x?a=b", None), some("postgres://db/x?a=b&sslmode=require"));
        assert_eq!(asked("postgres://db/x", Some("disable")), some("postgres://db/x?sslmode=require"));
        assert_eq!(asked("postgres://db/x", Some("verify-full")), some("postgres://db/x"));
        for mode in ["require", "verify-ca", "verify-full", "disable"] {
            let url = format!("postgres://db/x?sslmode={mode}");
            assert_eq!(asked(&url, None), Some(url.clone()));
        }
        for mode in ["prefer", "allow", ""] {
            assert_eq!(asked(&format!("postgres://db/x?sslmode={mode}"), None), None, "{mode}");
        }
    }
}
