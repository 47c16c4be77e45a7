//! What `make` builds and runs: as much as the configured stores need.

use std::process::Command;

/// What `make` would type with these variables, behind `cargo run`.
fn typed(vars: &[(&str, &str)], target: &[&str]) -> String {
    let mut make = Command::new("make");
    make.args(["-n", "CARGO=cargo"]).args(target).current_dir(env!("CARGO_MANIFEST_DIR"));
    for (name, _) in std::env::vars() {
        // Those of a `make test` around it, and whatever says where a store is.
        let address = ["DATABASE_", "DB_", "COCKROACH_", "SCYLLA_"].iter().any(|part| name.starts_with(part));
        if address || name.starts_with("MAKE") || ["MFLAGS", "LIBPQ", "STORE"].contains(&name.as_str()) {
            make.env_remove(name);
        }
    }
    // Said, and empty: what a `.env` says does not count.
    for name in ["DATABASE_URL", "COCKROACH_URL", "SCYLLA_URL"] {
        make.env(name, "");
    }
    make.envs(vars.iter().copied());
    let said = String::from_utf8(make.output().expect("make runs").stdout).unwrap();
    let behind = said.trim_end().strip_prefix("cargo run --quiet --package migrations");
    let words = behind.unwrap_or_else(|| panic!("{said}")).replace("--features ", "+");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Who runs on SQLite builds no driver, and who has a URL gets the store that it is of.
#[test]
#[cfg_attr(windows, ignore = "it needs make")]
fn it_builds_what_the_configured_stores_need() {
    for (vars, built) in [
        (&[][..], ""),
        (&[("DATABASE_URL", "sqlite:dev.db")], ""),
        (&[("DATABASE_URL", "postgres://db/app")], "+postgres"),
        (&[("DATABASE_URL", "postgres://db/app"), ("LIBPQ", "bundled")], "+postgres +bundled"),
        (&[("DATABASE_URL", "sqlite:dev.db"), ("LIBPQ", "bundled")], ""),
        (&[("COCKROACH_URL", "postgres://db/app")], "+cockroach"),
        (&[("SCYLLA_URL", "scylla://db1,db2:9042/app")], "+scylla"),
        (
            &[("DATABASE_URL", "postgresql://db/app"), ("SCYLLA_URL", "scylla://db1/app?tls_ca=/etc/ca.pem")],
            "+postgres +scylla-tls",
        ),
        (
            &[("DB_HOST", "db"), ("COCKROACH_HOST", "db"), ("SCYLLA_HOST", "db")],
            "+postgres +cockroach +scylla",
        ),
        (&[("SCYLLA_HOST", "db"), ("SCYLLA_SSLMODE", "verify-full")], "+scylla-tls"),
        (&[("SCYLLA_HOST", "db"), ("SCYLLA_SSLMODE", "disable")], "+scylla"),
        // The URL is what counts.
        (&[("DATABASE_URL", "sqlite:dev.db"), ("DB_HOST", "db")], ""),
        // The quotes of the shell are not make's.
        (&[("DATABASE_URL", "postgres://a:b$(c)'d@db/app")], "+postgres"),
    ] {
        let wanted = format!("{built} -- migrate");
        assert_eq!(typed(vars, &["migrate"]), wanted.trim_start(), "{vars:?}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "it needs make")]
fn each_store_can_be_migrated_alone() {
    for (target, wanted) in [
        (&["migrate", "STORE=cockroachdb"][..], "-- migrate --store 'cockroachdb'"),
        (&["migrate-cockroachdb", "TO=3"], "-- migrate --store cockroachdb --to '3'"),
        (&["migrate-scylladb", "DRY_RUN=1"], "-- migrate --store scylladb --dry-run"),
        (&["rollback", "STORE=scylladb", "BATCH=2"], "-- rollback --store 'scylladb' --batch '2'"),
        (&["status", "STORE=main"], "-- status --store 'main'"),
    ] {
        assert_eq!(typed(&[], target), wanted);
    }
}
