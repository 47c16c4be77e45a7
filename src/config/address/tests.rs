use super::{Address, of};
use crate::config::vars::Vars;
use crate::project::Project;

/// What is said of a store whose URL is in `APP_URL`, as that of a server with this scheme.
fn said(scheme: &'static str, process: &[(&str, &str)], file: &[(&str, &str)]) -> Result<Address, String> {
    let mut project = Project::at("", "").placeholder("main", "x").placeholder("app", "x");
    project.stores[1].scheme = Some(scheme);
    of(&Vars::of_tests(process, file), &project.stores[1]).map_err(|(why, hint)| {
        assert!(!hint.is_empty());
        why
    })
}

fn url(scheme: &'static str, parts: &[(&str, &str)]) -> String {
    let vars: Vec<(String, &str)> =
        parts.iter().map(|(name, value)| (format!("APP_{name}"), *value)).collect();
    let vars: Vec<(&str, &str)> = vars.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    match said(scheme, &vars, &[]) {
        Ok(address) => address.url.unwrap_or_default(),
        Err(why) => why,
    }
}

#[test]
fn parts_are_one_url() {
    for (scheme, parts, wanted) in [
        ("postgres", &[("HOST", "db"), ("NAME", "app")][..], "postgres://db/app"),
        (
            "postgres",
            &[
                ("HOST", "db.example.com"),
                ("PORT", "5433"),
                ("USER", "app"),
                ("PASSWORD", "a@b/c:d%e?f#g h"),
                ("NAME", "shop"),
                ("SSLMODE", "verify-full"),
            ],
            "postgres://app:a%40b%2Fc%3Ad%25e%3Ff%23g%20h@db.example.com:5433/shop?sslmode=verify-full",
        ),
        (
            "postgres",
            &[("HOST", "/run/pg"), ("USER", "a@b"), ("NAME", "ä")],
            "postgres://a%40b@%2Frun%2Fpg/%C3%A4",
        ),
        ("postgres", &[("HOST", "::1"), ("PORT", "1"), ("NAME", "x")], "postgres://[::1]:1/x"),
        ("postgres", &[("HOST", "[::1]"), ("NAME", "x")], "postgres://[::1]/x"),
        ("postgres", &[("HOST", "a, b"), ("PORT", "1,2"), ("NAME", "x")], "postgres://a:1,b:2/x"),
        ("scylla", &[("HOST", "a,b"), ("PORT", "9"), ("NAME", "x")], "scylla://a:9,b:9/x"),
        ("scylla", &[("HOST", "a"), ("NAME", "x"), ("SSLMODE", "disable")], "scylla://a/x?tls=false"),
        ("scylla", &[("HOST", "a"), ("NAME", "x"), ("SSLMODE", "require")], "scylla://a/x?tls=true"),
        ("postgres", &[], ""),
        ("postgres", &[("HOST", ""), ("PASSWORD", "")], ""),
    ] {
        assert_eq!(url(scheme, parts), wanted, "{parts:?}");
    }
}

#[test]
fn what_makes_no_sense_is_said_without_what_may_be_secret() {
    for (scheme, parts, why) in [
        ("postgres", &[("PASSWORD", "s3cret")][..], "APP_PASSWORD is set, and APP_HOST is not"),
        ("postgres", &[("NAME", "x"), ("USER", "u")], "APP_NAME is set, and APP_HOST is not"),
        ("postgres", &[("HOST", "db")], "APP_HOST is set, and APP_NAME is not"),
        (
            "postgres",
            &[("HOST", "db"), ("NAME", "x"), ("PASSWORD", "s3cret")],
            "APP_PASSWORD is set, and APP_USER is not",
        ),
        ("postgres", &[("HOST", "db:1"), ("NAME", "x")], "APP_HOST is not the name of a host"),
        ("postgres", &[("HOST", "u:s3cret@db"), ("NAME", "x")], "APP_HOST is not the name of a host"),
        ("postgres", &[("HOST", "s3cret@db"), ("NAME", "x")], "APP_HOST is not the name of a host"),
        ("postgres", &[("HOST", "a,"), ("NAME", "x")], "APP_HOST is not the name of a host"),
        ("postgres", &[("HOST", "db"), ("NAME", "x"), ("PORT", "0")], "APP_PORT=0 is not a port"),
        ("postgres", &[("HOST", "db"), ("NAME", "x"), ("PORT", "70000")], "APP_PORT=70000 is not a port"),
        (
            "postgres",
            &[("HOST", "a,b,c"), ("NAME", "x"), ("PORT", "1,2")],
            "APP_HOST has 3 hosts, and APP_PORT has 2 ports",
        ),
        ("postgres", &[("HOST", "a"), ("NAME", "x"), ("SSLMODE", "on")], "APP_SSLMODE=on makes no sense"),
        (
            "scylla",
            &[("HOST", "a"), ("NAME", "x"), ("SSLMODE", "prefer")],
            "APP_SSLMODE=prefer makes no sense here",
        ),
    ] {
        assert_eq!(url(scheme, parts), why, "{parts:?}");
        assert!(!why.contains("s3cret"));
    }
}

#[test]
fn the_process_goes_over_the_file_and_a_url_over_its_parts() {
    let host = ("APP_HOST", "host");
    let name = ("APP_NAME", "x");
    let url = ("APP_URL", "postgres://url/x");
    for (process, file, wanted) in [
        (&[url][..], &[][..], "postgres://url/x"),
        (&[], &[url], "postgres://url/x"),
        (&[], &[host, name], "postgres://host/x"),
        (&[url], &[host, name], "postgres://url/x"),
        (&[host, name], &[url], "postgres://host/x"),
        (&[host], &[url, name], "postgres://host/x"),
        // What another part of the process says is a part of what the file says.
        (&[("APP_USER", "u")], &[host, name], "postgres://u@host/x"),
        // Said to be nowhere.
        (&[("APP_URL", "")], &[url, host, name], ""),
        (&[("APP_URL", "")], &[("APP_PASSWORD", "x")], ""),
        (&[("APP_URL", ""), host], &[name], "postgres://host/x"),
    ] {
        let address = said("postgres", process, file).unwrap();
        assert_eq!(address.url.unwrap_or_default(), wanted, "{process:?} {file:?}");
        assert_eq!(address.doubt, None, "{process:?} {file:?}");
    }
    let doubt = |process: &[_], file: &[_]| said("postgres", process, file).unwrap().doubt;
    let wanted = "APP_URL says postgres://url/x, and APP_HOST and the other parts say postgres://u:***@host/x: the URL is used";
    let parts = [host, name, ("APP_USER", "u"), ("APP_PASSWORD", "s3cret")];
    assert_eq!(doubt(&[url, host], &parts[1..]).unwrap(), wanted);
    assert_eq!(doubt(&[], &[&[url][..], &parts].concat()).unwrap(), wanted);
    // The same database, by whomever.
    let same = [("APP_URL", "postgresql://me:p@HOST:5432/x?sslmode=require"), host, name, ("APP_USER", "u")];
    assert_eq!(doubt(&same, &[]), None);
    assert!(doubt(&[("APP_URL", "sqlite:x.db"), host, name], &[]).is_some());
}

#[test]
fn a_file_has_no_parts() {
    let mut project = Project::at("", "").placeholder("main", "x");
    project.stores[0].scheme = None;
    let parts = Vars::of_tests(&[("DB_PASSWORD", "x")], &[]);
    assert_eq!(of(&parts, &project.stores[0]), Ok(Address::default()));
}
