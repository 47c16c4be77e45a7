#[cfg(feature = "sqlite")]
#[test]
fn the_scheme_decides() {
    use super::{Scheme, StoreError, parse};

    assert_eq!(parse("sqlite:///tmp/x.db").unwrap(), (Scheme::Sqlite, "///tmp/x.db"));
    for (url, hint) in [
        ("sqllite:///x", "did you mean `sqlite:`?"),
        ("x.db", "write `DATABASE_URL=sqlite:x.db` for a SQLite file"),
        ("", "write `DATABASE_URL=sqlite:dev.db` for a SQLite file"),
        ("host=db password=s3cret", "write a URL: `DATABASE_URL=postgres://user@host/name`"),
        ("host=db password=s3:cret", "write a URL: `DATABASE_URL=postgres://user@host/name`"),
        ("mysql://x", "the README lists the databases that are"),
        #[cfg(not(feature = "scylla"))]
        ("scylla://app:s3cret@db/x", "build the migrations crate with it: `features = [\"scylla\"]`"),
        #[cfg(feature = "scylla")]
        ("cassandra://app:s3cret@db/x", "open it with `updown::scylla::ScyllaConnection`"),
        ("frobnicate://x", "SQLite files are written `sqlite:dev.db`"),
    ] {
        let error = parse(url).unwrap_err();
        let StoreError::Url { hint: said, .. } = &error else { panic!("{url}") };
        assert_eq!(said, hint);
        assert!(!error.to_string().contains("cret"), "{error}");
    }
}

#[test]
fn no_password_is_shown() {
    for (url, shown) in [
        ("postgres://app:s3cret@db:5432/x?a=b", "postgres://app:***@db:5432/x?a=b"),
        ("postgres://app@db:5432/x", "postgres://app@db:5432/x"),
        ("postgres://app:s3@c/r?e#t@db/x", "postgres://app:***@db/x"),
        ("postgres://db/x?user=app&password=s3cret&a=b", "postgres://db/x?user=app&password=***&a=b"),
        ("postgres://db/x?sslpassword=s3cret", "postgres://db/x?sslpassword=***"),
        ("host=db password=s3cret user=app", "host=db password=*** user=app"),
        ("host=db password='s3 cret' user=app", "host=db password=***"),
        ("app:s3cret@db/x", "***@db/x"),
        ("sqlite:///tmp/a:b@c.db", "sqlite:///tmp/a:b@c.db"),
    ] {
        assert_eq!(super::shown(url), shown);
    }
}

#[cfg(feature = "postgres")]
mod of_postgres {
    use super::super::server::Server;
    use super::super::{StoreError, encrypted_in, parse};

    /// `PGHOST=db PGSSLMODE=prefer`.
    fn env(set: &'static str) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let mut pairs = set.split_whitespace().filter_map(|pair| pair.split_once('='));
            pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
        }
    }

    #[test]
    fn what_libpq_would_repeat_is_refused() {
        for (url, why) in [
            ("postgres:app:s3cret@db/x", "`//` is missing"),
            ("Postgres://app:s3cret@db/x", "in small letters"),
            ("postgres://app:s3cret%@db/x", "a `%` is not followed"),
            ("postgres://app:%s3cret@db/x", "a `%` is not followed"),
            ("postgres://app:s3/cret@db/x", "there is an `@` behind its host"),
            ("postgres://app:s3@cret@db/x", "there is an `@` behind its host"),
            ("postgres://app:1@s3:cret/x", "a port is not a number"),
            ("postgres://app:s3cret/x", "a port is not a number"),
            ("postgres://::1/x", "a port is not a number"),
            ("postgres://db/x?s3cret", "a parameter has no `=`"),
        ] {
            let error = parse(url).unwrap_err();
            let StoreError::Url { why: said, .. } = &error else { panic!("{url}") };
            assert!(said.contains(why), "{url}: {said}");
        }
        for url in [
            "postgres://",
            "postgres://app:s3%40cret:x?y#z@db:5432,[::1]:1,:2/x?a=b&",
            "postgresql://?service=x",
            "postgres:///x",
        ] {
            assert!(parse(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn loopback_and_sockets_are_local() {
        for (rest, set, local) in [
            ("//u:p@localhost:5432/x", "", true),
            ("//LOCALHOST", "", true),
            ("///x?host=/run/postgresql", "", true),
            ("//[::1]:5432/x", "", true),
            ("//127.0.0.1,127.0.0.2/x", "", true),
            ("//%2frun%2Fpostgresql/x", "", true),
            ("//db.example.com/x", "", false),
            ("//localhost,db.example.com/x", "", false),
            ("///x?host=db.example.com", "", false),
            ("///x?ho%73t=%64b.example.com", "", false),
            ("///x?host=db.example.com&host=localhost", "", true),
            ("//localhost/x?hostaddr=10.0.0.1", "", false),
            ("//localhost:p?w@db.example.com/x", "", false),
            ("//:p?w@db.example.com", "", false),
            // What the URL leaves open, the environment says.
            ("///x", "", true),
            ("///x", "PGHOST=db.example.com", false),
            ("///x", "PGHOST=/run/postgresql", true),
            ("///x", "PGHOST=localhost,db.example.com", false),
            ("//localhost/x", "PGHOST=db.example.com", true),
            ("//:5432/x", "PGHOST=db.example.com", false),
            ("//localhost/x", "PGHOSTADDR=10.0.0.1", false),
            ("//localhost/x?hostaddr=127.0.0.1", "PGHOSTADDR=10.0.0.1", true),
            // A service goes before the environment.
            ("//?service=x", "", false),
            ("///x", "PGSERVICE=x", false),
            ("//localhost/x", "PGSERVICE=x", false),
            ("//localhost/x?hostaddr=127.0.0.1", "PGSERVICE=x", true),
        ] {
            assert_eq!(Server::parse(rest).unwrap().is_local(env(set)), local, "{rest} {set}");
        }
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        for (url, set, asked) in [
            ("postgres://localhost/x", "", Some("postgres://localhost/x")),
            ("postgres://db/x", "", Some("postgres://db/x?sslmode=require")),
            ("postgres://db/x?a=b", "", Some("postgres://db/x?a=b&sslmode=require")),
            ("postgres://app:p?w@db/x", "", Some("postgres://app:p?w@db/x?sslmode=require")),
            ("postgres://db/x", "PGSSLMODE=disable", Some("postgres://db/x?sslmode=require")),
            ("postgres://db/x", "PGSSLMODE=verify-full", Some("postgres://db/x")),
            ("postgres:///x", "PGHOST=db", Some("postgres:///x?sslmode=require")),
            ("postgres://db/x?ssl=true", "", Some("postgres://db/x?ssl=true")),
            ("postgres://db/x?sslmode=verif%79-full", "", Some("postgres://db/x?sslmode=verif%79-full")),
            ("postgres://db/x?sslmode=require&sslmode=prefer", "", None),
            // What the service's file says is not known, and not to be weakened.
            ("postgres://?service=x", "", None),
            ("postgres://db/x", "PGSERVICE=x PGSSLMODE=require", None),
            ("postgres://?service=x&sslmode=require", "", Some("postgres://?service=x&sslmode=require")),
        ] {
            assert_eq!(encrypted_in(url, env(set)).ok().as_deref(), asked, "{url} {set}");
        }
        for mode in ["require", "verify-ca", "verify-full", "disable"] {
            let url = format!("postgres://db/x?sslmode={mode}");
            assert_eq!(encrypted_in(&url, env("")).ok(), Some(url.clone()));
        }
        for mode in ["prefer", "allow", ""] {
            assert!(encrypted_in(&format!("postgres://db/x?sslmode={mode}"), env("")).is_err(), "{mode}");
        }
    }
}

#[cfg(feature = "postgres")]
#[test]
fn what_is_not_libpqs_is_taken_out() {
    use super::{Scheme, for_libpq, parse, simulated};
    for (url, wanted) in [
        ("cockroachdb://u@h:26257/x?sslmode=require", "postgres://u@h:26257/x?sslmode=require"),
        ("cockroach://h/x", "postgres://h/x"),
        ("postgres://h/x?updown_simulate=cockroachdb", "postgres://h/x"),
        ("postgres://h/x?a=b&updown_simulate=cockroachdb&c=d", "postgres://h/x?a=b&c=d"),
        ("postgresql://h/x?host=/run", "postgresql://h/x?host=/run"),
    ] {
        assert_eq!(for_libpq(url), wanted);
        assert_eq!(parse(url).unwrap().0, Scheme::Postgres, "{url}");
    }
    assert_eq!(simulated("postgres://h/x?a=b&updown_simulate=cockroachdb"), Some("cockroachdb"));
    assert_eq!(simulated("postgres://updown_simulate=x@h/x"), None);
    let refused = parse("postgres://h/x?updown_simulate=oracle").unwrap_err().to_string();
    assert!(refused.contains("updown_simulate=oracle"), "{refused}");
}

#[cfg(feature = "postgres")]
#[test]
fn a_password_is_taken_out_as_it_is_meant() {
    for (url, without, password) in [
        (
            "postgres://app:p%40ss@db:5432/x?sslmode=require",
            "postgres://app@db:5432/x?sslmode=require",
            Some("p@ss"),
        ),
        (
            "postgres://app@db/x?password=a%20b&sslmode=disable",
            "postgres://app@db/x?sslmode=disable",
            Some("a b"),
        ),
        ("postgres://app:one@db/x?password=two", "postgres://app@db/x", Some("two")),
        ("postgres://app@/x?host=/run/pg", "postgres://app@/x?host=/run/pg", None),
        ("postgres:///x", "postgres:///x", None),
    ] {
        assert_eq!(super::without_password(url), (without.to_owned(), password.map(str::to_owned)), "{url}");
    }
}
