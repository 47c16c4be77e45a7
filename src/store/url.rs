//! Which database a URL means. By its scheme alone: a typo must not create a SQLite file.

#[cfg(feature = "postgres")]
mod server;
#[cfg(test)]
mod tests;

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
    // Which of the two it is, the server says.
    #[cfg(feature = "postgres")]
    ("cockroachdb", Scheme::Postgres),
    #[cfg(feature = "postgres")]
    ("cockroach", Scheme::Postgres),
];

/// What a URL has besides libpq's own parameters: a PostgreSQL that is to be treated as another database,
/// to try that out.
#[cfg(feature = "postgres")]
const SIMULATE: &str = "updown_simulate";

/// Those of [`ScyllaUrl`](super::scylla::ScyllaUrl).
#[cfg(feature = "scylla")]
pub const SCYLLA: [&str; 2] = ["scylla", "cassandra"];

/// Schemes that this build does not understand, with the cargo feature that brings them.
const OTHERS: [(&str, Option<&str>); 10] = [
    ("sqlite", Some("sqlite")),
    ("sqlite3", Some("sqlite")),
    ("postgres", Some("postgres")),
    ("postgresql", Some("postgres")),
    ("cockroach", Some("postgres")),
    ("cockroachdb", Some("postgres")),
    ("mysql", None),
    ("mariadb", None),
    ("scylla", Some("scylla")),
    ("cassandra", Some("scylla")),
];

/// The kind, and what stands behind `scheme:`.
pub fn parse(url: &str) -> Result<(Scheme, &str), StoreError> {
    let open = |why: String, hint: &str| StoreError::Url { target: shown(url), why, hint: hint.to_owned() };
    let is_scheme =
        |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let Some((scheme, rest)) = url.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        // What is no file's name may be libpq's `host=… password=…`, and is not repeated.
        let file =
            if url.is_empty() { Some("dev.db") } else { Some(url).filter(|url| !url.contains(['=', '@'])) };
        return Err(open(
            "it has no scheme, so that it could mean any database".to_owned(),
            &match file {
                Some(file) => format!("write `DATABASE_URL=sqlite:{file}` for a SQLite file"),
                None => "write a URL: `DATABASE_URL=postgres://user@host/name`".to_owned(),
            },
        ));
    };
    let wanted = scheme.to_ascii_lowercase();
    if let Some((_, kind)) = SCHEMES.iter().find(|(name, _)| *name == wanted) {
        #[cfg(feature = "postgres")]
        if *kind == Scheme::Postgres {
            if scheme != wanted {
                return Err(open(
                    "libpq knows its scheme in small letters only".to_owned(),
                    &format!("write `{wanted}:`"),
                ));
            }
            server::Server::parse(rest).map_err(|why| {
                open(
                    why.to_owned(),
                    "write `postgres://user@host:5432/name`; in a password `%40` stands for `@`, `%2F` for `/` and \
                     `%25` for `%`",
                )
            })?;
            if let Some(other) = simulated(url).filter(|name| *name != "cockroachdb") {
                return Err(open(
                    format!("`{SIMULATE}={other}` is nothing that can be simulated"),
                    &format!("write `{SIMULATE}=cockroachdb`, or leave it away"),
                ));
            }
        }
        return Ok((*kind, rest));
    }
    #[cfg(feature = "scylla")]
    if SCYLLA.contains(&wanted.as_str()) {
        super::scylla::ScyllaUrl::parse(url)?;
        return Err(open(
            "the migrations are written against another kind of database".to_owned(),
            "open it with `updown::scylla::ScyllaConnection`",
        ));
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

/// Which database a PostgreSQL is to be treated as.
#[cfg(feature = "postgres")]
pub fn simulated(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(SIMULATE)?.strip_prefix('='))
}

/// What the statements of a database are written in, by its URL; `None` where that makes no sense.
#[cfg(feature = "schema")]
pub fn dialect_of(url: &str) -> Option<crate::sql::Dialect> {
    #[cfg(feature = "scylla")]
    if super::scylla::ScyllaUrl::parse(url).is_ok() {
        return Some(crate::sql::Dialect::Cql);
    }
    parse(url).ok().map(|(scheme, _)| match scheme {
        #[cfg(feature = "sqlite")]
        Scheme::Sqlite => crate::sql::Dialect::Sqlite,
        #[cfg(feature = "postgres")]
        Scheme::Postgres => crate::sql::Dialect::Postgres,
    })
}

/// The URL as libpq takes it: with a scheme of its own, and without parameters of ours.
#[cfg(feature = "postgres")]
pub fn for_libpq(url: &str) -> String {
    let url = match url.split_once("://") {
        Some(("cockroachdb" | "cockroach", rest)) => format!("postgres://{rest}"),
        _ => url.to_owned(),
    };
    let Some((address, query)) = url.split_once('?') else { return url };
    let others: Vec<&str> =
        query.split('&').filter(|pair| pair.split('=').next() != Some(SIMULATE)).collect();
    if others.is_empty() { address.to_owned() } else { format!("{address}?{}", others.join("&")) }
}

/// The URL without its password, and the password.
#[cfg(feature = "postgres")]
pub use server::without_password;

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
    #[cfg(feature = "scylla")]
    if let Ok(url) = super::scylla::ScyllaUrl::parse(url) {
        return url.is_local();
    }
    match parse(url) {
        #[cfg(feature = "sqlite")]
        Ok((Scheme::Sqlite, _)) => true,
        #[cfg(feature = "postgres")]
        Ok((Scheme::Postgres, rest)) => {
            server::Server::parse(rest).is_ok_and(|server| server.is_local(variable))
        }
        Err(_) => false,
    }
}

#[cfg(feature = "postgres")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The URL with which a connection is encrypted, or stays on this machine, or was allowed in so many
/// words to be neither. libpq's own default, `prefer`, goes on without encryption where the server
/// has none, and says nothing.
/// <https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>
///
/// `from_environment` is `PGSSLMODE`.
#[cfg(feature = "postgres")]
pub fn encrypted(url: &str, from_environment: Option<&str>) -> Result<String, StoreError> {
    encrypted_in(url, |name| match name {
        "PGSSLMODE" => from_environment.map(str::to_owned),
        _ => variable(name),
    })
}

/// Whether a service's file says what the URL leaves open.
#[cfg(feature = "postgres")]
pub fn has_service(url: &str) -> bool {
    parse(url).is_ok_and(|(_, rest)| {
        server::Server::parse(rest).is_ok_and(|server| server.service(variable).is_some())
    })
}

#[cfg(feature = "postgres")]
fn encrypted_in(url: &str, env: impl Fn(&str) -> Option<String>) -> Result<String, StoreError> {
    let (_, rest) = parse(url)?;
    let server = server::Server::parse(rest).unwrap_or_default();
    let refused = |why: String| {
        StoreError::Url {
        target: shown(url),
        why,
        hint: "write `sslmode=verify-full` (or `require`) into the URL; `sslmode=disable` where it really has to be \
               without encryption"
            .to_owned(),
    }
    };
    if server.is_local(&env) {
        return Ok(url.to_owned());
    }
    match server.sslmode.as_deref() {
        Some("require" | "verify-ca" | "verify-full" | "disable") => return Ok(url.to_owned()),
        Some(mode) => {
            return Err(refused(format!(
                "sslmode={mode} goes on without encryption where the server has none"
            )));
        }
        None => {}
    }
    // Its file goes over PGSSLMODE, and must not be weakened by what is written into the URL here.
    if let Some(service) = server.service(&env) {
        return Err(refused(format!(
            "the service {service:?} may name another machine, and whether its connection is encrypted is not known"
        )));
    }
    if matches!(env("PGSSLMODE").as_deref(), Some("require" | "verify-ca" | "verify-full")) {
        return Ok(url.to_owned());
    }
    let separator = if server.has_query { '&' } else { '?' };
    Ok(format!("{url}{separator}sslmode=require"))
}

/// A URL without its password, also where that was not percent-encoded, or the scheme was forgotten.
pub fn shown(url: &str) -> String {
    let url = without_parameter(url);
    let Some((scheme, rest)) = url.split_once("://") else {
        return match url.rfind('@') {
            Some(at) => format!("***{}", &url[at..]),
            None => masked(&url),
        };
    };
    match (rest.find([':', '@']), rest.rfind('@')) {
        (Some(user), Some(host)) if user < host && !scheme.starts_with("sqlite") => {
            format!("{scheme}://{}:***{}", &rest[..user], &rest[host..])
        }
        _ => masked(&url),
    }
}

/// `password=…` and `sslpassword=…`, in a URL and in libpq's other form.
fn without_parameter(url: &str) -> String {
    const NAME: &str = "password=";
    let (mut shown, mut rest) = (String::new(), url);
    while let Some(found) = rest.to_ascii_lowercase().find(NAME) {
        let (before, value) = rest.split_at(found + NAME.len());
        shown.push_str(before);
        shown.push_str("***");
        // A quoted value is hidden to the end of it all.
        let end =
            if value.starts_with('\'') { None } else { value.find(|c: char| c == '&' || c.is_whitespace()) };
        rest = end.map_or("", |end| &value[end..]);
    }
    shown + rest
}

/// The same server, and another database (or keyspace) on it.
#[cfg(any(feature = "postgres", all(feature = "scylla", feature = "schema")))]
pub fn with_database(url: &str, name: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (url, String::new()),
    };
    let authority = address.find("://").map_or(0, |at| at + "://".len());
    let end = address[authority..].find('/').map_or(address.len(), |at| authority + at);
    format!("{}/{name}{query}", &address[..end])
}
