//! What each tool writes, found in a list, as tables.

use super::*;
use crate::migration::Migration;
use crate::store::Database;
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

const TEXT: &str = "CREATE TABLE a (id INT);\nCREATE TABLE b (id INT);\n";

fn list(names: &[&str]) -> Vec<Listed> {
    let of =
        |name: &&str| Listed::of(&Migration::new((*name).to_owned(), TEXT, Body), Database::Sqlite, false);
    names.iter().map(of).collect()
}

fn recorded(version: &str) -> Recorded {
    Recorded { version: version.to_owned(), number: version.parse().ok(), ..Recorded::default() }
}

/// `version`, or `version name`.
fn rows(tool: Tool, rows: &[&str]) -> Vec<Recorded> {
    let texts = rows.iter().map(|row| {
        let (version, name) =
            row.split_once(' ').map_or((*row, None), |(version, name)| (version, Some(name)));
        let is_name = matches!(tool, Tool::Script | Tool::SeaOrm | Tool::Gocqlx);
        crate::ledger::Texts {
            version: (!is_name).then(|| version.to_owned()),
            name: if is_name { Some(version.to_owned()) } else { name.map(str::to_owned) },
            ..crate::ledger::Texts::default()
        }
    });
    crate::ledger::recorded(tool, texts.collect(), "").unwrap()
}

fn found(tool: Tool, recorded: Vec<Recorded>, names: &[&str]) -> Vec<String> {
    let matches = matched(tool, recorded, &list(names), None).unwrap();
    matches.iter().map(|found| names[found.index].to_owned()).collect()
}

#[test]
fn what_each_tool_records_is_found() {
    type Names = &'static [&'static str];
    let cases: [(Tool, Names, Names, Names); 10] = [
        (
            Tool::Diesel,
            &["00000000000000", "20240101000000"],
            &["00000000000000_diesel_initial_setup", "2024-01-01-000000_users", "2024-02-01-000000_more"],
            &["00000000000000_diesel_initial_setup", "2024-01-01-000000_users"],
        ),
        (Tool::Diesel, &["20240101000000"], &["m20240101000000_users"], &["m20240101000000_users"]),
        (
            Tool::Link,
            &["1 create_users", "2 002_more"],
            &["001_create_users", "002_more"],
            &["001_create_users", "002_more"],
        ),
        (
            Tool::Script,
            &["20241227_101500_add_x", "20241228_101500_add_y.sql"],
            &["20241227_101500_add_x", "20241228_101500_add_y"],
            &["20241227_101500_add_x", "20241228_101500_add_y"],
        ),
        (
            Tool::SeaOrm,
            &["m20220101_000001_create_table"],
            &["m20220101_000001_create_table"],
            &["m20220101_000001_create_table"],
        ),
        (
            Tool::Sqlx,
            &["20240101000000 create users"],
            &["20240101000000_create_users"],
            &["20240101000000_create_users"],
        ),
        (Tool::Sqlx, &["1 init"], &["m0001_init", "m0002_next"], &["m0001_init"]),
        (Tool::Refinery, &["1 initial"], &["m0001_initial"], &["m0001_initial"]),
        (Tool::Gocqlx, &["0001_tables.cql"], &["0001_tables", "0002_more"], &["0001_tables"]),
        (Tool::Gocqlx, &["m1.cql"], &["m1"], &["m1"]),
    ];
    for (tool, recorded, names, wanted) in cases {
        assert_eq!(found(tool, rows(tool, recorded), names), wanted, "{tool}");
    }
}

#[test]
fn one_row_of_golang_migrate_stands_for_all_before_it() {
    let names = ["000001_a", "000002_b", "000003_c"];
    assert_eq!(found(Tool::GolangMigrate, vec![recorded("2")], &names), ["000001_a", "000002_b"]);
    assert!(found(Tool::GolangMigrate, vec![], &names).is_empty());
    let gone = matched(Tool::GolangMigrate, vec![recorded("7")], &list(&names), None);
    assert_eq!(gone, Err(Unmatched::Missing(vec!["7".to_owned()])));
}

#[test]
fn all_that_is_missing_is_named() {
    let names = ["m0001_a", "m0003_c"];
    let missing = matched(Tool::Goose, rows(Tool::Diesel, &["1", "2", "3", "4"]), &list(&names), None);
    assert_eq!(missing, Err(Unmatched::Missing(vec!["2".to_owned(), "4".to_owned()])));
}

#[test]
fn another_migration_of_the_same_number_is_none() {
    let names = ["m0001_create_videos"];
    let other = matched(Tool::Sqlx, rows(Tool::Sqlx, &["1 create users"]), &list(&names), None);
    let said = "1 (create users) (it is m0001_create_videos in the list)";
    assert_eq!(other, Err(Unmatched::Missing(vec![said.to_owned()])));
    for same in ["1 create videos", "1 create_videos", "1 CreateVideos.sql", "1 001_create_videos"] {
        let is_same = same != "1 CreateVideos.sql";
        assert_eq!(
            matched(Tool::Sqlx, rows(Tool::Sqlx, &[same]), &list(&names), None).is_ok(),
            is_same,
            "{same}"
        );
    }
}

#[test]
fn what_is_dirty_has_to_be_said() {
    let names = ["m0001_a", "m0002_b", "m0003_c"];
    let dirty = |version: &str| Recorded { is_dirty: true, ..recorded(version) };
    let of = |tool, rows: Vec<Recorded>, how| {
        matched(tool, rows, &list(&names), how)
            .map(|found| found.iter().map(|found| (found.index, found.by_word)).collect::<Vec<_>>())
    };
    for (tool, rows) in
        [(Tool::GolangMigrate, vec![dirty("2")]), (Tool::Sqlx, vec![recorded("1"), dirty("2")])]
    {
        let left_open = Err(Unmatched::Dirty(vec!["2".to_owned()]));
        assert_eq!(of(tool, rows.clone(), None), left_open, "{tool}");
        assert_eq!(of(tool, rows.clone(), Some(Dirty::Applied)), Ok(vec![(0, false), (1, true)]), "{tool}");
        assert_eq!(of(tool, rows, Some(Dirty::NotApplied)), Ok(vec![(0, false)]), "{tool}");
    }
    // The first of all, which was being undone.
    let first = Recorded { number: Some(-1), ..dirty("-1") };
    assert_eq!(
        of(Tool::GolangMigrate, vec![first.clone()], None),
        Err(Unmatched::Dirty(vec!["-1".to_owned()]))
    );
    assert_eq!(of(Tool::GolangMigrate, vec![first], Some(Dirty::NotApplied)), Ok(vec![]));
}

#[test]
fn of_gocqlx_the_statements_that_are_done_are_counted() {
    let of = |done| {
        let rows = vec![Recorded { statements: Some(done), ..recorded("m1") }];
        matched(Tool::Gocqlx, rows, &list(&["m1"]), None)
    };
    assert_eq!(of(1), Err(Unmatched::Dirty(vec!["m1".to_owned()])));
    assert!(of(2).is_ok());
}

#[test]
fn they_are_in_the_order_of_their_times_or_of_the_list() {
    let names = ["m0001_a", "m0002_b", "m0003_c"];
    let at = |version: &str, at: Option<&str>| Recorded { at: at.map(str::to_owned), ..recorded(version) };
    let times = vec![at("1", Some("2024-03")), at("2", Some("2024-01")), at("3", Some("2024-03"))];
    assert_eq!(found(Tool::Diesel, times.clone(), &names), ["m0002_b", "m0001_a", "m0003_c"]);
    let some = vec![at("3", Some("2024-01")), at("1", None)];
    assert_eq!(found(Tool::Refinery, some, &names), ["m0001_a", "m0003_c"]);
    // What goose says is its own order.
    let order = vec![at("3", Some("2024-01")), at("1", Some("2024-01"))];
    assert_eq!(found(Tool::Goose, order, &names), ["m0003_c", "m0001_a"]);
}

#[test]
fn checksums_are_compared_where_it_is_known_how_they_are_made() {
    let sha384 = fingerprint::hex("", &Sha384::digest(TEXT.as_bytes()));
    let sha256 = fingerprint::hex("", &Sha256::digest(TEXT.as_bytes()));
    let of = |tool, checksum: &str| {
        let row = Recorded { checksum: Some(checksum.to_owned()), ..recorded("1") };
        matched(tool, vec![row], &list(&["m0001_a"]), None).unwrap()[0].checksum
    };
    assert_eq!(of(Tool::Sqlx, &sha384), Checksum::Same);
    assert_eq!(of(Tool::Sqlx, &"0".repeat(96)), Checksum::Differs);
    assert_eq!(of(Tool::Link, &sha256), Checksum::Same);
    assert_eq!(of(Tool::Script, &"0".repeat(64)), Checksum::Differs);
    for (tool, unknown) in
        [(Tool::Script, "0".repeat(32)), (Tool::Refinery, "123".to_owned()), (Tool::Diesel, sha256)]
    {
        assert_eq!(of(tool, &unknown), Checksum::Unknown, "{tool}");
    }
}
