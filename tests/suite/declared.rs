//! `schema diff`, `schema sync`, the files behind a run, and `verify --schema`.

use std::fs;

use crate::support::{Fixture, Store};

const TOML: &str = "[print_schema]\nfile = \"schema.rs\"\n";

/// What the first migration makes.
const USERS: &str =
    "diesel::table! {\n    users (id) {\n        id -> BigInt,\n        email -> Text,\n    }\n}\n";

/// A project whose `schema.rs` says this.
fn project(store: Store, schema: &str) -> Fixture {
    let fixture = store.fixture("typed declared");
    fs::write(fixture.path("diesel.toml"), TOML).unwrap();
    declare(&fixture, schema);
    fixture
}

fn declare(fixture: &Fixture, schema: &str) {
    fs::write(fixture.path("schema.rs"), schema).unwrap();
}

fn declared(fixture: &Fixture) -> String {
    fs::read_to_string(fixture.path("schema.rs")).unwrap()
}

/// With one more column.
fn with(column: &str) -> String {
    USERS.replace("        email -> Text,\n", &format!("        email -> Text,\n        {column},\n"))
}

fn what_differs_is_shown(store: Store) {
    let fixture = project(store, USERS);
    fixture.run(&["schema", "diff"]).exits(3).says("create table users (id, email) (schema.rs:2)");
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["schema", "diff"]).exits(0).says("main: as schema.rs declares it");

    let posts = "diesel::table! { posts (id) { id -> BigInt, user_id -> BigInt, } }\n\
                 diesel::joinable!(posts -> users (user_id));\n";
    declare(&fixture, &format!("{}{posts}", with("nick -> Nullable<Text>")));
    let ran = fixture.run(&["schema", "diff"]).exits(3);
    let ran = ran.says("add column users.nick (text) (schema.rs:5)").says("create table posts (id, user_id)");
    ran.says("ALTER TABLE \"users\" ADD COLUMN \"nick\" text;").says("REFERENCES \"users\" (\"id\")");
    let found = fixture.run(&["schema", "diff", "--json"]).exits(3).json();
    assert_eq!(found["stores"][0]["changes"].as_array().unwrap().len(), 2, "{found:#}");
    assert_eq!(found["stores"][0]["changes"][0]["is_addition"], true, "{found:#}");

    // A type that is another one, a column that is gone, and one that may be empty.
    declare(&fixture, "diesel::table! { users (id) { id -> BigInt, email -> Nullable<Integer>, } }");
    let ran = fixture.run(&["schema", "diff"]).exits(3);
    ran.says("change the type of users.email from text to integer")
        .says("loses: ")
        .says("let users.email be null");
    declare(&fixture, USERS);
    fixture.database().execute("ALTER TABLE users ADD COLUMN extra text");
    let ran = fixture.run(&["schema", "diff"]).exits(3).says("drop column users.extra");
    ran.says("loses: the column users.extra is dropped with its values");

    // What stands beside it belongs to it, and cannot be about what is not declared.
    fixture.database().execute("ALTER TABLE users DROP COLUMN extra");
    declare(&fixture, "diesel::table! { users (id) { id -> BigInt, } }");
    let ran = fixture.run(&["schema", "diff"]).exits(2).says("the table users has no column email");
    ran.says("tests/fixture/typed/declared.rs:");
    declare(&fixture, USERS);
    fixture.database().execute("DROP INDEX users_email_idx");
    fixture.run(&["schema", "diff"]).exits(3).says("create index users_email_idx");
}

fn sync_adds_and_takes_nothing_away(store: Store) {
    let fixture = project(store, &with("nick -> Nullable<Text>"));
    let ran = fixture.run(&["schema", "sync"]).exits(0).says("applied     m1_users");
    ran.says("added    add column users.nick (text)");
    assert_eq!(fixture.database().columns("users"), ["id", "email", "nick"]);
    fixture.run(&["schema", "diff"]).exits(0);
    fixture.run(&["schema", "sync"]).exits(0).says("main: as it is declared");

    fixture.database().execute("INSERT INTO users (id, email) VALUES (1, 'a@example.org')");
    let declared = "diesel::table! { users (id) { id -> BigInt, email -> Nullable<Text>, age -> Integer, } }";
    declare(&fixture, &format!("{declared}\ndiesel::table! {{ tags (id) {{ id -> BigInt, }} }}"));
    let ran = fixture.run(&["schema", "sync"]).exits(0).says("added    create table tags (id)");
    let ran = ran.says("left     add column users.age").says("gets no value in the rows that there are");
    let ran = ran.says("left     drop column users.nick").says("left     let users.email be null");
    ran.says("`updown new NAME --diff --store main`");
    assert_eq!(fixture.database().columns("users"), ["id", "email", "nick"]);

    // A column that is new and one that is left over may be one.
    declare(&fixture, &USERS.replace("email -> Text", "email -> Text,\n        name -> Nullable<Text>"));
    fixture.run(&["schema", "sync"]).exits(0).says("it may be users.nick, called name now");
    assert_eq!(fixture.database().columns("users"), ["id", "email", "nick"]);
}

fn what_needs_what_was_left_is_left_too(store: Store) {
    let fixture = project(store, USERS).var("DECLARES_NICK", "1");
    declare(&fixture, &with("nick -> Text"));
    fixture.run(&["migrate"]).exits(0);
    fixture.database().execute("INSERT INTO users (id, email) VALUES (1, 'a@example.org')");
    let ran = fixture.run(&["schema", "sync"]).exits(0).says("left     add column users.nick");
    ran.says("left     create index users_nick_idx").says("it needs the column users.nick");
    assert_eq!(fixture.database().columns("users"), ["id", "email"]);
    // Without rows nothing is in the way.
    fixture.database().execute("DELETE FROM users");
    fixture.run(&["schema", "sync"]).exits(0).says("added    create index users_nick_idx");
}

fn sync_is_for_development_and_test(store: Store) {
    let fixture = project(store, &with("nick -> Nullable<Text>"));
    for environment in ["production", "uat"] {
        let fixture = project(store, &with("nick -> Nullable<Text>")).var("ENV", environment);
        fixture
            .run(&["schema", "sync", "--yes"])
            .exits(5)
            .says("is not done in")
            .says("`updown new NAME --diff`");
        assert!(fixture.home.is_untouched());
    }
    let unsaid = fixture.var("ENV", "");
    unsaid.run(&["schema", "sync"]).exits(5).says("nobody said that this is development");
    unsaid.var("ENV", "test").run(&["schema", "sync"]).exits(0).says("added");

    // A database that belongs to production is not one of development, whatever is said.
    let strict = project(store, USERS).var("ENV", "production");
    strict.run(&["migrate", "--yes"]).exits(0);
    declare(&strict, &with("nick -> Nullable<Text>"));
    strict.var("ENV", "development").run(&["schema", "sync"]).exits(5).says("production");
}

/// Synced, then written as a migration: it is recorded there, and made elsewhere.
fn what_sync_has_added_is_recorded(store: Store) {
    let fixture = project(store, &with("nick -> Nullable<Text>")).var("DECLARES_NICK", "1");
    let ran = fixture.run(&["schema", "sync"]).exits(0).says("added    add column users.nick");
    ran.says("added    create index users_nick_idx");
    let fixture = fixture.var("FIXTURE", "typed declared more");
    let ran = fixture.run(&["migrate"]).exits(0).says("applied     m2_nick");
    let ran = ran.says("m2_nick: to add column users.nick (text) is not needed: it is there already");
    ran.says("to create index users_nick_idx");
    fixture.run(&["status", "--check"]).exits(0);
    fixture.run(&["rollback", "--step", "1"]).exits(0);
    assert_eq!(fixture.database().columns("users"), ["id", "email"]);
    let ran = fixture.run(&["migrate"]).exits(0).says_nothing_of("is there already");
    assert_eq!(fixture.database().columns("users"), ["id", "email", "nick"]);
    drop(ran);

    // Something else under its name is not it.
    let other = project(store, &with("nick -> Nullable<Integer>"));
    other.run(&["schema", "sync"]).exits(0).says("added    add column users.nick (integer)");
    let other = other.var("FIXTURE", "typed declared more");
    other.run(&["migrate"]).exits(1).says("cannot add column users.nick (text)").says("m2_nick");
    if store == Store::Cockroach {
        return;
    }
    // Nor is it looked for where there is no sync.
    let strict = project(store, USERS).var("ENV", "production");
    strict.run(&["migrate", "--yes"]).exits(0);
    strict.database().execute("ALTER TABLE users ADD COLUMN nick text");
    strict.var("FIXTURE", "typed declared more").run(&["migrate", "--yes"]).exits(1).says("nick");
}

fn the_file_comes_along(store: Store) {
    let fixture = project(store, USERS);
    fs::remove_file(fixture.path("schema.rs")).unwrap();
    fixture.run(&["migrate"]).exits(0).says("refreshed schema.rs");
    assert!(declared(&fixture).contains("users (id) {"), "{}", declared(&fixture));
    fixture.run(&["migrate"]).exits(0).says_nothing_of("schema.rs");
    fixture.run(&["schema", "print", "--locked"]).exits(0);

    // Nobody's declaration is lost, and it is said how to go on.
    let fixture = fixture.var("FIXTURE", "typed declared more");
    let mine = format!("// Mine.\n{}", with("born -> Nullable<Date>"));
    declare(&fixture, &mine);
    let ran = fixture
        .run(&["migrate"])
        .exits(0)
        .says("m2_nick")
        .says("schema.rs declares what the database does not have");
    ran.says("add column users.born (date)").says("`updown schema sync --store main`");
    assert_eq!(declared(&fixture), mine);
    fixture.run(&["schema", "print", "--locked"]).exits(3).says("users.born");

    // Where everything is another one, not all of it is said behind a run.
    let columns: String = (0..25).map(|n| format!("more_{n} -> Nullable<Text>,\n")).collect();
    declare(&fixture, &with(columns.trim_end_matches(",\n")));
    let ran = fixture.run(&["schema", "print", "--locked"]).exits(3);
    let ran = ran.says("users.more_0").says("more: `updown schema diff --store main`");
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("  ")).count(), 21, "{ran:#?}");
    declare(&fixture, &mine);

    // Once the database has it, the file may be written again; what a rollback takes away it takes from the file.
    fixture.run(&["schema", "sync"]).exits(0).says("added    add column users.born");
    fixture.run(&["schema", "print", "--write"]).exits(0).says("wrote schema.rs");
    assert!(declared(&fixture).contains("nick -> Nullable<Text>"));
    fixture.run(&["rollback", "--step", "1"]).exits(0).says("refreshed schema.rs");
    assert!(!declared(&fixture).contains("nick") && declared(&fixture).contains("born"));

    // For CI: nothing is written, and a stale file is seen.
    let before = declared(&fixture);
    fixture.run(&["migrate", "--locked"]).exits(3).says("does not say what the database has").says("--write");
    assert_eq!(declared(&fixture), before);
    fixture.run(&["schema", "print", "--write"]).exits(0);
    fixture.run(&["migrate", "--locked"]).exits(0);
    // Elsewhere the files are nobody's concern.
    let elsewhere = fixture.var("ENV", "production");
    elsewhere.run(&["rollback", "--step", "1", "--yes"]).exits(0).says_nothing_of("schema.rs");
}

fn drift_is_found(store: Store) {
    let fixture = project(store, USERS).var("FIXTURE", "typed declared more");
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["verify", "--schema"]).exits(0).says("main: as its migrations make it");
    fixture.database().execute(
        "ALTER TABLE users ADD COLUMN by_hand integer; DROP INDEX users_nick_idx; CREATE TABLE extra (id integer)",
    );
    let ran = fixture.run(&["verify", "--schema"]).exits(3);
    let ran = ran
        .says("column users.by_hand, which no migration makes")
        .says("table extra, which no migration makes");
    let ran = ran.says("index users_nick_idx on users is gone");
    let ran = ran
        .says("DROP COLUMN \"by_hand\"")
        .says("DROP TABLE \"extra\"")
        .says("CREATE INDEX \"users_nick_idx\"");
    ran.says("`updown schema print --write --store main`, then `updown new NAME --diff --store main`");

    // What is shown brings it back.
    let found = fixture.run(&["verify", "--schema", "--json"]).exits(3).json();
    for change in found["stores"][0]["back"].as_array().unwrap() {
        for statement in change["statements"].as_array().unwrap() {
            fixture.database().execute(statement.as_str().unwrap());
        }
    }
    fixture.run(&["verify", "--schema"]).exits(0);
    // What is pending is no drift.
    fixture.run(&["rollback", "--step", "1"]).exits(0);
    fixture.run(&["verify", "--schema"]).exits(0);
}

fn what_makes_no_sense_is_said_with_its_place(store: Store) {
    let fixture = project(store, USERS);
    fixture.run(&["migrate"]).exits(0);
    declare(&fixture, "diesel::table! {\n    users (id) {\n        id -> ,\n    }\n}\n");
    let ran = fixture.run(&["schema", "diff"]).exits(2).says("schema.rs:3:").says("3 |         id -> ,");
    ran.says("              ^");
    declare(&fixture, &with("what -> Nullable<Whatever>"));
    let ran = fixture.run(&["schema", "sync"]).exits(2).says("schema.rs:5").says("Whatever");
    drop(ran);
    declare(&fixture, &with("at -> Nullable<Inet>"));
    if store == Store::Sqlite {
        fixture.run(&["schema", "diff"]).exits(2).says("schema.rs:5").says("Inet");
    }
    // A view is nobody's table.
    fixture.database().execute("CREATE VIEW adults AS SELECT id, email FROM users");
    declare(
        &fixture,
        &format!("{USERS}diesel::table! {{ adults (id) {{ id -> BigInt, email -> Text, }} }}\n"),
    );
    fixture.run(&["schema", "diff"]).exits(0).says("adults").says("view");
    // Names that need quoting.
    declare(
        &fixture,
        &format!(
            "{USERS}diesel::table! {{ adults (id) {{ id -> BigInt, email -> Text, }} }}\n\
             diesel::table! {{ #[sql_name = \"order\"] order_ (id) {{ id -> BigInt, #[sql_name = \"user name\"] \
             user_name -> Text, #[sql_name = \"Größe\"] size -> Nullable<Integer>, }} }}\n"
        ),
    );
    fixture.run(&["schema", "sync"]).exits(0).says("added    create table order");
    fixture.run(&["schema", "diff"]).exits(0);
}

fn the_examples_file_is_up_to_date(store: Store) {
    let fixture = store.fixture("example");
    fs::write(fixture.path("diesel.toml"), include_str!("../../diesel.toml")).unwrap();
    declare(&fixture, include_str!("../../schema.rs"));
    fixture.run(&["migrate"]).exits(0).says_nothing_of("refreshed");
    fixture.run(&["schema", "diff"]).exits(0).says("main: as schema.rs declares it");
}

crate::support::for_each_store! {
    ;
    sql: the_examples_file_is_up_to_date, what_needs_what_was_left_is_left_too, what_differs_is_shown, sync_adds_and_takes_nothing_away, sync_is_for_development_and_test,
    what_sync_has_added_is_recorded, the_file_comes_along, drift_is_found,
    what_makes_no_sense_is_said_with_its_place,
}

/// The one of the store `cockroachdb`.
#[cfg(feature = "postgres")]
#[test]
fn the_examples_file_for_cockroachdb_is_up_to_date() {
    if !crate::support::postgres::is_there() {
        return;
    }
    let fixture = Fixture::new("example");
    let home = crate::support::Home::new(Store::Cockroach, &fixture.path("unused"));
    let fixture = fixture.var("COCKROACH_URL", home.url());
    let dir = fixture.path("migrations/cockroachdb");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("diesel.toml"), include_str!("../../migrations/cockroachdb/diesel.toml")).unwrap();
    fs::write(dir.join("schema.rs"), include_str!("../../migrations/cockroachdb/schema.rs")).unwrap();
    fixture.run(&["migrate", "--store", "cockroachdb"]).exits(0).says_nothing_of("refreshed");
    let ran = fixture.run(&["schema", "diff", "--store", "cockroachdb"]).exits(0);
    ran.says("as migrations/cockroachdb/schema.rs declares it");
}

/// In steps, what is there is entered in the journal as done.
#[cfg(feature = "postgres")]
#[test]
fn what_sync_has_added_is_recorded_in_steps() {
    if crate::support::postgres::is_there() {
        what_sync_has_added_is_recorded(Store::Cockroach);
    }
}
