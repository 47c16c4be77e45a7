//! The connection to ScyllaDB and Cassandra, on a real server.

use std::num::NonZeroUsize;
use std::time::Duration;

use updown::scylla::driver::DeserializeRow;
use updown::scylla::driver::errors::DbError;
use updown::scylla::{Effect, Position, ScyllaConnection, ScyllaError};

use crate::support::cassandra::keyspace_or_skip;

const TEN: NonZeroUsize = NonZeroUsize::new(10).unwrap();

#[derive(Debug, PartialEq, DeserializeRow)]
#[scylla(crate = "updown::scylla::driver")]
struct User {
    // In another order than the table has them.
    name: Option<String>,
    id: i64,
}

fn users(connection: &ScyllaConnection) {
    connection.execute("CREATE TABLE users (id bigint PRIMARY KEY, name text)", ()).unwrap();
}

fn count(connection: &ScyllaConnection) -> i64 {
    connection.query::<(i64,)>("SELECT count(*) FROM users", ()).unwrap()[0].0
}

#[test]
fn values_come_back_as_they_went() {
    let keyspace = keyspace_or_skip!();
    let connection = ScyllaConnection::open(&keyspace.url).unwrap();
    assert!(!connection.has_keyspace().unwrap());
    connection.create_keyspace("").unwrap();
    connection.create_keyspace("").unwrap();
    assert!(connection.has_keyspace().unwrap());
    users(&connection);
    let name = String::from("Ada");
    connection.execute("INSERT INTO users (id, name) VALUES (?, ?)", (1_i64, name.as_str())).unwrap();
    connection.execute("INSERT INTO users (id) VALUES (2)", ()).unwrap();
    let found =
        connection.query::<(String, i64)>("SELECT name, id FROM users WHERE id = ?", (1_i64,)).unwrap();
    assert_eq!(found, [(name.clone(), 1)]);
    let mut found = connection.query::<User>("SELECT * FROM users", ()).unwrap();
    found.sort_by_key(|user| user.id);
    assert_eq!(found, [User { name: Some(name), id: 1 }, User { name: None, id: 2 }]);
    // Another connection finds the keyspace, and uses it.
    assert_eq!(count(&ScyllaConnection::open(&keyspace.url).unwrap()), 2);

    let error = connection.query::<(i32,)>("SELECT id FROM users", ()).unwrap_err();
    assert!(error.to_string().starts_with("the rows are of another type"), "{error}");
    let error = connection.execute("INSERT INTO users (id) VALUES (?)", ("x",)).unwrap_err();
    assert_eq!(error.effect(), Effect::NotApplied);
}

#[test]
fn it_works_inside_of_a_runtime_and_is_dropped_there() {
    let keyspace = keyspace_or_skip!();
    let outside = keyspace.create();
    users(&outside);
    let runtimes =
        [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()];
    for (number, mut runtime) in (0_i64..).zip(runtimes) {
        let runtime = runtime.enable_all().build().unwrap();
        let (url, shared) = (keyspace.url.clone(), outside.clone());
        let work = async move {
            let connection = ScyllaConnection::open(&url).unwrap();
            connection.execute("INSERT INTO users (id) VALUES (?)", (number,)).unwrap();
            // More than one task's budget.
            let ids = (0..300_i64).map(|id| (id,));
            shared.execute_concurrently("INSERT INTO users (id) VALUES (?)", ids, TEN).map(drop)?;
            for _ in 0..200 {
                connection.query::<(i64,)>("SELECT id FROM users WHERE id = 1", ())?;
            }
            drop(connection);
            Ok::<_, ScyllaError>(())
        };
        // As the runtime's root, and as a task of its own.
        if number == 0 {
            runtime.block_on(work).unwrap();
        } else {
            runtime.block_on(async { tokio::spawn(work).await }).unwrap().unwrap();
        }
    }
    assert_eq!(count(&outside), 300);
}

#[test]
fn a_prepared_statement_outlives_a_change_of_its_table() {
    let keyspace = keyspace_or_skip!();
    let connection = keyspace.create();
    users(&connection);
    let all = "SELECT * FROM users WHERE id = ?";
    let insert = "INSERT INTO users (id, name) VALUES (?, ?)";
    connection.execute(insert, (1_i64, "Ada")).unwrap();
    assert_eq!(connection.query::<User>(all, (1_i64,)).unwrap().len(), 1);
    // By another connection, so that this one does not know of it.
    let another = ScyllaConnection::open(&keyspace.url).unwrap();
    another.execute("ALTER TABLE users ADD age int", ()).unwrap();
    another.execute("UPDATE users SET age = 36 WHERE id = 1", ()).unwrap();
    let found = connection.query::<(i64, Option<i32>, Option<String>)>(all, (1_i64,)).unwrap();
    assert_eq!(found, [(1, Some(36), Some("Ada".to_owned()))]);
    connection.execute(insert, (2_i64, "Bob")).unwrap();
    another.execute("DROP TABLE users", ()).unwrap();
    let error = connection.execute(insert, (3_i64, "Eve")).unwrap_err();
    assert_eq!(error.effect(), Effect::NotApplied, "{error:?}");
}

#[test]
fn a_batch_is_all_or_nothing() {
    let keyspace = keyspace_or_skip!();
    let connection = keyspace.create();
    users(&connection);
    let (insert, delete) = ("INSERT INTO users (id) VALUES (?)", "DELETE FROM users WHERE id = ?");
    connection.batch(&[insert, insert, delete], ((1_i64,), (2_i64,), (3_i64,))).unwrap();
    connection.batch(&[insert; 3], vec![(4_i64,), (5_i64,), (6_i64,)]).unwrap();
    assert_eq!(count(&connection), 5);
    let error =
        connection.batch(&[insert, "INSERT INTO nowhere (id) VALUES (7)"], ((7_i64,), ())).unwrap_err();
    assert_eq!(error.effect(), Effect::NotApplied);
    assert_eq!(error.statement(), "INSERT INTO nowhere (id) VALUES (7)");
    assert_eq!(count(&connection), 5);
}

#[test]
fn many_rows_are_written_at_once_and_read_by_the_page() {
    const ROWS: i64 = 50_000;
    let keyspace = keyspace_or_skip!();
    let connection = keyspace.create();
    connection
        .execute("CREATE TABLE numbers (part int, id bigint, text text, PRIMARY KEY (part, id))", ())
        .unwrap();
    let values = (0..ROWS).map(|id| (i32::try_from(id % 16).unwrap(), id, format!("number {id}")));
    let insert = "INSERT INTO numbers (part, id, text) VALUES (?, ?, ?)";
    let done = connection.execute_concurrently(insert, values, NonZeroUsize::new(64).unwrap()).unwrap();
    assert_eq!(done, 50_000);
    let (mut pages, mut rows, mut sum) = (0, 0, 0);
    connection
        .for_each_page("SELECT id, text FROM numbers", (), 1_000, |page: Vec<(i64, String)>| {
            assert!(page.len() <= 1_000);
            pages += 1;
            rows += page.len();
            sum += page.iter().map(|(id, _)| id).sum::<i64>();
            // It is not busy with the page.
            connection.query::<(i64,)>("SELECT id FROM numbers LIMIT 1", ()).map(drop)
        })
        .unwrap();
    assert_eq!((rows, sum), (50_000, ROWS * (ROWS - 1) / 2));
    assert!(pages >= 50, "{pages}");
    assert_eq!(connection.query::<(i64,)>("SELECT id FROM numbers", ()).unwrap().len(), 50_000);
    // The first page that is refused is the last.
    let mut pages = 0;
    let ended = connection.for_each_page("SELECT id FROM numbers", (), 100, |_: Vec<(i64,)>| {
        pages += 1;
        anyhow::ensure!(pages < 3, "enough");
        Ok(())
    });
    assert_eq!((ended.unwrap_err().to_string().as_str(), pages), ("enough", 3));
}

#[test]
fn not_more_than_asked_for_at_once_and_none_after_an_error() {
    let keyspace = keyspace_or_skip!();
    let connection = keyspace.create();
    connection.execute("CREATE TABLE names (name text PRIMARY KEY)", ()).unwrap();
    let written = || connection.query::<(String,)>("SELECT name FROM names", ()).unwrap().len();
    let mut taken = 0;
    let names = (0..5_000).map(|number| {
        // The next one is only asked for when there is room for it.
        assert!(number % 30 != 0 || number > 100 || written() + 9 >= taken);
        taken += 1;
        // A key has at most 64 KiB.
        (if number == 100 { "x".repeat(70_000) } else { number.to_string() },)
    });
    let error =
        connection.execute_concurrently("INSERT INTO names (name) VALUES (?)", names, TEN).unwrap_err();
    assert_eq!(error.effect(), Effect::NotApplied, "{error:?}");
    assert_eq!(written(), taken - 1);
    assert!((101..5_000).contains(&taken), "{taken}");
    let none = std::iter::empty::<(String,)>();
    assert_eq!(connection.execute_concurrently("INSERT INTO names (name) VALUES (?)", none, TEN).unwrap(), 0);
}

#[test]
fn a_condition_holds_once() {
    let keyspace = keyspace_or_skip!();
    let connection = keyspace.create();
    connection.execute("CREATE TABLE locks (name text PRIMARY KEY, owner text)", ()).unwrap();
    let lock = "INSERT INTO locks (name, owner) VALUES ('x', ?) IF NOT EXISTS USING TTL 600";
    let won = std::thread::scope(|scope| {
        let each = (0..8).map(|owner| {
            let connection = connection.clone();
            scope.spawn(move || connection.execute_if(lock, (owner.to_string(),)).unwrap().is_applied())
        });
        let each: Vec<_> = each.collect();
        each.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(won, 1);
    let (owner,) =
        &connection.query_serial::<(String,)>("SELECT owner FROM locks WHERE name = 'x'", ()).unwrap()[0];
    let lost = connection.execute_if(lock, ("nobody",)).unwrap();
    assert!(!lost.is_applied());
    assert_eq!(lost.column("owner").and_then(|owner| owner.as_text()), Some(owner));
    let release = "DELETE FROM locks WHERE name = 'x' IF owner = ?";
    assert!(!connection.execute_if(release, ("nobody",)).unwrap().is_applied());
    assert!(connection.execute_if(release, (owner,)).unwrap().is_applied());
    assert!(connection.execute_if(lock, ("next",)).unwrap().is_applied());
    let error = connection.execute_if("INSERT INTO locks (name) VALUES ('y')", ()).unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
}

#[test]
fn an_error_says_what_where_and_what_it_did() {
    let keyspace = keyspace_or_skip!();
    let mut connection = keyspace.create();
    let cql = "CREATE TABLE users\n  (id bigint PRIMARY KY)";
    let error = connection.execute(cql, ()).unwrap_err();
    assert_eq!(error.statement(), cql);
    assert_eq!(error.position(), Some(Position { line: 2, column: 21 }), "{error}");
    assert_eq!((error.effect(), error.database_error()), (Effect::NotApplied, Some(&DbError::SyntaxError)));
    // Prepared, too.
    let error = connection.execute("INSRT INTO users (id) VALUES (?)", (1_i64,)).unwrap_err();
    assert_eq!(error.position(), Some(Position { line: 1, column: 0 }), "{error}");
    let error = connection.query::<(i64,)>("SELECT id FROM users", ()).unwrap_err();
    assert_eq!((error.effect(), error.position()), (Effect::NotApplied, None));
    assert!(error.to_string().contains("users"), "{error}");
    users(&connection);
    let error = connection.execute("CREATE TABLE users (id bigint PRIMARY KEY)", ()).unwrap_err();
    assert_eq!(error.effect(), Effect::NotApplied);
    assert!(matches!(error.database_error(), Some(DbError::AlreadyExists { .. })), "{error:?}");
    let version = connection.await_agreement().unwrap();
    connection.execute("CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY)", ()).unwrap();
    assert_eq!(connection.unreachable_nodes(), [""; 0]);
    assert!(!version.is_empty());
    // It was sent, and nobody waited for the answer.
    connection.set_statement_timeout(Duration::from_millis(1));
    let error = connection.execute("CREATE TABLE others (id bigint PRIMARY KEY)", ()).unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown, "{error:?}");
}

#[test]
fn who_does_not_answer_is_named_without_the_password() {
    let _keyspace = keyspace_or_skip!();
    for (host, hint) in [("127.0.0.1:1", "does it run"), ("nowhere.invalid", "is the host's name right?")] {
        let error = ScyllaConnection::open(&format!("scylla://app:unsaid@{host}/x")).unwrap_err();
        let updown::StoreError::Open { target, hint: hinted, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*target, format!("scylla://app:***@{host}/x"));
        assert!(hinted.as_deref().is_some_and(|hinted| hinted.contains(hint)), "{error:?}");
        assert!(!format!("{error:?}{error}").contains("unsaid"), "{error:?}");
    }
}
