//! The ways of a step and of a transaction, on the CockroachDB that `COCKROACH_URL` names. Without one, on a
//! simulated one, which shows that these tests can be passed.

use diesel::PgConnection;
use updown::{Config, Migrator, Project, Registry, Request, Selection};

use crate::support::Fixture;
use crate::support::cockroach::{Simulated, real_url};

/// Runs on a database of its own.
fn on_each(test: impl Fn(&str)) {
    if let Some(server) = real_url() {
        let nothing = Project::of(Registry::<PgConnection>::from_migrations(Vec::new()));
        let scratch = updown::testing::database_on(&server, nothing).expect("a role that may make databases");
        test(scratch.url("main").expect("the one store"));
    } else if let Some(simulated) = Simulated::new() {
        test(simulated.url());
    }
}

fn fixture(url: &str, project: &str) -> Fixture {
    Fixture::beside(url, project).var("FIXTURE_COCKROACH", "1")
}

#[test]
fn the_example_goes_up_and_down() {
    on_each(|url| {
        let run = |request: &Request| {
            let config = Config::empty().url("cockroachdb", url);
            Migrator::new(migrations::project()).with_config(config).run(request).expect("it runs")
        };
        assert_eq!(run(&Request::migrate()).applied.len(), 5);
        assert!(run(&Request::migrate()).is_empty());
        assert_eq!(run(&Request::Rollback(Selection::LastBatch)).rolled_back.len(), 5);
        assert_eq!(run(&Request::migrate()).batch_no, Some(2));
    });
}

#[test]
fn every_command() {
    on_each(|url| {
        let fixture = fixture(url, "example");
        for command in [
            &["status"][..],
            &["migrate", "--dry-run"],
            &["migrate", "--step", "2"],
            &["migrate"],
            &["status", "--check"],
            &["history"],
            &["verify"],
            &["redo", "--step", "3"],
            &["fresh"],
            &["lock"],
            &["lock", "--release", "--yes"],
            &["rollback"],
        ] {
            fixture.run(command).exits(0);
        }
    });
}

#[test]
fn every_kind_of_step() {
    on_each(|url| {
        let fixture = fixture(url, "steps");
        fixture.run(&["migrate"]).exits(0).says("3 migrations applied");
        fixture.run(&["rollback"]).exits(0).says("3 migrations rolled back");
    });
}

#[test]
fn what_is_refused_leaves_nothing() {
    on_each(|url| {
        let body = fixture(url, "body").var("BAD", "INSERT INTO good VALUES (1); CREATE TABLE t (a INT)");
        body.run(&["migrate"]).exits(1).says("was not sent");
        let steps = "CREATE UNIQUE INDEX good_id ON good (id)\nCREATE INDEX nothing ON good (nothing)";
        let fixture = fixture(url, "statements").var("STEPS", steps);
        fixture.run(&["resolve", "m1_good", "--rolled-back", "--reason", "another list"]).exits(0);
        fixture.run(&["resolve", "m1_good", "--applied", "--reason", "it is there"]).exits(0);
        fixture.run(&["migrate"]).exits(1).says("nothing");
        let fixture =
            fixture.var("STEPS", "CREATE UNIQUE INDEX good_id ON good (id)\nINSERT INTO good VALUES (1)");
        fixture.run(&["migrate"]).exits(0);
    });
}

#[test]
fn six_first_starts_at_once() {
    on_each(|url| {
        let fixture = fixture(url, "example");
        let children: Vec<_> = (0..6).map(|_| fixture.start(&["migrate"])).collect();
        for child in children {
            crate::support::Ran::of(child.wait_with_output().expect("it ends")).exits(0);
        }
        fixture.run(&["status", "--check"]).exits(0);
    });
}
