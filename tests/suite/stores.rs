//! Several stores in one run: one batch, what stands where when it does not come to its end, and the ways on.
//! The stores are of one kind, and called by other names than this repository's own.

use std::sync::Arc;

use crate::support::{Fixture, Home, Ran, Store, for_each_store, words};

for_each_store! {
    three_stores_are_one_batch_up_and_down,
    a_failure_in_the_middle_says_what_stands_where_and_both_ways_lead_on,
    what_is_half_applied_stays_and_the_others_can_be_rolled_back,
    where_one_cannot_be_reached_nothing_runs,
    what_is_asked_of_all_is_answered_for_those_that_can_be_reached,
    stores_that_were_migrated_alone_count_for_themselves;
    // In CQL a lease is renewed from the moment that it is taken.
    sql: a_signal_leaves_both_ways_open,
    a_lease_that_ended_behind_a_long_store_is_taken_anew,
    a_lease_that_somebody_else_had_meanwhile_is_lost,
}

/// One project on three databases of a kind.
pub struct Three {
    pub fixture: Fixture,
    pub homes: [Arc<Home>; 3],
}

impl Three {
    pub fn on(store: Store) -> Self {
        let fixture = store.fixture("named");
        let (audit, search) = (fixture.another("audit"), fixture.another("search"));
        let homes = [fixture.home.clone(), audit, search];
        let fixture = fixture.var("AUDIT_URL", homes[1].url()).var("SEARCH_URL", homes[2].url());
        Self { fixture, homes }
    }

    fn batches(&self) -> [Vec<String>; 3] {
        self.homes.each_ref().map(|home| {
            let mut database = home.database();
            if database.has("schema_migrations") { database.batches() } else { Vec::new() }
        })
    }

    /// Where nothing answers.
    fn nowhere(&self) -> &'static str {
        self.fixture.home.store().each(
            "sqlite:///tmp",
            "postgres://127.0.0.1:1/app",
            "scylla://127.0.0.1:1/app",
        )
    }
}

/// The lines of the table, without what aligns them.
#[track_caller]
fn table(ran: &Ran) -> Vec<String> {
    let lines = ran.stderr.lines().skip_while(|line| !line.starts_with("  store "));
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).map(words).collect();
    assert!(lines.len() > 2, "there is no table in {ran:#?}");
    lines
}

fn hint(ran: &Ran) -> &str {
    ran.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_else(|| panic!("{ran:#?}"))
}

fn three_stores_are_one_batch_up_and_down(store: Store) {
    let mut three = Three::on(store);
    let ran = three.fixture.run(&["migrate"]).exits(0).says("6 migrations applied in batch 1");
    let lines: Vec<String> = ran.stdout.lines().map(|line| line.split("  ").take(3).collect()).collect();
    assert_eq!(lines[0], "orders");
    assert_eq!((lines[3].as_str(), lines[6].as_str()), ("audit", "searchdb"), "{ran:?}");
    let all = |batch: i64| {
        [["m1_sale", "m2_item"], ["m1_entry", "m2_trail"], ["m1_word", "m2_page"]]
            .map(|names| names.map(|name| format!("{name}@{batch}")).to_vec())
    };
    assert_eq!(three.batches(), all(1));
    let done = three.fixture.run(&["rollback", "--json"]).exits(0).json_lines().pop().unwrap();
    let undone: Vec<&str> =
        done["rolled_back"].as_array().unwrap().iter().map(|done| done["name"].as_str().unwrap()).collect();
    assert_eq!(undone, ["m2_page", "m1_word", "m2_trail", "m1_entry", "m2_item", "m1_sale"]);
    assert_eq!(done["stores"][2]["rolled_back"], 2);
    assert_eq!(three.batches(), [(); 3].map(|()| Vec::<String>::new()));

    // Only what is new makes the next batch, under one number wherever it is.
    three.fixture.run(&["migrate"]).exits(0).says("in batch 2");
    three.fixture.set("SEARCH", "m1_word,m2_page,m3_new");
    three.fixture.run(&["migrate"]).exits(0).says("1 migration applied in batch 3");
    three.fixture.set("ORDERS", "m1_sale,m2_item,m3_more");
    three.fixture.run(&["redo"]).exits(0).says("1 migration rolled back, 1 migration applied in batch 4");
    three.fixture.run(&["migrate"]).exits(0).says("in batch 5");
    three.fixture.run(&["rollback"]).exits(0);
    let [orders, audit, search] = three.batches();
    assert_eq!((orders.len(), audit.len(), search.last().unwrap().as_str()), (2, 2, "m3_new@4"));
}

fn a_failure_in_the_middle_says_what_stands_where_and_both_ways_lead_on(store: Store) {
    let mut three = Three::on(store);
    three.fixture.set("AUDIT", "m1_entry,m2_broken,m3_trail");
    let ran = three.fixture.run(&["migrate"]).exits(1).says("migration m2_broken failed in store audit");
    assert_eq!(
        table(&ran),
        [
            "store this run still pending",
            "orders 2 applied",
            "audit 1 applied 2, from m2_broken, which failed",
            "searchdb nothing 2, from m1_word",
        ]
    );
    let said = hint(&ran);
    assert!(said.contains("then `updown migrate` goes on"), "{said}");
    assert!(said.ends_with("; or `updown rollback --batch 1` undoes what this run has applied"), "{said}");

    // The same as data.
    three.fixture.run(&["rollback", "--batch", "1"]).exits(0).says("3 migrations rolled back");
    let error = three.fixture.run(&["migrate", "--json"]).exits(1).json_lines().pop().unwrap();
    let stores: Vec<String> = error["report"]["stores"]
        .as_array()
        .unwrap()
        .iter()
        .map(|store| {
            let left = store["left"].as_array().unwrap();
            let names = left.iter().map(|left| left["name"].as_str().unwrap()).collect::<Vec<_>>();
            format!("{} {} {} {}", store["name"], store["standing"], store["applied"], names.join(" "))
        })
        .collect();
    assert_eq!(
        stores,
        [
            "\"orders\" \"done\" 2 ",
            "\"audit\" \"failed\" 1 m2_broken m3_trail",
            "\"searchdb\" \"left\" 0 m1_word m2_page",
        ]
    );
    assert!(
        error["hint"]
            .as_str()
            .unwrap()
            .ends_with("`updown rollback --batch 2` undoes what this run has applied")
    );

    // One way on.
    three.fixture.set("AUDIT", "m1_entry,m2_mended,m3_trail");
    three.fixture.run(&["migrate"]).exits(0).says("4 migrations applied in batch 3");
    assert_eq!(
        three.batches()[1],
        ["m1_entry@2", "m2_mended@3", "m3_trail@3"],
        "what was applied before is not applied again"
    );
    // A rollback that fails in the middle says the same of its way.
    three.homes[1].database().execute("DROP TABLE mended");
    let ran = three.fixture.run(&["rollback", "--all"]).exits(1);
    assert_eq!(
        table(&ran),
        [
            "store this run still applied",
            "orders nothing 2, from m2_item",
            "audit 1 rolled back 2, from m2_mended, which failed",
            "searchdb 2 rolled back",
        ]
    );
    let said = hint(&ran);
    assert!(said.contains("then `updown rollback --all` goes on"), "{said}");
    assert!(said.ends_with("or `updown migrate` applies again what was rolled back"), "{said}");
    three.fixture.run(&["migrate"]).exits(0).says("3 migrations applied");
    three.homes[1].database().execute("CREATE TABLE mended (id INT PRIMARY KEY)");
    three.fixture.run(&["rollback", "--all"]).exits(0).says("7 migrations rolled back");
}

fn what_is_half_applied_stays_and_the_others_can_be_rolled_back(store: Store) {
    let mut three = Three::on(store);
    three.fixture.set("SEARCH", "m1_word,m2_half");
    let ran = three.fixture.run(&["migrate"]).exits(1);
    assert_eq!(
        table(&ran)[1..],
        ["orders 2 applied", "audit 2 applied", "searchdb 1 applied m2_half, which is half applied"]
    );
    let way = "`updown rollback --batch 1 --store orders --store audit` undoes what this run has applied";
    assert!(hint(&ran).ends_with(way), "{ran:#?}");
    // Its own store cannot go back over it.
    three.fixture.run(&["rollback"]).exits(5).says("m2_half is half applied in store searchdb");
    let ran = three.fixture.run(&["rollback", "--batch", "1", "--store", "orders", "--store", "audit"]);
    ran.exits(0).says("4 migrations rolled back");
    three.fixture.set("MENDED", "1");
    three.fixture.run(&["migrate"]).exits(0).says("5 migrations applied in batch 2");
    assert_eq!(three.batches()[2], ["m1_word@1", "m2_half@2"]);
    assert!(three.homes[2].database().journal().is_empty());
}

fn where_one_cannot_be_reached_nothing_runs(store: Store) {
    let mut three = Three::on(store);
    three.fixture.set("AUDIT_URL", three.nowhere());
    let command: &[&str] = &["migrate", "--wait-for-lock", "1s"];
    let ran = three.fixture.run(command).exits(1).says("error: store audit: cannot open ");
    let lines = table(&ran);
    assert_eq!(
        (lines[1].as_str(), lines[3].as_str()),
        ("orders nothing 2, from m1_sale", "searchdb nothing 2, from m1_word")
    );
    assert!(lines[2].starts_with("audit not reached cannot open "), "{lines:?}");
    let way = "or `updown migrate --store orders --store searchdb` goes on without audit";
    assert!(hint(&ran).ends_with(way), "{ran:#?}");
    assert!(three.homes[0].is_untouched() && three.homes[2].is_untouched(), "nothing ran");
    let error = three.fixture.run(&[command, &["--json"]].concat()).exits(1).json_lines().pop().unwrap();
    assert_eq!(error["report"]["stores"][1]["standing"], "not_reached");
    assert_eq!(error["report"]["stores"][0]["left"].as_array().unwrap().len(), 2);
    for command in [&["plan"][..], &["rollback", "--all"], &["migrate", "--dry-run"]] {
        let ran = three.fixture.run(&[command, &["--wait-for-lock", "1s"]].concat()).exits(1);
        assert!(table(&ran)[2].starts_with("audit not reached"), "{ran:#?}");
    }

    // On without it, and then with it.
    three.fixture.run(&["migrate", "--store", "orders", "--store", "searchdb"]).exits(0).says("in batch 1");
    three.fixture.set("AUDIT_URL", three.homes[1].url());
    three.fixture.run(&["migrate"]).exits(0).says("2 migrations applied in batch 2");
    three.fixture.run(&["migrate"]).exits(0).says("nothing to do");
}

fn what_is_asked_of_all_is_answered_for_those_that_can_be_reached(store: Store) {
    let mut three = Three::on(store);
    three.fixture.run(&["migrate"]).exits(0);
    three.fixture.set("AUDIT_URL", three.nowhere());
    let run = |args: &[&str], code: i32| {
        three.fixture.run(&[args, &["--wait-for-lock", "1s"]].concat()).exits(code)
    };
    for args in [&["status"][..], &["status", "--check"], &["history"], &["lock"], &["verify"], &["version"]]
    {
        let ran = run(args, 1).says("audit not reached: cannot open ");
        assert!(ran.stdout.contains("  hint: ") && !ran.stderr.contains("error"), "{ran:#?}");
    }
    run(&["status"], 1).says("m2_item").says("m2_page");
    run(&["verify"], 1).says("in the other stores, everything that is applied is as it was");
    let status = run(&["status", "--json"], 1).json();
    let names: Vec<&str> =
        status["stores"].as_array().unwrap().iter().map(|store| store["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["orders", "audit", "searchdb"]);
    assert!(status["stores"][1]["unreachable"]["because"].as_str().unwrap().starts_with("cannot open "));
    assert_eq!(status["stores"][2]["migrations"][1]["state"], "applied");
    assert!(status["stores"][2].get("unreachable").is_none());
    let history = run(&["history", "--json"], 1).json();
    assert_eq!(
        (history[1]["store"].as_str(), history[1]["attempts"].as_array().unwrap().len()),
        (Some("audit"), 0)
    );
    assert!(run(&["lock", "--json"], 1).json()[1]["unreachable"].is_object());
    assert!(run(&["verify", "--json"], 1).json()["unreachable"]["audit"].is_object());
    // Who asks for it alone is told in other words, and by its own exit code.
    run(&["status", "--store", "audit"], 1).says("error: store audit: cannot open ");
    run(&["status", "--store", "orders"], 0);
}

fn stores_that_were_migrated_alone_count_for_themselves(store: Store) {
    let mut three = Three::on(store);
    three.fixture.run(&["migrate", "--store", "orders", "--step", "1"]).exits(0).says("in batch 1");
    three.fixture.run(&["migrate", "--store", "orders"]).exits(0).says("in batch 2");
    three.fixture.run(&["migrate", "--store", "audit"]).exits(0).says("in batch 1");
    // The newest run is that of `audit`, though its number is not the highest.
    let ran = three.fixture.run(&["rollback"]).exits(0).says("2 migrations rolled back");
    assert!(ran.stdout.contains("m2_trail") && ran.stdout.contains("m1_entry"), "{ran:?}");
    three.fixture.run(&["migrate", "--store", "audit"]).exits(0).says("in batch 2");
    three
        .fixture
        .run(&["rollback", "--batch", "2"])
        .exits(2)
        .says("batch 2 could be a run in orders, or another one in audit")
        .says("say which: `--store orders`, or `--store audit`");
    three
        .fixture
        .run(&["rollback", "--batch", "2", "--store", "orders"])
        .exits(0)
        .says("1 migration rolled back");
    // One over all is one more than the highest.
    three.fixture.run(&["migrate"]).exits(0).says("3 migrations applied in batch 3");
    three.fixture.set("AUDIT", "m1_entry,m2_trail,m3_broken");
    let ran = three.fixture.run(&["migrate", "--store", "audit", "--store", "searchdb"]).exits(1);
    assert!(hint(&ran).contains("then `updown migrate --store audit --store searchdb` goes on"), "{ran:#?}");
    three.fixture.set("AUDIT", "m1_entry,m2_trail,m3_last");
    three.fixture.run(&["migrate"]).exits(0).says("in batch 5");
    // The newest run, and of the one before it what came last.
    three.fixture.run(&["rollback", "2"]).exits(0);
    assert_eq!(three.batches().concat(), ["m1_sale@1", "m2_item@3", "m1_entry@2", "m2_trail@2", "m1_word@3"]);
}

fn a_signal_leaves_both_ways_open(store: Store) {
    let mut three = Three::on(store);
    three.fixture.set("ORDERS", "m1_sale,m2_slow");
    three.fixture = three.fixture.meeting();
    let run = three.fixture.start(&["migrate"]);
    three.fixture.reached();
    let pid = rustix::process::Pid::from_child(&run);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    three.fixture.go();
    let ran = Ran::of(run.wait_with_output().unwrap()).exits(143);
    let lines =
        ["orders 1 applied m2_slow", "audit nothing 2, from m1_entry", "searchdb nothing 2, from m1_word"];
    assert_eq!(table(&ran)[1..], lines);
    let ways = "the same command again goes on from here; or `updown rollback --batch 1` undoes what this run has applied";
    assert_eq!(hint(&ran), ways);
    three.fixture.run(&["rollback", "--batch", "1"]).exits(0);
    three.fixture.run(&["migrate"]).exits(0).says("6 migrations applied in batch 2");
}

/// As where the migrations of the first store take longer than a lease lasts; `meanwhile`, it has ended.
fn behind_a_long_store(store: Store, meanwhile: impl FnOnce(&Three)) -> (Three, Ran) {
    let mut three = Three::on(store);
    three.fixture.set("ORDERS", "m1_sale,m2_slow");
    three.fixture = three.fixture.meeting();
    let run = three.fixture.start(&["migrate"]);
    three.fixture.reached();
    // Half of what it lasts: before that, it is not looked at again.
    std::thread::sleep(std::time::Duration::from_secs(16));
    three.homes[1].database().expire_lease();
    meanwhile(&three);
    three.fixture.go();
    (three, Ran::of(run.wait_with_output().unwrap()))
}

fn a_lease_that_ended_behind_a_long_store_is_taken_anew(store: Store) {
    let (three, ran) = behind_a_long_store(store, |_| {});
    ran.exits(0).says("6 migrations applied in batch 1");
    three.fixture.run(&["lock"]).exits(0).says("orders: free").says("audit: free").says("searchdb: free");
}

fn a_lease_that_somebody_else_had_meanwhile_is_lost(store: Store) {
    let (three, ran) = behind_a_long_store(store, |three| {
        three.fixture.run(&["migrate", "--store", "audit"]).exits(0).says("in batch 1");
    });
    let ran = ran.exits(1).says("store audit: the lease was lost to another run");
    let lines = table(&ran);
    let wanted = "audit nothing 2, from m1_entry: the lease was lost to another run: nothing more was done";
    assert_eq!((lines[1].as_str(), lines[2].as_str()), ("orders 2 applied", wanted));
    three.fixture.run(&["migrate"]).exits(0).says("2 migrations applied in batch 2");
    assert_eq!(three.batches()[1], ["m1_entry@1", "m2_trail@1"]);
    three.fixture.run(&["lock"]).exits(0).says("orders: free").says("audit: free").says("searchdb: free");
}

/// The server of the second store goes down while the first one is migrated, and comes back later.
#[cfg(feature = "postgres")]
#[test]
fn a_store_that_is_lost_in_between_is_told_of_and_both_ways_lead_on() {
    use crate::support::postgres::{Cluster, Options, on};

    let Some(mut server) = Cluster::start(&Options::default()) else { return };
    for goes_on in [true, false] {
        let (there, _) = on(&server.url("{}"), "named");
        let mut three = Three::on(Store::Sqlite);
        three.fixture.set("ORDERS", "m1_sale,m2_slow");
        three.fixture.set("AUDIT_URL", there.home.url());
        three.fixture = three.fixture.meeting();
        let run = three.fixture.start(&["migrate", "--wait-for-lock", "1s"]);
        three.fixture.reached();
        server.crash();
        three.fixture.go();
        let ran = Ran::of(run.wait_with_output().unwrap()).exits(1).says("error: m1_entry: store audit: ");
        let lines = table(&ran);
        assert_eq!(
            (lines[1].as_str(), lines[3].as_str()),
            ("orders 2 applied", "searchdb nothing 2, from m1_word")
        );
        assert!(lines[2].starts_with("audit not reached 2, from m1_entry: "), "{lines:?}");
        let way = "`updown rollback --batch 1 --store orders` undoes what this run has applied";
        assert!(hint(&ran).contains("the same command again") && hint(&ran).ends_with(way), "{ran:#?}");
        if !goes_on {
            // Without the one that is away.
            let ran = three.fixture.run(&["rollback", "--batch", "1", "--store", "orders"]);
            ran.exits(0).says("2 migrations rolled back");
        }
        server.recover();
        let left = if goes_on { 4 } else { 6 };
        three.fixture.run(&["migrate"]).exits(0).says(&format!("{left} migrations applied in batch 2"));
        three.fixture.run(&["rollback"]).exits(0).says(&format!("{left} migrations rolled back"));
        three.fixture.run(&["rollback", "--all"]).exits(0);
    }
}
