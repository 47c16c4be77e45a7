//! What servers and networks do to a run: answers that are lost, errors that pass, and errors that are
//! none. Whatever can be found out is, and nobody sees afterwards that there was anything.

use std::sync::OnceLock;
use std::time::Duration;

use updown::scylla::ScyllaConnection;

use crate::support::cassandra::{Keyspace, keyspace};
use crate::support::cql_proxy::{Answer, CqlProxy, Fault, is_lightweight};
use crate::support::cql_state::{assert_state, state};
use crate::support::{Fixture, Ran, full};

const UP: &[&str] = &["migrate"];
const DOWN: &[&str] = &["rollback", "--all"];
const LIMIT: Duration = Duration::from_secs(120);

/// What both ways of the project send.
const SCHEMA_UP: [&str; 4] =
    ["CREATE TYPE place", "CREATE TABLE notes", "CREATE INDEX notes_title", "ALTER TABLE notes ADD"];
const SCHEMA_DOWN: [&str; 4] =
    ["ALTER TABLE notes DROP", "DROP INDEX notes_title", "DROP TABLE notes", "DROP TYPE place"];
/// Single statements, a batch, and what a backfill reads and writes.
const DATA_UP: [&str; 5] = [
    "INSERT INTO notes (id, title) VALUES (1",
    "UPDATE notes SET slug = 'a-1'",
    "INSERT INTO notes (id, title) VALUES (2",
    "SELECT id, title FROM notes",
    "UPDATE notes SET slug = ?",
];

/// A command that had a proxy on its way to the server.
struct Disturbed {
    keyspace: Keyspace,
    fixture: Fixture,
    proxy: CqlProxy,
    ran: Ran,
}

fn disturbed(
    project: &str,
    command: &[&str],
    faults: impl FnOnce(CqlProxy) -> CqlProxy,
) -> Option<Disturbed> {
    let keyspace = keyspace()?;
    let mut fixture = Fixture::new(project).var("DATABASE_URL", &keyspace.url);
    if command[0] == "rollback" {
        fixture.run(UP).exits(0);
    }
    let proxy = faults(CqlProxy::before(&keyspace.url));
    fixture.set("DATABASE_URL", proxy.url());
    let child = fixture.start(command);
    proxy.kills(&child);
    let ran = Ran::within(LIMIT, child);
    fixture.set("DATABASE_URL", &keyspace.url);
    Some(Disturbed { keyspace, fixture, proxy, ran })
}

/// What is there after a command that nobody disturbed.
fn undisturbed(command: &[&str]) -> &'static [String] {
    static STATES: [OnceLock<Vec<String>>; 2] = [OnceLock::new(), OnceLock::new()];
    STATES[usize::from(command[0] == "rollback")].get_or_init(|| {
        let run = disturbed("cql filled", command, |proxy| proxy).expect("it was there before");
        assert_eq!(run.ran.code, Some(0), "{:#?}", run.ran);
        state(&run.keyspace.url)
    })
}

/// The command ends well, and all is as if nothing had been.
#[track_caller]
fn goes_well(command: &[&str], faults: impl FnOnce(CqlProxy) -> CqlProxy) -> Option<Disturbed> {
    let run = disturbed("cql filled", command, faults)?;
    assert_eq!(run.ran.code, Some(0), "{:#?}", run.ran);
    assert!(run.proxy.is_done(), "it was not disturbed: {:#?}", run.proxy.asked());
    assert_state(&run.keyspace.url, undisturbed(command), "it went well");
    Some(run)
}

fn each_once(proxy: CqlProxy, texts: &[&'static str], fault: Fault) -> CqlProxy {
    texts.iter().fold(proxy, |proxy, text| proxy.once(text, fault))
}

/// Whether the engine asks it, and not the driver.
fn is_own(text: &str) -> bool {
    text.contains("schema_migrations") || text.contains("keyspace_name = ?")
}

#[test]
fn all_that_is_asked_goes_through_the_proxy() {
    let Some(run) = goes_well(UP, |proxy| proxy) else { return };
    for text in SCHEMA_UP.iter().chain(&DATA_UP) {
        assert!(run.proxy.count(|asked| asked.starts_with(text)) > 0, "{text}: {:#?}", run.proxy.asked());
    }
    assert!(run.proxy.count(is_lightweight) >= 10, "{:#?}", run.proxy.asked());
    assert!(run.proxy.asked().iter().all(|asked| !asked.text.is_empty()), "each has a text");
}

#[test]
fn a_change_of_the_schema_whose_answer_is_lost() {
    for (command, texts) in [(UP, SCHEMA_UP), (DOWN, SCHEMA_DOWN)] {
        if goes_well(command, |proxy| each_once(proxy, &texts, Fault::CutAfter)).is_none() {
            return;
        }
    }
}

#[test]
fn a_change_of_the_schema_that_is_lost() {
    for (command, texts) in [(UP, SCHEMA_UP), (DOWN, SCHEMA_DOWN)] {
        if goes_well(command, |proxy| each_once(proxy, &texts, Fault::CutBefore)).is_none() {
            return;
        }
    }
}

#[test]
fn an_answer_that_does_not_come_in_time() {
    let patience = ["--statement-timeout", "2s"];
    let command = [UP, &patience].concat();
    goes_well(&command, |proxy| {
        each_once(proxy, &["CREATE TABLE notes", "INSERT INTO notes"], Fault::Silence)
    });
}

#[test]
fn an_answer_that_is_late() {
    let late = Fault::Delay(Duration::from_secs(2));
    goes_well(UP, |proxy| each_once(proxy, &["CREATE TABLE notes", "INSERT INTO notes"], late));
}

/// ScyllaDB decides on changes of the schema one after the other, and refuses the one that was made of
/// what was there before.
#[test]
fn two_changes_of_the_schema_at_once_on_scylladb() {
    let answer = Answer::Server("Failed to apply group 0 change due to concurrent modification");
    for (command, texts) in [(UP, SCHEMA_UP), (DOWN, SCHEMA_DOWN)] {
        let twice = |proxy| {
            texts.iter().fold(proxy, |proxy: CqlProxy, text| proxy.times(2, text, Fault::Refuse(answer)))
        };
        let Some(run) = goes_well(command, twice) else { return };
        for text in texts {
            assert_eq!(run.proxy.count(|asked| asked.starts_with(text)), 3, "{text}");
        }
    }
}

/// Cassandra has made the table on two nodes, each with an id of its own; or it has not.
const MISMATCH: &str = "Column family ID mismatch (found 7d8d2b70-0000-11ee-8080-808080808080; expected \
                        7d8d2b71-0000-11ee-8080-808080808080)";

#[test]
fn a_table_of_two_ids_that_is_there() {
    for answer in [Answer::Config(MISMATCH), Answer::Server(MISMATCH)] {
        goes_well(UP, |proxy| proxy.once("CREATE TABLE notes", Fault::Deny(answer)));
    }
}

#[test]
fn a_table_of_two_ids_that_is_not_there() {
    for answer in [Answer::Config(MISMATCH), Answer::Server(MISMATCH)] {
        goes_well(UP, |proxy| proxy.once("CREATE TABLE notes", Fault::Refuse(answer)));
    }
}

#[test]
fn an_overloaded_server_and_the_schema() {
    for fault in [Fault::Refuse(Answer::Overloaded), Fault::Deny(Answer::Overloaded)] {
        for (command, texts) in [(UP, SCHEMA_UP), (DOWN, SCHEMA_DOWN)] {
            goes_well(command, |proxy| each_once(proxy, &texts, fault));
        }
    }
}

#[test]
fn an_overloaded_server_and_data() {
    for fault in [Fault::Refuse(Answer::Overloaded), Fault::Deny(Answer::Overloaded)] {
        goes_well(UP, |proxy| each_once(proxy, &DATA_UP, fault));
    }
}

#[test]
fn a_node_that_is_alone_or_only_starts_and_the_schema() {
    for answer in [Answer::Unavailable, Answer::Bootstrapping] {
        for (command, texts) in [(UP, SCHEMA_UP), (DOWN, SCHEMA_DOWN)] {
            goes_well(command, |proxy| each_once(proxy, &texts, Fault::Refuse(answer)));
        }
    }
}

#[test]
fn a_node_that_is_alone_or_only_starts_and_data() {
    for answer in [Answer::Unavailable, Answer::Bootstrapping] {
        goes_well(UP, |proxy| each_once(proxy, &DATA_UP, Fault::Refuse(answer)));
    }
}

#[test]
fn data_whose_answer_is_lost_is_written_again() {
    let Some(other) = goes_well(UP, |proxy| proxy) else { return };
    for fault in [Fault::CutAfter, Fault::CutBefore] {
        let run = goes_well(UP, |proxy| each_once(proxy, &DATA_UP, fault)).expect("it was there before");
        for text in DATA_UP {
            let sent = |run: &Disturbed| run.proxy.count(|asked| asked.starts_with(text));
            assert!(sent(&run) > sent(&other), "{text}");
        }
    }
}

/// The lease, the journal and the commits: each of them is once not decided, or decided and not answered.
#[test]
fn a_lightweight_transaction_that_fails() {
    let faults = [
        Fault::Refuse(Answer::WriteTimeout),
        Fault::Deny(Answer::WriteTimeout),
        Fault::Refuse(Answer::Overloaded),
        Fault::Deny(Answer::Overloaded),
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Refuse(Answer::Unavailable),
        Fault::Refuse(Answer::Bootstrapping),
    ];
    let Some(run) = goes_well(UP, |proxy| proxy) else { return };
    let all = run.proxy.count(is_lightweight);
    for n in 1..=all {
        for (number, fault) in faults.into_iter().enumerate() {
            // The lease with each of them; a sample of the others.
            if n == 2 || full() || (number + n) % 23 == 0 {
                eprintln!("lightweight transaction {n} of {all}: {fault:?}");
                goes_well(UP, |proxy| proxy.order(is_lightweight, n, 1, fault));
            }
        }
    }
}

/// What is read is read again: with many at once, it is the first that has no answer.
#[test]
fn a_look_that_fails() {
    let Some(run) = goes_well(UP, |proxy| proxy) else { return };
    let looks = |text: &str| text.starts_with("SELECT") && is_own(text);
    let all = run.proxy.count(looks);
    assert!(all > 2, "{:#?}", run.proxy.asked());
    let faults = [
        Fault::Refuse(Answer::ReadTimeout),
        Fault::Refuse(Answer::Overloaded),
        Fault::Refuse(Answer::Unavailable),
        Fault::Refuse(Answer::Bootstrapping),
        Fault::CutBefore,
        Fault::CutAfter,
    ];
    for n in 1..=all {
        for (number, fault) in faults.into_iter().enumerate() {
            if full() || (number + n) % faults.len() == 0 {
                eprintln!("look {n} of {all}: {fault:?}");
                goes_well(UP, |proxy| proxy.order(looks, n, 1, fault));
            }
        }
    }
}

/// Also several times, one behind the other: what somebody else prepares at the same moment, or a change of
/// the schema, removes it again before it is executed.
#[test]
fn a_server_that_has_forgotten_what_it_had_prepared() {
    let Some(run) = goes_well(UP, |proxy| proxy) else { return };
    let executed = run.proxy.asked().into_iter().filter(|asked| asked.is_prepared);
    let mut texts: Vec<String> = executed.map(|asked| asked.text).filter(|text| is_own(text)).collect();
    texts.sort();
    texts.dedup();
    assert!(texts.len() > 1, "{texts:?}");
    for times in [1, 7] {
        goes_well(UP, |proxy| {
            texts.iter().cloned().fold(proxy, |proxy, text| {
                proxy.order(move |asked| *asked == text, 1, times, Fault::Refuse(Answer::Unprepared))
            })
        });
    }
}

/// What does not pass is said, and nothing is lost by it.
#[test]
fn an_error_that_stays() {
    for (answer, n, is_meant) in [
        (Answer::Overloaded, 5, is_lightweight as fn(&str) -> bool),
        (Answer::WriteTimeout, 2, is_lightweight),
        (Answer::Unavailable, 1, |asked| asked.starts_with("ALTER TABLE notes")),
        (Answer::Bootstrapping, 1, |asked| asked.starts_with("INSERT INTO notes")),
        (Answer::Overloaded, 1, |asked| asked.starts_with("CREATE TABLE notes")),
        (Answer::Unprepared, 1, |asked| asked.starts_with("UPDATE notes SET slug = ?")),
    ] {
        let stays = |proxy: CqlProxy| proxy.order(is_meant, n, 10_000, Fault::Refuse(answer));
        let Some(run) = disturbed("cql filled", UP, stays) else { return };
        eprintln!("{answer:?}");
        // It is no fault of the migration.
        run.ran.exits(1).says("error: ").says("hint: ").says_nothing_of("mend").says_nothing_of("--step");
        run.fixture.run(UP).exits(0);
        assert_state(&run.keyspace.url, undisturbed(UP), &format!("{answer:?}"));
    }
}

/// Nobody can see whether a counter was counted up: a person is asked, as often as it takes.
#[test]
fn a_counter_whose_answer_is_lost() {
    for (fault, says, n) in [
        (Fault::CutAfter, "done", 1),
        (Fault::CutAfter, "again", 2),
        (Fault::CutBefore, "again", 1),
        (Fault::Deny(Answer::WriteTimeout), "done", 1),
    ] {
        let Some(run) = disturbed("cql counter", UP, |proxy| proxy.once("UPDATE counts", fault)) else {
            return;
        };
        let counted = || -> Vec<(i32, i64)> {
            let conn = ScyllaConnection::open(&run.keyspace.url).unwrap();
            let found: Vec<(i32, updown::scylla::driver::value::Counter)> =
                conn.query("SELECT id, n FROM counts", ()).unwrap();
            let mut found: Vec<_> = found.into_iter().map(|(id, n)| (id, n.0)).collect();
            found.sort_unstable();
            found
        };
        let before = counted();
        assert!(run.proxy.is_done());
        assert_eq!(run.proxy.count(|asked| asked.starts_with("UPDATE counts")), 1, "it was not sent twice");
        let asks = |ran: Ran| {
            ran.exits(1)
                .says("updown resolve m2_count --step done")
                .says("--step again")
                .says("UPDATE counts SET n = n + 1 WHERE id = 1");
        };
        asks(run.ran);
        asks(run.fixture.run(UP));
        assert_eq!(counted(), before, "{fault:?}: nothing was done before the answer");
        run.fixture.run(&["resolve", "m2_count", "--step", says, "--reason", "x"]).exits(0);
        run.fixture.run(UP).exits(0).says("2 migrations applied");
        assert_eq!(counted(), [(1, n), (2, 1)], "{fault:?}, --step {says}");
        run.fixture.run(&["lock"]).exits(0).says("main: free");
    }
}

#[test]
fn what_is_no_cql_is_shown_with_its_place() {
    for (cql, column) in [
        ("CREATE TABEL broken (id int PRIMARY KEY)", 7),
        ("CREATE TABLE broken\n  (id int,\n   PRIMARY KY (id))", 11),
    ] {
        let Some(keyspace) = keyspace() else { return };
        let fixture = Fixture::new("cql broken").var("DATABASE_URL", &keyspace.url).var("BAD", cql);
        let ran = fixture.run(UP).exits(1).says("error: migration m2_bad failed in store main");
        let ran = ran.says("--> fixture/cql_faults.rs").says("1 migration applied before stay applied");
        let ran = cql.lines().fold(ran, |ran, line| ran.says(&format!("| {line}")));
        ran.says(&format!("| {}^\n", " ".repeat(column))).says("caused by: line ");
        // What it did before that is neither lost nor done again.
        let fixture = fixture.var("BAD", "CREATE TABLE mended (id int PRIMARY KEY)");
        fixture.run(UP).exits(0);
    }
}

#[test]
fn a_table_that_is_not_there_is_no_question() {
    let Some(keyspace) = keyspace() else { return };
    let fixture = Fixture::new("cql broken").var("DATABASE_URL", &keyspace.url);
    let fixture = fixture.var("BAD", "INSERT INTO nowhere (id) VALUES (1)");
    let ran = fixture.run(UP).exits(1).says("nowhere").says("| INSERT INTO nowhere (id) VALUES (1)");
    ran.says_nothing_of("--step");
}

/// Capitals count in a URL. Outside development a keyspace is not made by mistake.
#[test]
fn a_keyspace_of_another_name() {
    let Some(keyspace) = keyspace() else { return };
    let fixture = Fixture::new("cql").var("DATABASE_URL", &keyspace.url);
    fixture.run(UP).exits(0);
    let another = keyspace.url.replace("updown_test", "Updown_Test");
    let another = another.split('?').next().expect("a URL").to_owned();
    let fixture = fixture.var("DATABASE_URL", &another).var("ENV", "production");
    fixture.run(&["migrate", "--yes"]).exits(1).says("there is no such keyspace").says("hint: ");
    fixture.run(&["status"]).exits(0).says("pending");
    assert!(!ScyllaConnection::open(&another).unwrap().has_keyspace().unwrap());
}
