//! `updown adopt`: a database that another tool has migrated is taken over, and given back.

#[cfg(feature = "scylla")]
mod cql;
mod killed;
mod ledgers;
mod named;

use crate::support::{Fixture, Ran, Store, for_each_store};
use killed::killed_at_every_statement;
use ledgers::{UP, diesel, everything, golang_migrate, goose, ledgers, sqlx};
use named::{a_table_of_another_name_is_taken_over, a_table_of_our_own_name_makes_room_whosever_it_is};

for_each_store!(; sql:
    each_ledger_is_taken_over_and_what_is_new_is_run,
    each_ledger_is_given_back_as_it_was,
    until_it_is_taken_over_nothing_is_migrated,
    a_dry_run_shows_it_and_writes_nothing,
    what_is_dirty_is_refused_until_it_is_said_how_it_stands,
    what_is_missing_in_the_list_is_named,
    of_two_ledgers_it_is_asked_which_is_meant,
    a_database_without_one_says_so,
    an_empty_ledger_is_taken_over,
    what_is_of_something_else_is_left_alone,
    a_ledger_with_something_in_it_is_no_place_for_another,
    nobody_may_be_at_work,
    what_was_done_since_is_not_given_back,
    a_checksum_that_differs_is_said,
    the_same_again_has_nothing_to_do,
    two_at_once_take_it_over_once,
    another_service_takes_over_its_own,
    killed_at_every_statement,
    a_table_of_another_name_is_taken_over,
    a_table_of_our_own_name_makes_room_whosever_it_is,
);

fn applied(fixture: &Fixture) -> Vec<String> {
    let status = fixture.run(&["status", "--json"]).exits(0).json();
    let migrations = status["stores"][0]["migrations"].as_array().expect("a list").iter();
    let applied = migrations.filter(|entry| entry["state"] == "applied");
    applied.map(|entry| entry["name"].as_str().expect("a name").to_owned()).collect()
}

fn each_ledger_is_taken_over_and_what_is_new_is_run(store: Store) {
    for ledger in ledgers(store) {
        let (fixture, tool) = (ledger.fixture(store), ledger.tool);
        let [a, b, c] = ledger.names;
        let said = fixture.run(&["adopt"]).exits(0);
        said.says(a)
            .says(b)
            .says_nothing_of(c)
            .says(&format!("2 migrations of {tool} ({})", ledger.table))
            .says("1 pending");
        assert_eq!(applied(&fixture), [a, b], "{tool}");
        let status = fixture.run(&["status", "--json"]).exits(0).json();
        let first = &status["stores"][0]["migrations"][0];
        if let Some(at) = ledger.at {
            assert_eq!(first["applied_at"].as_str(), Some(at), "{tool}");
        }
        assert_eq!(first["duration_ms"], if tool == "sqlx" { 12 } else { 0 }, "{tool}");
        fixture.run(&["verify"]).exits(0).says("is as it was");
        let history = fixture.run(&["history"]).exits(0);
        history.says("adopted").says(&format!("{tool}: {}", ledger.table)).says("batch 1");
        fixture.run(&["migrate"]).exits(0).says("1 migration applied in batch 2").says(c).says_nothing_of(b);
        assert!(fixture.database().has("c"), "{tool}");
        assert_eq!(fixture.database().batches(), [format!("{a}@1"), format!("{b}@1"), format!("{c}@2")]);
        fixture.run(&["status", "--check"]).exits(0);
        // Where there is a way back, it goes behind what was taken over, too.
        if !["sqlx", "refinery"].contains(&tool) {
            fixture.run(&["rollback", "--all"]).exits(0).says("3 migrations rolled back");
            assert!(!fixture.database().has("a"), "{tool}");
        }
    }
}

fn each_ledger_is_given_back_as_it_was(store: Store) {
    for ledger in ledgers(store) {
        let (fixture, tool) = (ledger.fixture(store), ledger.tool);
        let before = everything(&mut fixture.database(), store);
        fixture.run(&["adopt"]).exits(0);
        assert_ne!(everything(&mut fixture.database(), store), before, "{tool}");
        fixture.run(&["adopt", "--undo"]).exits(0).says(&format!("{} is {tool}'s again", ledger.table));
        assert_eq!(everything(&mut fixture.database(), store), before, "{tool}");
        fixture.run(&["adopt", "--undo"]).exits(2).says("nothing was taken over");
        fixture.run(&["adopt"]).exits(0).says("2 migrations");
        assert_eq!(applied(&fixture), ledger.names[..2], "{tool}");
    }
}

fn until_it_is_taken_over_nothing_is_migrated(store: Store) {
    for ledger in ledgers(store) {
        let (mut fixture, tool) = (ledger.fixture(store), ledger.tool);
        let before = everything(&mut fixture.database(), store);
        for command in [&["migrate"][..], &["migrate", "--dry-run"]] {
            fixture.run(command).exits(5).says("`updown adopt`").says_nothing_of("applied in batch");
        }
        fixture.run(&["status"]).says("`updown adopt`");
        for environment in
            ["test", "production"].iter().filter(|_| ["diesel", "golang-migrate"].contains(&tool))
        {
            fixture.set("ENV", environment);
            fixture.run(&["migrate", "--yes"]).exits(5).says("`updown adopt`");
            let startup = fixture.command(&["startup"]).env("FORCE_MIGRATION", "true").output().unwrap();
            Ran::of(startup).exits(5).says("`updown adopt`");
        }
        assert_eq!(everything(&mut fixture.database(), store), before, "{tool}");
    }
}

fn a_dry_run_shows_it_and_writes_nothing(store: Store) {
    for ledger in ledgers(store) {
        let (fixture, tool) = (ledger.fixture(store), ledger.tool);
        let before = everything(&mut fixture.database(), store);
        let said = fixture.run(&["adopt", "--dry-run"]).exits(0);
        said.says(ledger.names[0]).says(ledger.names[1]).says("nothing was written");
        let shown = fixture.run(&["adopt", "--dry-run", "--json"]).exits(0).json();
        let of = &shown["stores"][0];
        assert_eq!(
            (&shown["dry_run"], &of["tool"], &of["table"]),
            (&true.into(), &tool.into(), &ledger.table.into())
        );
        assert_eq!(of["migrations"][1]["name"], ledger.names[1], "{tool}");
        assert_eq!(of["pending"][0], ledger.names[2], "{tool}");
        assert_eq!(of["renamed_to"].is_string(), ledger.table == "schema_migrations", "{tool}");
        assert_eq!(everything(&mut fixture.database(), store), before, "{tool}");
        // In production it is looked at without a word, and done with one.
        let production = fixture.var("ENV", "production");
        production.run(&["adopt", "--dry-run"]).exits(0);
        production.run(&["adopt"]).exits(5).says("`adopt` would change production").says("adopt --dry-run");
        assert_eq!(everything(&mut production.database(), store), before, "{tool}");
        production.run(&["adopt", "--yes"]).exits(0);
        production.run(&["adopt", "--undo"]).exits(5).says("`adopt --undo` would change production");
    }
}

fn what_is_dirty_is_refused_until_it_is_said_how_it_stands(store: Store) {
    let golang =
        store.either("UPDATE schema_migrations SET dirty = 1", "UPDATE schema_migrations SET dirty = true");
    let of_sqlx = store.either("success = 0", "success = false");
    let of_sqlx = format!("UPDATE _sqlx_migrations SET {of_sqlx} WHERE version = 20240102000000");
    for (ledger, dirty, version) in [(golang_migrate(), golang, "2"), (sqlx(), &*of_sqlx, "20240102000000")] {
        let [a, b, _] = ledger.names;
        for (how, wanted) in [("applied", &[a, b][..]), ("not-applied", &[a])] {
            let fixture = ledger.fixture(store);
            fixture.database().execute(dirty);
            let before = everything(&mut fixture.database(), store);
            let said = fixture.run(&["adopt"]).exits(5);
            said.says(&format!("{version} "))
                .says("dirty in")
                .says("--dirty applied")
                .says("--dirty not-applied");
            assert_eq!(everything(&mut fixture.database(), store), before, "{how}");
            fixture.run(&["adopt", "--dirty", how]).exits(0);
            assert_eq!(applied(&fixture), wanted, "{} {how}", ledger.tool);
            let history = fixture.run(&["history"]).exits(0).stdout;
            assert_eq!(history.contains("by word of"), how == "applied", "{history}");
        }
    }
}

fn what_is_missing_in_the_list_is_named(store: Store) {
    for ledger in [diesel(), sqlx(), goose()] {
        let fixture = ledger.fixture(store);
        let before = everything(&mut fixture.database(), store);
        for (path, _) in ledger.files.iter().filter(|(path, _)| !path.starts_with(ledger.names[2])) {
            std::fs::remove_file(fixture.path("migrations").join(path)).unwrap();
        }
        let said = fixture.run(&["adopt"]).exits(5).says(&format!("2 migrations of {}", ledger.tool));
        for name in ["20240101000000", "20240102000000"].iter().filter(|_| ledger.tool != "goose") {
            assert!(said.stderr.contains(name), "{name}: {said:#?}");
        }
        let json = fixture.run(&["adopt", "--json"]).exits(5).json_lines();
        assert_eq!(json[0]["names"].as_array().map(Vec::len), Some(2), "{json:?}");
        assert_eq!(everything(&mut fixture.database(), store), before);
    }
    let fixture = golang_migrate().fixture(store);
    fixture.database().execute("UPDATE schema_migrations SET version = 7");
    fixture
        .run(&["adopt"])
        .exits(5)
        .says("1 migration of golang-migrate (schema_migrations) is not in the list of store main: 7");
}

fn of_two_ledgers_it_is_asked_which_is_meant(store: Store) {
    let fixture = goose().fixture(store);
    golang_migrate().make_table(&mut fixture.database(), store);
    fixture.database().execute(&golang_migrate().rows_sql[store.either(0, 1)]);
    fixture
        .run(&["adopt"])
        .exits(2)
        .says("several ledgers")
        .says("--from golang-migrate")
        .says("--from goose");
    fixture
        .run(&["adopt", "--from", "diesel"])
        .exits(2)
        .says("no ledger of diesel")
        .says("--from golang-migrate");
    // Its table has the name that ours needs.
    fixture.run(&["adopt", "--from", "goose"]).exits(5).says("was made by golang-migrate");
    fixture.run(&["adopt", "--from", "golang-migrate"]).exits(0).says("schema_migrations_golang_migrate");
    assert_eq!(applied(&fixture), goose().names[..2]);
    fixture.run(&["adopt", "--from", "laravel"]).exits(2).says("possible values");
}

fn a_database_without_one_says_so(store: Store) {
    let fixture = golang_migrate().directory(store);
    fixture.run(&["adopt"]).exits(2).says("no ledger of another tool is in the database of store main");
    fixture.run(&["adopt", "--undo"]).exits(2).says("nothing was taken over");
    assert!(fixture.home.is_untouched());
    fixture.database().execute("CREATE TABLE schema_migrations (version VARCHAR(128) PRIMARY KEY)");
    fixture.run(&["adopt"]).exits(5).says("made by Rails").says_nothing_of("`updown adopt`");
    fixture.run(&["adopt", "--undo"]).exits(2).says("nothing was taken over");
}

fn an_empty_ledger_is_taken_over(store: Store) {
    let ledger = golang_migrate();
    let fixture = ledger.directory(store);
    ledger.make_table(&mut fixture.database(), store);
    let before = everything(&mut fixture.database(), store);
    fixture.run(&["adopt"]).exits(0).says("0 migrations").says("3 pending");
    fixture.run(&["adopt", "--undo"]).exits(0);
    assert_eq!(everything(&mut fixture.database(), store), before);
    fixture.run(&["adopt"]).exits(0);
    fixture.run(&["migrate"]).exits(0).says("3 migrations applied in batch 1");
    // One that is empty has nothing that would run again.
    let fixture = diesel().directory(store);
    diesel().make_table(&mut fixture.database(), store);
    fixture.run(&["migrate"]).exits(0).says("3 migrations applied");
}

fn what_is_of_something_else_is_left_alone(store: Store) {
    let fixture = Fixture::of_files(store, &[("0001_c.sql", UP[2])]);
    diesel().make(&mut fixture.database(), store);
    fixture.run(&["migrate"]).exits(5).says("--from none");
    fixture.run(&["adopt"]).exits(5).says("20240101000000");
    fixture.run(&["adopt", "--from", "none", "--dry-run"]).exits(0).says("nothing was written");
    assert!(!fixture.database().has("schema_migrations"));
    fixture.run(&["adopt", "--from", "none"]).exits(0).says("an empty ledger, 1 pending");
    fixture.run(&["adopt", "--from", "none"]).exits(0).says("already");
    fixture.run(&["migrate"]).exits(0).says("1 migration applied in batch 1");
    fixture.run(&["status"]).exits(0).says_nothing_of("adopt");
}

fn a_ledger_with_something_in_it_is_no_place_for_another(store: Store) {
    let ledger = sqlx();
    let fixture = ledger.directory(store);
    fixture.run(&["migrate"]).exits(0);
    ledger.make_table(&mut fixture.database(), store);
    fixture.database().execute(&ledger.rows_sql[store.either(0, 1)]);
    let before = everything(&mut fixture.database(), store);
    fixture.run(&["adopt"]).exits(5).says("has 3 migrations already, which were not taken over from sqlx");
    fixture.run(&["adopt", "--undo"]).exits(2).says("nothing was taken over");
    assert_eq!(everything(&mut fixture.database(), store), before);
    // Whoever has one of its own is migrated by that.
    fixture.run(&["migrate"]).exits(0).says("nothing to do");
}

fn nobody_may_be_at_work(store: Store) {
    let ledger = diesel();
    let fixture = ledger.fixture(store);
    fixture.run(&["adopt", "--from", "none"]).exits(0);
    let mut other = fixture.database();
    other.hold_lease("somebody");
    let before = everything(&mut fixture.database(), store);
    for command in
        [&["adopt", "--wait-for-lock", "200ms"][..], &["adopt", "--undo", "--wait-for-lock", "200ms"]]
    {
        fixture.run(command).exits(4).says("locked by somebody");
    }
    assert_eq!(everything(&mut fixture.database(), store), before);
    other.free_lease();
    fixture.run(&["adopt"]).exits(0);
    assert_eq!(applied(&fixture), ledger.names[..2]);
}

fn what_was_done_since_is_not_given_back(store: Store) {
    let commands: [&[&str]; 3] =
        [&["migrate"], &["rollback", "1"], &["resolve", "1", "--rolled-back", "--reason", "it is not"]];
    for command in commands {
        let fixture = golang_migrate().fixture(store);
        fixture.run(&["adopt"]).exits(0);
        fixture.run(command).exits(0);
        let before = everything(&mut fixture.database(), store);
        fixture.run(&["adopt", "--undo"]).exits(5).says("is not given back").says("since");
        assert_eq!(everything(&mut fixture.database(), store), before, "{command:?}");
    }
}

fn a_checksum_that_differs_is_said(store: Store) {
    let ledger = sqlx();
    let fixture = ledger.fixture(store);
    let [a, b, _] = ledger.names;
    fixture.write(&format!("migrations/{b}.sql"), "CREATE TABLE b (id BIGINT PRIMARY KEY);\n");
    let said = fixture.run(&["adopt"]).exits(0);
    said.says(&format!("{b} is not what sqlx has applied as 20240102000000"))
        .says_nothing_of(&format!("{a} is not"));
    let again = ledger.fixture(store).run(&["adopt", "--json"]).exits(0).json();
    let unchanged = |at: usize| again["stores"][0]["migrations"][at]["is_unchanged"].clone();
    assert_eq!((unchanged(0), unchanged(1)), (true.into(), true.into()));
}

fn the_same_again_has_nothing_to_do(store: Store) {
    let ledger = golang_migrate();
    let fixture = ledger.fixture(store);
    fixture.run(&["adopt"]).exits(0);
    let before = everything(&mut fixture.database(), store);
    fixture.run(&["adopt"]).exits(0).says("is taken over already, nothing to do");
    fixture.run(&["adopt", "--from", "golang-migrate"]).exits(0).says("already");
    assert_eq!(everything(&mut fixture.database(), store), before);
}

fn two_at_once_take_it_over_once(store: Store) {
    for ledger in [golang_migrate(), diesel()] {
        let fixture = ledger.fixture(store);
        let started: Vec<_> = (0..4).map(|_| fixture.start(&["adopt"])).collect();
        let ran = started.into_iter().map(|child| Ran::of(child.wait_with_output().unwrap()));
        let said: Vec<_> = ran.map(|ran| ran.exits(0).stdout).collect();
        let done = said.iter().filter(|said| said.contains("adopted in batch 1")).count();
        assert_eq!(done, 1, "{said:#?}");
        assert_eq!(fixture.database().history().len(), 2);
    }
}

fn another_service_takes_over_its_own(store: Store) {
    let ledger = diesel();
    let fixture = ledger.fixture(store);
    let as_service = |service: &str, args: &[&str]| {
        let all: Vec<&str> = ["--service", service].into_iter().chain(args.iter().copied()).collect();
        fixture.run(&all)
    };
    as_service("chat", &["adopt"]).exits(0);
    // What one has taken over is not asked about again.
    let list: [(&str, &str); 1] = [("0001_d.sql", "CREATE TABLE d (id INT PRIMARY KEY);\n")];
    let other = Fixture::of_files(store, &list).var("DATABASE_URL", fixture.home.url());
    other.run(&["--service", "video", "migrate"]).exits(0).says("1 migration applied");
    // The ledger is the one of both by now.
    as_service("chat", &["adopt", "--undo"]).exits(0);
    assert_eq!(fixture.database().batches(), ["0001_d@1"]);
    as_service("chat", &["migrate"]).exits(5).says("`updown adopt`");
    as_service("chat", &["adopt"]).exits(0);
    // One whose table would have to have its name again cannot be given back beside others.
    let moved = golang_migrate().fixture(store);
    moved.run(&["--service", "chat", "adopt"]).exits(0);
    let other = Fixture::of_files(store, &list).var("DATABASE_URL", moved.home.url());
    other.run(&["--service", "video", "migrate"]).exits(0);
    moved.run(&["--service", "chat", "adopt", "--undo"]).exits(5).says("the ledger is the one of video, too");
}
