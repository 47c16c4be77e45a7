//! A migration that took the place of two others, in every state in which a store may be.

use super::*;

/// `m2_s` took the place of `m1_a` and `m2_b`.
fn squashed() -> Vec<Listed> {
    let irreversible = Migration::irreversible("m2_s", source("m2_s"), Body, "it is what all begins with");
    let migrations = [irreversible.replaces(["m1_a", "m2_b"]), Migration::new("m3_c", source("m3_c"), Body)];
    migrations.iter().map(|migration| Listed::of(migration, crate::store::Database::Sqlite, false)).collect()
}

/// `+name` is applied, `-name` rolled back, `=name` entered for others.
fn says(snapshot: &Snapshot, request: &Request, policy: Policy) -> Result<Vec<String>, Error> {
    let listed = squashed();
    let plan = plan(&[Seen { name: "main", listed: &listed, snapshot }], request, policy)?;
    let replacements = plan.replacements.iter();
    let mut lines: Vec<String> = replacements
        .map(|replacement| format!("={} for {}", replacement.name, replacement.replaces.join(" ")))
        .collect();
    lines.extend(plan.actions.iter().map(|action| match action.direction {
        Direction::Up => format!("+{}", action.name),
        Direction::Down => format!("-{}", action.name),
    }));
    lines.extend(plan.warnings.iter().map(|_| "warning".to_owned()));
    Ok(lines)
}

#[test]
fn where_nothing_is_applied_it_runs() {
    assert_eq!(says(&applied(&[]), &Request::migrate(), STRICT).unwrap(), ["+m2_s", "+m3_c"]);
}

#[test]
fn where_all_is_applied_it_is_entered_and_only_what_follows_runs() {
    let before = applied(&["m1_a@1", "m2_b@2"]);
    for policy in [STRICT, RELAXED] {
        let said = says(&before, &Request::migrate(), policy).unwrap();
        assert_eq!(said, ["=m2_s for m1_a m2_b", "+m3_c"]);
    }
    let later = applied(&["m1_a@1", "m2_b@2", "m3_c@3"]);
    assert_eq!(says(&later, &Request::migrate(), STRICT).unwrap(), ["=m2_s for m1_a m2_b"]);
}

#[test]
fn in_the_order_of_application_not_of_the_list() {
    let merged_later = applied(&["m2_b@1", "m1_a@2"]);
    let said = says(&merged_later, &Request::migrate(), STRICT).unwrap();
    assert_eq!(said, ["=m2_s for m2_b m1_a", "+m3_c"]);
}

#[test]
fn where_it_is_entered_there_is_nothing_to_do() {
    assert!(says(&applied(&["m2_s@1", "m3_c@1"]), &Request::migrate(), STRICT).unwrap().is_empty());
}

#[test]
fn where_a_part_is_applied_it_is_refused_with_the_way_on() {
    for (policy, rows) in [(STRICT, vec!["m1_a@1"]), (RELAXED, vec!["m2_b@1", "m3_c@2"])] {
        let refusal = match says(&applied(&rows), &Request::migrate(), policy) {
            Err(Error::Refused(refusal)) => refusal,
            other => panic!("not refused: {other:?}"),
        };
        assert_eq!(refusal.rule, Rule::PartlyReplaced);
        assert!(refusal.message.contains("2 migrations, of which 1 is applied"), "{}", refusal.message);
        assert!(refusal.hint.contains("`updown migrate --to m2_b`"), "{}", refusal.hint);
    }
}

/// Two squashes behind: what it has was replaced by what it has not.
#[test]
fn where_it_skipped_a_squash_it_is_told_which_release_it_needs() {
    let hint = |row: &str| match says(&applied(&[row]), &Request::migrate(), STRICT) {
        Err(Error::Refused(refusal)) if refusal.rule == Rule::Missing => refusal.hint,
        other => panic!("not refused: {other:?}"),
    };
    assert!(hint("m0_z@1").starts_with("m2_s replaces m1_a: run a release first"), "{}", hint("m0_z@1"));
    let entered = says(&applied(&["m0_z@1", "m2_s@2"]), &Request::migrate(), STRICT);
    let Err(Error::Refused(refusal)) = entered else { panic!("not refused: {entered:?}") };
    assert!(refusal.hint.starts_with("put the module back"), "{}", refusal.hint);
}

/// What is half done was not replaced by anybody.
#[test]
fn an_interrupted_one_is_no_applied_one() {
    let interrupted = with_journal(applied(&["m1_a@1"]), "m2_b", Direction::Up);
    assert_eq!(refusal(says(&interrupted, &Request::migrate(), STRICT)), Rule::PartlyReplaced);
}

#[test]
fn no_rollback_reaches_behind_it() {
    let later = applied(&["m1_a@1", "m2_b@1", "m3_c@2"]);
    let entered = applied(&["m2_s@1", "m3_c@2"]);
    for snapshot in [&later, &entered] {
        assert_eq!(says(snapshot, &Request::rollback(), STRICT).unwrap(), ["-m3_c"]);
        let all = Request::Rollback(Selection::All);
        assert_eq!(refusal(says(snapshot, &all, STRICT)), Rule::Irreversible);
    }
}

#[test]
fn goto_means_the_last_one_that_it_replaces() {
    let later = applied(&["m1_a@1", "m2_b@1", "m3_c@2"]);
    let goto = |name: &str| says(&later, &Request::Goto(name.to_owned()), STRICT).unwrap();
    assert_eq!(goto("m2_s"), ["-m3_c"]);
    // Nothing is behind it: what took the place of others is entered, as with any migrate.
    assert_eq!(goto("m3_c"), ["=m2_s for m1_a m2_b"]);
    let before = applied(&["m1_a@1", "m2_b@1"]);
    let said = says(&before, &Request::Goto("m3_c".to_owned()), STRICT).unwrap();
    assert_eq!(said, ["=m2_s for m1_a m2_b", "+m3_c"]);
}

#[cfg(feature = "cli")]
#[test]
fn what_is_replaced_is_told_by_its_new_name() {
    let names = |rows: &[&str]| replace::as_listed(&applied(rows), &squashed());
    assert_eq!(names(&["m1_a@1", "m2_b@1", "m3_c@1"]), ["m2_s", "m3_c"]);
    assert_eq!(names(&["m1_a@1"]), ["m1_a"]);
}
