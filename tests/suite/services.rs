//! Several services in one database: nothing of one is the other's, and neither waits for the other.

use crate::support::{Fixture, Ran, Store, words};

crate::support::for_each_store! {
    each_has_its_own_list_batches_and_history,
    two_migrate_at_the_same_time,
    one_table_of_all_services,
    fresh_spares_what_others_have_applied,
}

/// The same project as another service, on the same database.
fn runs(fixture: &mut Fixture, service: &str, versions: &str, args: &[&str]) -> Ran {
    fixture.set("VERSIONS", versions);
    let mut all = vec!["--service", service];
    all.extend(args);
    fixture.run(&all)
}

fn each_has_its_own_list_batches_and_history(store: Store) {
    let mut fixture = store.fixture("tables");
    // One name in two lists, with other content.
    runs(&mut fixture, "ai-svc", "m1_a", &["migrate"]).exits(0).says("in batch 1");
    runs(&mut fixture, "ai-svc", "m1_a,m2_b", &["migrate"]).exits(0).says("in batch 2");
    runs(&mut fixture, "chat-svc", "m1_c,m2_d", &["migrate"])
        .exits(0)
        .says("2 migrations applied in batch 1");
    runs(&mut fixture, "chat-svc", "m1_c,m2_d,m3_broken", &["migrate"]).exits(1);
    // To one, what the other has failed or applied is nothing.
    let status = runs(&mut fixture, "ai-svc", "m1_a,m2_b,m3_broken", &["status", "--json"]).exits(0).json();
    let states: Vec<&str> = status["stores"][0]["migrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["state"].as_str().unwrap())
        .collect();
    assert_eq!((status["service"].as_str(), states), (Some("ai-svc"), vec!["applied", "applied", "pending"]));
    let history = runs(&mut fixture, "ai-svc", "m1_a,m2_b", &["history"]).exits(0);
    history.says("m2_b").says_nothing_of("m1_c").says_nothing_of("m3_broken");
    runs(&mut fixture, "chat-svc", "m1_c,m2_d", &["history"])
        .exits(0)
        .says("m3_broken")
        .says_nothing_of("m2_b");
    // A batch number is one of a service.
    runs(&mut fixture, "chat-svc", "m1_c,m2_d", &["rollback", "--batch", "1"])
        .exits(0)
        .says("2 migrations rolled back");
    runs(&mut fixture, "ai-svc", "m1_a,m2_b", &["verify"]).exits(0).says("is as it was");
    runs(&mut fixture, "ai-svc", "m1_a,m2_b", &["rollback"]).exits(0).says("1 migration rolled back");
    runs(&mut fixture, "ai-svc", "m1_a", &["status", "--check"]).exits(0);
    runs(&mut fixture, "ai-svc", "m1_a", &["rollback"]).exits(0).says("1 migration rolled back");
    runs(&mut fixture, "ai-svc", "m1_a", &["rollback"]).exits(0).says("nothing to do");
}

fn two_migrate_at_the_same_time(store: Store) {
    let slow = store.fixture("slow").meeting().var("SERVICE", "ai-svc");
    let holder = slow.start(&["migrate"]);
    slow.reached();
    slow.run(&["lock"]).exits(0).says("main: held by");
    // The first run ever of the other one, which enters its service in the ledger.
    let mut quick = Fixture::new("tables").var("VERSIONS", "m1_x,m2_y").var("SERVICE", "chat-svc");
    quick.set("DATABASE_URL", slow.home.url());
    // Looking does not wait.
    quick.run(&["lock"]).exits(0).says("main: free");
    quick.run(&["status"]).exits(0).says("pending");
    if store == Store::Sqlite {
        // There is one writer, whoever it is.
        quick.run(&["migrate", "--wait-for-lock", "300ms"]).exits(4).says("locked");
        let waiting = quick.start(&["migrate"]);
        slow.go();
        Ran::of(waiting.wait_with_output().unwrap()).exits(0).says("2 migrations applied in batch 1");
    } else {
        let now = ["--wait-for-lock", "0s"];
        quick.run(&[&["migrate"], &now[..]].concat()).exits(0).says("2 migrations applied in batch 1");
        quick.run(&[&["rollback"], &now[..]].concat()).exits(0).says("2 migrations rolled back");
        quick.run(&[&["migrate"], &now[..]].concat()).exits(0).says("2 migrations applied in batch 2");
        slow.run(&["lock"]).exits(0).says("main: held by");
        slow.go();
    }
    Ran::of(holder.wait_with_output().unwrap()).exits(0).says("3 migrations applied");
    quick.run(&["status", "--check"]).exits(0);
}

#[test]
fn on_sqlite_a_run_that_has_its_lease_waits_for_the_writer_of_another_service() {
    let fixture = Store::Sqlite.fixture("pause").meeting().var("SERVICE", "chat-svc");
    let waiting = fixture.start(&["migrate", "--lock-timeout", "50ms"]);
    // Between two transactions, the other one begins its own.
    fixture.reached();
    let mut other = fixture.database();
    other.execute("BEGIN IMMEDIATE");
    fixture.go();
    std::thread::sleep(std::time::Duration::from_millis(700));
    other.execute("COMMIT");
    Ran::of(waiting.wait_with_output().unwrap()).exits(0).says("3 migrations applied");
}

fn one_table_of_all_services(store: Store) {
    let mut fixture = store.fixture("tables");
    let list = ["status", "--all-services"];
    let of = |status: &serde_json::Value| -> Vec<String> {
        let rows = status["services"].as_array().unwrap().iter();
        let fields = ["service", "store", "current", "applied", "pending", "failed"];
        rows.map(|row| fields.map(|field| row[field].to_string()).join(" ")).collect()
    };
    // Reading writes nothing, also where there is nothing.
    let empty = runs(&mut fixture, "ai-svc", "m1_a", &[&list[..], &["--json"]].concat()).exits(0).json();
    assert_eq!(of(&empty), [r#""ai-svc" "main" null 0 1 0"#]);
    assert!(fixture.home.is_untouched());
    runs(&mut fixture, "ai-svc", "m1_a,m2_b", &["migrate"]).exits(0);
    runs(&mut fixture, "chat-svc", "m1_c,m2_broken", &["migrate"]).exits(1);
    fixture.set("VERSIONS", "m1_z");
    fixture.run(&["migrate"]).exits(0);
    let before = fixture.database().dump();
    let shown = runs(&mut fixture, "ai-svc", "m1_a,m2_b,m3_e", &list).exits(0);
    let lines: Vec<String> = shown.stdout.lines().map(words).collect();
    assert_eq!(lines[0], "service store current applied pending failed last applied locked by");
    assert!(lines[1].starts_with("(default) main m1_z 1 - 0 20"), "{lines:#?}");
    assert!(lines[2].starts_with("ai-svc main m2_b 2 1 0 20") && lines[2].ends_with("Z -"), "{lines:#?}");
    assert!(lines[3].starts_with("chat-svc main m1_c 1 - 1 20"), "{lines:#?}");
    assert_eq!(lines.len(), 4);
    let json = runs(&mut fixture, "ai-svc", "m1_a,m2_b,m3_e", &[&list[..], &["--json"]].concat()).json();
    assert_eq!(
        of(&json),
        [
            r#""" "main" "m1_z" 1 null 0"#,
            r#""ai-svc" "main" "m2_b" 2 1 0"#,
            r#""chat-svc" "main" "m1_c" 1 null 1"#,
        ]
    );
    runs(&mut fixture, "ai-svc", "m1_a,m2_b,m3_e", &["status", "--all-services", "--check"]).exits(3);
    runs(&mut fixture, "new-svc", "", &list).exits(0).says("new-svc");
    assert_eq!(fixture.database().dump(), before);
    // Who holds which lease: the one of a service alone.
    let slow =
        Fixture::new("slow").meeting().var("DATABASE_URL", fixture.home.url()).var("SERVICE", "slow-svc");
    let holder = slow.start(&["migrate"]);
    slow.reached();
    let json = runs(&mut fixture, "ai-svc", "m1_a,m2_b", &[&list[..], &["--json"]].concat()).exits(0).json();
    let held: Vec<&str> = json["services"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["holder"]["by"].is_string())
        .map(|row| row["service"].as_str().unwrap())
        .collect();
    assert_eq!(held, ["slow-svc"]);
    slow.go();
    Ran::of(holder.wait_with_output().unwrap()).exits(0);
}

fn fresh_spares_what_others_have_applied(store: Store) {
    let mut fixture = store.fixture("tables");
    runs(&mut fixture, "ai-svc", "m1_a", &["migrate"]).exits(0);
    runs(&mut fixture, "ai-svc", "m1_a", &["fresh"]).exits(0).says("in batch 2");
    runs(&mut fixture, "chat-svc", "m1_c", &["fresh"])
        .exits(5)
        .says("and with it what ai-svc has applied there")
        .says("updown fresh --all-services");
    assert_eq!(fixture.database().batches(), ["m1_a@2"]);
    runs(&mut fixture, "chat-svc", "m1_c", &["fresh", "--all-services"]).exits(0);
    assert!(!fixture.database().has("a"));
    runs(&mut fixture, "ai-svc", "m1_a", &["status", "--check"]).exits(3);
    // What was removed is counted on, and stays in the history.
    runs(&mut fixture, "ai-svc", "m1_a", &["migrate"]).exits(0).says("in batch 3");
    // Nobody's database is removed while he migrates.
    let slow =
        Fixture::new("slow").meeting().var("DATABASE_URL", fixture.home.url()).var("SERVICE", "slow-svc");
    let holder = slow.start(&["migrate"]);
    slow.reached();
    runs(&mut fixture, "chat-svc", "m1_c", &["fresh", "--all-services"]).exits(4).says("is locked by");
    slow.go();
    Ran::of(holder.wait_with_output().unwrap()).exits(0);
}
