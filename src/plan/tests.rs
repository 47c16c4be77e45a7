//! Every selection and every refusal, as tables.

mod replaced;

use std::borrow::Cow;

use super::*;
use crate::error::Rule;
use crate::ledger::{Applied, JournalRow, StepState};
use crate::migration::Migration;
use crate::traits::{Down, Result, Up};

struct Body;
impl Up<()> for Body {
    fn up(&self, (): &mut ()) -> Result {
        Ok(())
    }
}
impl Down<()> for Body {
    fn down(&self, (): &mut ()) -> Result {
        Ok(())
    }
}

/// `name`, or `name!` for an irreversible one, or `name~` for a repeatable one, `name~~` without a way back.
fn listed(names: &[&str]) -> Vec<Listed> {
    names
        .iter()
        .map(|name| match name.strip_suffix('!') {
            None if name.ends_with('~') => {
                let bare = name.trim_end_matches('~').to_owned();
                let text = source(&bare);
                let migration = match name.ends_with("~~") {
                    true => Migration::repeatable(bare, text, Body),
                    false => Migration::new(bare, text, Body).runs_again(),
                };
                Listed::of(&migration, crate::store::Database::Sqlite, false)
            }
            Some(name) => Listed::of(
                &Migration::irreversible(name.to_owned(), source(name), Body, "the data is gone"),
                crate::store::Database::Sqlite,
                false,
            ),
            None => Listed::of(
                &Migration::new((*name).to_owned(), source(name), Body),
                crate::store::Database::Sqlite,
                false,
            ),
        })
        .collect()
}

fn source(name: &str) -> Cow<'static, str> {
    Cow::Owned(format!("struct {name};"))
}

/// `name@batch`; with `*` behind it, applied under other content; `name~@batch` of what was repeatable. In the order of application.
fn applied(rows: &[&str]) -> Snapshot {
    let applied = rows.iter().zip(1..).map(|(row, id)| {
        let (row, changed) = row.strip_suffix('*').map_or((*row, false), |row| (row, true));
        let (name, batch) = row.split_once('@').unwrap();
        let (name, is_repeatable) = name.strip_suffix('~').map_or((name, false), |name| (name, true));
        let source = if changed { Cow::Borrowed("struct Before;") } else { source(name) };
        Applied {
            id,
            name: name.to_owned(),
            hash: crate::fingerprint::hash(&source, crate::fingerprint::Language::Text),
            fingerprint: crate::fingerprint::of_migration(&source, is_repeatable),
            applied_at: format!("2026-01-01T00:00:0{id}.000Z"),
            batch_no: batch.parse().unwrap(),
            run_id: format!("run {batch}"),
            duration_ms: 1,
        }
    });
    let applied: Vec<Applied> = applied.collect();
    Snapshot {
        exists: true,
        last_batch: applied.iter().map(|row| row.batch_no).max().unwrap_or(0),
        applied,
        ..Snapshot::default()
    }
}

fn with_journal(mut snapshot: Snapshot, name: &str, direction: Direction) -> Snapshot {
    snapshot.journal.push(JournalRow {
        name: name.to_owned(),
        direction,
        step: 1,
        digest: String::new(),
        what: String::new(),
        state: StepState::Done,
        cursor: None,
        chunks: 0,
    });
    snapshot
}

/// What one store answers: `+name` is applied, `-name` is rolled back.
fn answer(
    list: &[&str],
    snapshot: &Snapshot,
    request: &Request,
    policy: Policy,
) -> Result<Vec<String>, Error> {
    let listed = listed(list);
    let stores = [Seen { name: "main", listed: &listed, snapshot }];
    let plan = plan(&stores, request, policy)?;
    let sign = |action: &Action| match action.direction {
        Direction::Up => '+',
        Direction::Down => '-',
    };
    let mut lines: Vec<String> =
        plan.actions.iter().map(|action| format!("{}{}", sign(action), action.name)).collect();
    lines.extend(plan.warnings.iter().map(|_| "warning".to_owned()));
    Ok(lines)
}

const STRICT: Policy = Policy { relaxed: false, allow_out_of_order: false, refuses_newer: true };
const RELAXED: Policy = Policy { relaxed: true, refuses_newer: false, ..STRICT };
const ALLOWED: Policy = Policy { allow_out_of_order: true, ..STRICT };

fn refusal(result: Result<Vec<String>, Error>) -> Rule {
    match result {
        Err(Error::Refused(refusal)) => {
            assert!(!refusal.hint.is_empty());
            refusal.rule
        }
        other => panic!("not refused: {other:?}"),
    }
}

const THREE: [&str; 3] = ["m1_a", "m2_b", "m3_c"];

fn to(name: &str) -> Request {
    Request::Migrate { to: Some(name.to_owned()), count: None }
}

#[test]
fn what_migrate_selects() {
    let some = applied(&["m1_a@1"]);
    for (snapshot, request, wanted) in [
        (&Snapshot::default(), Request::migrate(), &["+m1_a", "+m2_b", "+m3_c"][..]),
        (&some, Request::migrate(), &["+m2_b", "+m3_c"]),
        (&some, to("m2_b"), &["+m2_b"]),
        (&some, to("2"), &["+m2_b"]),
        (&some, to("m1_a"), &[]),
        (&some, Request::Migrate { to: None, count: Some(1) }, &["+m2_b"]),
        (&applied(&["m1_a@1", "m2_b@1", "m3_c@2"]), Request::migrate(), &[]),
        (&some, Request::Fresh, &["+m1_a", "+m2_b", "+m3_c"]),
        (&some, Request::Goto("m2_b".to_owned()), &["+m2_b"]),
        (&applied(&["m1_a@1", "m2_b@1"]), Request::Goto("m1_a".to_owned()), &["-m2_b"]),
    ] {
        assert_eq!(answer(&THREE, snapshot, &request, STRICT).unwrap(), wanted, "{request:?}");
    }
}

#[test]
fn what_rollback_selects() {
    // Applied out of the list's order: rollback goes by the order of application.
    let snapshot = applied(&["m1_a@1", "m3_c@2", "m2_b@2"]);
    let rollback = Request::Rollback;
    for (request, wanted) in [
        (rollback(Selection::LastBatch), &["-m2_b", "-m3_c"][..]),
        (rollback(Selection::Count(1)), &["-m2_b"]),
        (rollback(Selection::Count(3)), &["-m2_b", "-m3_c", "-m1_a"]),
        (rollback(Selection::Count(9)), &["-m2_b", "-m3_c", "-m1_a"]),
        (rollback(Selection::Batch(1)), &["-m1_a"]),
        (rollback(Selection::To("m3_c".to_owned())), &["-m2_b"]),
        (rollback(Selection::To("m2_b".to_owned())), &[]),
        (rollback(Selection::Name("m3_c".to_owned())), &["-m3_c"]),
        (rollback(Selection::Name("3".to_owned())), &["-m3_c"]),
        (rollback(Selection::All), &["-m2_b", "-m3_c", "-m1_a"]),
        (Request::Redo(Selection::LastBatch), &["-m2_b", "-m3_c", "+m2_b", "+m3_c"]),
    ] {
        assert_eq!(answer(&THREE, &snapshot, &request, STRICT).unwrap(), wanted, "{request:?}");
    }
    let nothing = Snapshot::default();
    for selection in [Selection::LastBatch, Selection::Count(2), Selection::All] {
        assert!(answer(&THREE, &nothing, &rollback(selection), STRICT).unwrap().is_empty());
    }
}

#[test]
fn the_newest_run_is_rolled_back_in_every_store_last_store_first() {
    let (one, two) = (listed(&["m1_a", "m2_b"]), listed(&["m1_x"]));
    let (first, second) = (applied(&["m1_a@1", "m2_b@2"]), applied(&["m1_x@2"]));
    let stores = [
        Seen { name: "one", listed: &one, snapshot: &first },
        Seen { name: "two", listed: &two, snapshot: &second },
    ];
    let names = |selection| {
        let plan = plan(&stores, &Request::Rollback(selection), STRICT).unwrap();
        plan.actions.iter().map(|action| format!("{}/{}", action.store, action.name)).collect::<Vec<_>>()
    };
    assert_eq!(names(Selection::LastBatch), ["two/m1_x", "one/m2_b"]);
    assert_eq!(names(Selection::Count(3)), ["two/m1_x", "one/m2_b", "one/m1_a"]);
    let number = plan(&stores, &to("1"), STRICT);
    assert!(matches!(number, Err(Error::Usage { .. })), "a number that two stores have: {number:?}");
}

/// Rows in the order of application, each `name@batch/run/second`.
fn by_runs(rows: &[&str]) -> Snapshot {
    let names: Vec<&str> = rows.iter().map(|row| row.split('/').next().unwrap()).collect();
    let mut snapshot = applied(&names);
    for (row, text) in snapshot.applied.iter_mut().zip(rows) {
        let [_, run, second] = text.split('/').collect::<Vec<_>>()[..] else { panic!("{text}") };
        row.run_id = run.to_owned();
        row.applied_at = format!("2026-01-01T00:00:{second}.000Z");
    }
    snapshot
}

/// What a rollback undoes in the stores `a`, `b` and `c`.
fn undone(stores: [&[&str]; 3], selection: Selection) -> Result<Vec<String>, Error> {
    let snapshots = stores.map(by_runs);
    let listed = snapshots
        .each_ref()
        .map(|snapshot| listed(&snapshot.applied.iter().map(|row| row.name.as_str()).collect::<Vec<_>>()));
    let seen: Vec<Seen<'_>> = ["a", "b", "c"]
        .iter()
        .zip(&listed)
        .zip(&snapshots)
        .map(|((name, listed), snapshot)| Seen { name, listed, snapshot })
        .collect();
    let plan = plan(&seen, &Request::Rollback(selection), STRICT)?;
    Ok(plan.actions.iter().map(|action| format!("{}/{}", action.store, action.name)).collect())
}

#[test]
fn the_newest_run_is_the_newest_by_time_where_stores_were_migrated_alone() {
    // `a` has counted to 5 by itself, and `b` to 1, later; then a run over both.
    let (a, b) = (&["m1_a@4/r1/01", "m2_b@5/r2/02"][..], &["m1_x@1/r3/03"][..]);
    assert_eq!(undone([a, b, &[]], Selection::LastBatch).unwrap(), ["b/m1_x"]);
    assert_eq!(undone([a, b, &[]], Selection::Count(2)).unwrap(), ["b/m1_x", "a/m2_b"]);
    let (a, b) = ([a, &["m3_c@6/r4/04"]].concat(), [b, &["m2_y@6/r4/04"]].concat());
    assert_eq!(undone([&a, &b, &[]], Selection::LastBatch).unwrap(), ["b/m2_y", "a/m3_c"]);
    assert_eq!(undone([&a, &b, &[]], Selection::Count(3)).unwrap(), ["b/m2_y", "a/m3_c", "b/m1_x"]);
}

#[test]
fn what_a_store_says_goes_over_the_clocks() {
    // By its time `r1` is the newest, but in `b` it stands before `r2`; and `r2` before `r3` in `c`.
    let (a, b, c) = (
        &["m1_a@1/r1/59", "m2_b@9/r0/50"][..],
        &["m1_x@1/r1/59", "m2_y@2/r2/20"][..],
        &["m1_p@2/r2/20", "m2_q@1/r3/10"][..],
    );
    let all = undone([a, b, c], Selection::Count(9)).unwrap();
    assert_eq!(all, ["a/m2_b", "c/m2_q", "c/m1_p", "b/m2_y", "b/m1_x", "a/m1_a"]);
    // Interleaved as no two runs are that keep to their leases: still each once.
    let (a, b) = (&["m1_a@1/r1/01", "m2_b@2/r2/02"][..], &["m1_x@2/r2/02", "m2_y@1/r1/01"][..]);
    assert_eq!(undone([a, b, &[]], Selection::Count(9)).unwrap().len(), 4);
}

#[test]
fn a_batch_number_of_two_runs_means_neither() {
    let (a, b, c) = (&["m1_a@1/r1/01"][..], &["m1_x@1/r2/02", "m2_y@2/r3/03"][..], &["m1_p@1/r1/01"][..]);
    assert_eq!(undone([a, b, c], Selection::Batch(2)).unwrap(), ["b/m2_y"]);
    let Err(Error::Usage { message, hint: Some(hint) }) = undone([a, b, c], Selection::Batch(1)) else {
        panic!("it could mean two")
    };
    assert_eq!(message, "batch 1 could be a run in a and c, or another one in b");
    assert_eq!(hint, "say which: `--store a --store c`, or `--store b`");
}

#[test]
fn what_is_half_applied_in_another_store_stays() {
    let (one, two) = (listed(&["m1_a"]), listed(&["m1_x"]));
    let half = with_journal(Snapshot::default(), "m1_x", Direction::Up);
    let first = applied(&["m1_a@1"]);
    let stores = [
        Seen { name: "one", listed: &one, snapshot: &first },
        Seen { name: "two", listed: &two, snapshot: &half },
    ];
    let plan = plan(&stores, &Request::rollback(), STRICT).unwrap();
    assert_eq!((plan.actions.len(), plan.actions[0].store.as_str()), (1, "one"));
    assert!(plan.warnings[0].contains("m1_x is half applied in store two"), "{:?}", plan.warnings);
}

#[test]
fn a_changed_migration_stops_migrate_and_only_warns_a_rollback() {
    let changed = applied(&["m1_a@1*"]);
    assert_eq!(refusal(answer(&THREE, &changed, &Request::migrate(), STRICT)), Rule::Changed);
    assert_eq!(refusal(answer(&THREE, &changed, &Request::migrate(), RELAXED)), Rule::Changed);
    assert_eq!(answer(&THREE, &changed, &Request::rollback(), STRICT).unwrap(), ["-m1_a", "warning"]);
    assert_eq!(
        answer(&THREE, &changed, &Request::Redo(Selection::LastBatch), STRICT).unwrap(),
        ["-m1_a", "+m1_a", "warning"]
    );
}

#[test]
fn formerly_accepts_a_change() {
    let changed = applied(&["m1_a@1*"]);
    let accepted = [Listed::of(
        &Migration::new("m1_a", source("m1_a"), Body).formerly(changed.applied[0].hash.clone()),
        crate::store::Database::Sqlite,
        false,
    )];
    let stores = [Seen { name: "main", listed: &accepted, snapshot: &changed }];
    assert!(plan(&stores, &Request::migrate(), STRICT).unwrap().actions.is_empty());
}

#[test]
fn a_migration_that_the_list_lacks_stops() {
    let between = applied(&["m1_a@1", "m2_x@1", "m3_c@1"]);
    assert_eq!(refusal(answer(&THREE, &between, &Request::migrate(), RELAXED)), Rule::Missing);
    assert_eq!(refusal(answer(&THREE, &between, &Request::Rollback(Selection::All), RELAXED)), Rule::Missing);
}

#[test]
fn a_newer_database_is_a_warning_where_one_switches_branches() {
    let newer = applied(&["m1_a@1", "m2_b@1", "m3_c@1", "m4_d@2"]);
    assert_eq!(refusal(answer(&THREE, &newer, &Request::migrate(), STRICT)), Rule::NewerDatabase);
    assert_eq!(answer(&THREE, &newer, &Request::migrate(), RELAXED).unwrap(), ["warning"]);
    // A higher number that was applied before known ones is not newer, it is missing.
    let before = applied(&["m4_d@1", "m1_a@2"]);
    assert_eq!(refusal(answer(&THREE, &before, &Request::migrate(), RELAXED)), Rule::Missing);
}

#[test]
fn a_pending_one_before_an_applied_one() {
    let gap = applied(&["m1_a@1", "m3_c@1"]);
    assert_eq!(refusal(answer(&THREE, &gap, &Request::migrate(), STRICT)), Rule::OutOfOrder);
    assert_eq!(answer(&THREE, &gap, &Request::migrate(), RELAXED).unwrap(), ["+m2_b", "warning"]);
    assert_eq!(answer(&THREE, &gap, &Request::migrate(), ALLOWED).unwrap(), ["+m2_b", "warning"]);
}

#[test]
fn an_irreversible_one_stops_a_rollback_before_anything_runs() {
    let list = ["m1_a!", "m2_b"];
    let snapshot = applied(&["m1_a@1", "m2_b@1"]);
    assert_eq!(refusal(answer(&list, &snapshot, &Request::rollback(), RELAXED)), Rule::Irreversible);
    assert_eq!(
        answer(&list, &snapshot, &Request::Rollback(Selection::Count(1)), RELAXED).unwrap(),
        ["-m2_b"]
    );
}

#[test]
fn what_is_half_done_is_finished_the_same_way() {
    let half_up = with_journal(applied(&["m1_a@1"]), "m2_b", Direction::Up);
    assert_eq!(answer(&THREE, &half_up, &Request::migrate(), STRICT).unwrap(), ["+m2_b", "+m3_c"]);
    assert_eq!(refusal(answer(&THREE, &half_up, &Request::rollback(), STRICT)), Rule::Interrupted);

    let half_down = with_journal(applied(&["m1_a@1", "m2_b@2"]), "m2_b", Direction::Down);
    assert_eq!(answer(&THREE, &half_down, &Request::rollback(), STRICT).unwrap(), ["-m2_b"]);
    assert_eq!(refusal(answer(&THREE, &half_down, &Request::migrate(), STRICT)), Rule::Interrupted);
}

#[test]
fn a_name_that_does_not_exist() {
    let snapshot = applied(&["m1_create_videos@1"]);
    for (typed, hint) in [
        ("m1_create_vidoes", "did you mean `m1_create_videos`?"),
        ("create_videos", "did you mean `m1_create_videos`?"),
        ("m9_create_videos", "did you mean `m1_create_videos`?"),
        ("zzz", "`updown status` lists them"),
    ] {
        let request = Request::Rollback(Selection::To(typed.to_owned()));
        match answer(&["m1_create_videos"], &snapshot, &request, STRICT) {
            Err(Error::Usage { hint: Some(said), .. }) => assert_eq!(said, hint),
            other => panic!("{other:?}"),
        }
    }
    let batch = answer(&THREE, &applied(&["m1_a@4"]), &Request::Rollback(Selection::Batch(3)), STRICT);
    assert!(matches!(batch, Err(Error::Usage { hint: Some(hint), .. }) if hint == "these batches are: 4"));
}

const REPEATABLE: [&str; 4] = ["m1_a", "m2_b", "v_x~", "v_y~~"];

#[test]
fn what_is_repeatable_runs_behind_the_others_and_when_it_has_changed() {
    let run =
        |rows: &[&str], request: &Request| answer(&REPEATABLE, &applied(rows), request, STRICT).unwrap();
    let all = ["m1_a@1", "m2_b@1", "v_x~@1", "v_y~@1"];
    let migrate = |to: Option<&str>, count| Request::Migrate { to: to.map(str::to_owned), count };
    for (rows, request, expected) in [
        (&[][..], Request::migrate(), &["+m1_a", "+m2_b", "+v_x", "+v_y"][..]),
        (&all, Request::migrate(), &[]),
        (&["m1_a@1", "m2_b@1", "v_x~@1*", "v_y~@1"], Request::migrate(), &["+v_x"]),
        // Applied before the newest: it is out of no order.
        (&["m1_a@1", "v_x~@1", "v_y~@1*"], Request::migrate(), &["+m2_b", "+v_y"]),
        // All that is not repeatable has to be applied by then.
        (&[], migrate(Some("m1_a"), None), &["+m1_a"]),
        (&[], migrate(Some("m2_b"), None), &["+m1_a", "+m2_b", "+v_x", "+v_y"]),
        (&all[..2], migrate(Some("m1_a"), None), &["+v_x", "+v_y"]),
        (&[], migrate(Some("v_x"), None), &["+m1_a", "+m2_b", "+v_x"]),
        (&[], migrate(None, Some(1)), &["+m1_a"]),
        (&[], migrate(None, Some(2)), &["+m1_a", "+m2_b"]),
        (&all[..2], migrate(None, Some(1)), &["+v_x"]),
        (&all[..1], Request::Goto("m2_b".to_owned()), &["+m2_b", "+v_x", "+v_y"]),
        (&[], Request::Goto("m1_a".to_owned()), &["+m1_a"]),
        (&all[..3], Request::Goto("m2_b".to_owned()), &["+v_y"]),
        (&all[..3], Request::Goto("m1_a".to_owned()), &["-v_x", "-m2_b"]),
        (&all, Request::Goto("m1_a".to_owned()), &["-v_y", "-v_x", "-m2_b", "warning"]),
    ] {
        assert_eq!(run(rows, &request), expected, "{rows:?} {request:?}");
    }
    let goto = answer(&REPEATABLE, &applied(&[]), &Request::Goto("v_x".to_owned()), STRICT);
    assert!(goto.unwrap_err().to_string().contains("marks no place"));
}

#[test]
fn what_is_repeatable_is_undone_by_its_way_back_or_stays() {
    let run =
        |rows: &[&str], request: &Request| answer(&REPEATABLE, &applied(rows), request, STRICT).unwrap();
    let all = ["m1_a@1", "m2_b@1", "v_x~@1", "v_y~@2"];
    let rollback = |selection| Request::Rollback(selection);
    assert_eq!(run(&all, &Request::rollback()), ["-v_y", "warning"]);
    assert_eq!(run(&all, &rollback(Selection::Name("v_x".to_owned()))), ["-v_x"]);
    assert_eq!(run(&all, &rollback(Selection::To("m2_b".to_owned()))), ["-v_y", "-v_x", "warning"]);
    let redo = Request::Redo(Selection::Count(3));
    assert_eq!(run(&all, &redo), ["-v_y", "-v_x", "-m2_b", "+m2_b", "+v_x", "+v_y", "warning"]);
}

#[test]
fn what_was_repeatable_may_leave_the_list() {
    let list = ["m1_a", "m2_b"];
    let run = |rows: &[&str], request: &Request| answer(&list, &applied(rows), request, STRICT);
    assert_eq!(run(&["m1_a@1", "v_x~@1"], &Request::migrate()).unwrap(), ["+m2_b", "warning"]);
    assert_eq!(refusal(run(&["m1_a@1", "v_x@1"], &Request::migrate())), Rule::Missing);
    let back = run(&["m1_a@1", "v_x~@1"], &Request::Rollback(Selection::All)).unwrap();
    assert_eq!(back, ["-m1_a", "warning"]);
}

#[test]
fn an_older_program_leaves_what_a_newer_one_may_have_made() {
    let list = ["m1_a", "v_x~", "v_y~"];
    let newer = applied(&["m1_a@1", "v_x~@2*", "m2_b@2"]);
    let run = |snapshot: &Snapshot| answer(&list, snapshot, &Request::migrate(), RELAXED).unwrap();
    assert_eq!(run(&newer), ["+v_y", "warning", "warning"]);
    assert_eq!(run(&applied(&["m1_a@1", "v_x~@2*"])), ["+v_x", "+v_y"]);
    assert_eq!(
        refusal(answer(&list, &newer, &Request::migrate(), STRICT)),
        Rule::NewerDatabase,
        "what runs again has no place in the order"
    );
}

#[test]
fn a_repeatable_one_that_was_interrupted_is_finished() {
    let snapshot = with_journal(applied(&["m1_a@1", "m2_b@1", "v_x~@1", "v_y~@1"]), "v_x", Direction::Up);
    assert_eq!(answer(&REPEATABLE, &snapshot, &Request::migrate(), STRICT).unwrap(), ["+v_x"]);
}
