//! Every kind of difference, on SQLite and PostgreSQL, from models that are written down here.

use super::*;
use crate::schema::model::index_text::IndexText;
use crate::schema::model::words::Language;
use crate::schema::model::{self, Column, ForeignKey, Key, ReferentialAction, Table, View};
use crate::schema::op::{DefaultValue, ForeignKeyAction, Op};
use crate::schema::{asc, desc};

const SQLITE: Database = Database::Sqlite;
const POSTGRES: Database = Database::Postgres;

fn column(name: &str, sql_type: &str, nullable: bool) -> Column {
    Column { name: name.to_owned(), sql_type: sql_type.to_owned(), nullable, ..Column::default() }
}

fn key(columns: &[&str]) -> Key {
    let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    let definition = format!("PRIMARY KEY ({})", crate::schema::render::list(&columns));
    Key { name: None, columns, definition }
}

fn table(columns: &[Column]) -> Table {
    Table { columns: columns.to_vec(), primary_key: Some(key(&["id"])), ..Table::default() }
}

fn index(name: &str, sql: &str) -> model::Index {
    let parts = IndexText::read(sql, Language::Standard).expect(sql);
    model::Index { name: name.to_owned(), definition: sql.to_owned(), parts, valid: true, comment: None }
}

fn reference(column: &str, to: &str, on_delete: ReferentialAction) -> ForeignKey {
    ForeignKey {
        name: Some(format!("{to}_by_{column}")),
        columns: vec![column.to_owned()],
        to: Name::new(to),
        to_columns: vec!["id".to_owned()],
        on_delete,
        on_update: ReferentialAction::NoAction,
        deferrable: false,
        initially_deferred: false,
        definition: String::new(),
        validated: true,
    }
}

fn model_of(tables: &[(&str, Table)]) -> Model {
    let tables = tables.iter().map(|(name, table)| (Name::new(*name), table.clone())).collect();
    Model { tables, ..Model::default() }
}

/// `users (id)` and `videos (id, title, user_id)`.
fn videos() -> Model {
    let id = || column("id", "bigint", false);
    let mut videos = table(&[id(), column("title", "text", false), column("user_id", "bigint", true)]);
    videos.foreign_keys.push(reference("user_id", "users", ReferentialAction::Cascade));
    videos.indexes.push(index("by_title", "CREATE INDEX by_title ON videos USING btree (title)"));
    model_of(&[("users", table(&[id()])), ("videos", videos)])
}

const VIDEOS: &str = "diesel::table! { users (id) { id -> BigInt, } }
diesel::table! {
    videos (id) {
        id -> BigInt,
        title -> Text,
        user_id -> Nullable<BigInt>,
    }
}
diesel::joinable!(videos -> users (user_id));";

fn found(database: Database, model: &Model, text: &str, beside: impl FnOnce(&mut Beside)) -> Diff {
    let wanted = declared(text, beside);
    diff(database, model, &wanted, &|_| true).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The changes in words, with `+` where nothing but something new comes of it, and with what is lost.
fn said(diff: &Diff) -> Vec<String> {
    let line = |needed: &Needed| {
        let plus = if needed.is_addition { "+ " } else { "" };
        let loses = needed.loses.as_ref().map(|loses| format!(" [{loses}]")).unwrap_or_default();
        let fails = needed.fails_with_rows.as_ref().map(|why| format!(" <{why}>")).unwrap_or_default();
        let at = needed.declared_at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
        // Where this file declares something is no matter.
        let at = if at.contains("kinds.rs") { String::new() } else { at };
        format!("{plus}{}{loses}{fails}{at}", needed.operation)
    };
    diff.needed.iter().map(line).collect()
}

fn problems(database: Database, text: &str, beside: impl FnOnce(&mut Beside)) -> Vec<String> {
    let wanted = declared(text, beside);
    let problems = diff(database, &videos(), &wanted, &|_| true).expect_err("something is wrong");
    problems.iter().map(|problem| format!("{}; {}", problem.what, problem.hint)).collect()
}

#[test]
fn what_is_alike_does_not_differ() {
    for database in [SQLITE, POSTGRES, Database::Cockroach] {
        assert_eq!(said(&found(database, &videos(), VIDEOS, |_| {})), Vec::<String>::new(), "{database}");
    }
}

#[test]
fn columns_come_go_and_change() {
    let text = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! {
    videos (id) {
        id -> BigInt,
        slug -> Text,
        rating -> Nullable<Integer>,
        user_id -> BigInt,
    }
}";
    let diff = found(POSTGRES, &videos(), text, |schema| {
        schema.table("videos", |t| t.default("slug", ""));
    });
    assert_eq!(
        said(&diff),
        [
            "drop index by_title",
            "+ add column videos.slug (text, not null) (schema.rs:5)",
            "+ add column videos.rating (integer) (schema.rs:6)",
            "change the type of users.id from big integer to integer [users.id becomes integer: greater numbers do not fit] (schema.rs:1)",
            "require videos.user_id <it fails where a row of videos has no user_id> (schema.rs:7)",
            "drop column videos.title [the column videos.title is dropped with its values]",
        ]
    );
    let rename = PossibleRename { table: Some(Name::new("videos")), from: "title".into(), to: "slug".into() };
    assert_eq!(diff.renames, std::slice::from_ref(&rename));
    let wanted = declared(text, |_| {});
    let renamed = with_renames(POSTGRES, &videos(), &wanted, &|_| true, &[rename]).expect("a difference");
    assert_eq!(said(&renamed)[0], "rename column videos.title to slug");
    let rest = said(&renamed).join("\n");
    assert!(!rest.contains("drop"), "{rest}");
    assert_eq!(renamed.renames, []);
}

#[test]
fn a_column_without_a_value_fails_where_there_are_rows() {
    let text = VIDEOS.replace("title -> Text,", "title -> Text, slug -> Text,");
    assert_eq!(
        said(&found(SQLITE, &videos(), &text, |_| {})),
        [
            "+ add column videos.slug (text, not null) <videos.slug gets no value in the rows that there are> (schema.rs:5)"
        ]
    );
}

#[test]
fn tables_come_and_go_in_order() {
    let text = "diesel::table! { notes (id) { id -> Integer, other -> Integer, likes -> Integer, } }
diesel::table! { likes (id) { id -> Integer, note_id -> Integer, } }
diesel::table! { tags (id) { id -> Integer, } }
diesel::joinable!(notes -> tags (other));
diesel::joinable!(notes -> likes (likes));
diesel::joinable!(likes -> notes (note_id));";
    assert_eq!(
        said(&found(POSTGRES, &videos(), text, |_| {})),
        [
            "drop index by_title",
            "drop table videos [the table videos is dropped with its rows]",
            "drop table users [the table users is dropped with its rows]",
            "+ create table tags (id) (schema.rs:3)",
            "+ create table likes (id, note_id) (schema.rs:2)",
            "+ create table notes (id, other, likes) (schema.rs:1)",
            "+ add foreign key likes_note_id_fkey (note_id) to notes (id) on likes (schema.rs:6)",
        ]
    );
    let wanted = declared(text, |_| {});
    let none = diff(POSTGRES, &videos(), &wanted, &|_| false).expect("a difference");
    assert!(!said(&none).join("\n").contains("drop"), "what is not meant is left alone");
}

#[test]
fn a_renamed_table_is_asked_about() {
    let text = VIDEOS.replace("videos", "films");
    let diff = found(SQLITE, &videos(), &text, |_| {});
    let rename = PossibleRename { table: None, from: "videos".into(), to: "films".into() };
    assert_eq!(diff.renames, std::slice::from_ref(&rename));
    let wanted = declared(&text, |_| {});
    let renamed = with_renames(SQLITE, &videos(), &wanted, &|_| true, &[rename]).expect("a difference");
    assert_eq!(said(&renamed), ["rename table videos to films"]);
}

#[test]
fn a_primary_key_changes_with_what_refers_to_it() {
    let mut model = videos();
    let users = model.tables.get_mut(&Name::new("users")).expect("users");
    users.columns.push(column("uid", "bigint", false));
    let text = VIDEOS
        .replace("users (id) { id -> BigInt, }", "users (uid) { id -> BigInt, uid -> BigInt, }")
        .replace("diesel::joinable!(videos -> users (user_id));", "");
    assert_eq!(
        said(&found(POSTGRES, &model, &text, |_| {})),
        [
            "drop constraint users_by_user_id on videos [videos.user_id does not refer to users any more: the primary key that it refers to is changed]",
            "drop constraint users_pkey on users (schema.rs:1)",
            "add primary key (uid) on users (schema.rs:1)",
        ]
    );
    let kept = found(POSTGRES, &model, &text, |schema| {
        schema.table("users", |t| {
            t.unique(["id"]);
        });
    });
    assert_eq!(
        said(&kept)[..],
        [
            "drop constraint users_by_user_id on videos",
            "drop constraint users_pkey on users (schema.rs:1)",
            "add primary key (uid) on users (schema.rs:1)",
            "+ add unique constraint users_id_key (id) on users",
            "add foreign key users_by_user_id (user_id) to users (id) on videos",
        ]
    );
}

#[test]
fn what_is_declared_beside_is_required_and_nothing_else_is() {
    let beside = |schema: &mut Beside| {
        schema.table("videos", |t| {
            // There, under another name.
            t.index(["title"]);
            t.index([asc("user_id"), desc("title")]).name("recent").only_where("title <> ''");
            t.unique(["user_id", "title"]);
            t.check("length(title) < 100");
            t.default("title", "none");
            t.foreign_key(["user_id"], "users", ["id"]).on_delete(ForeignKeyAction::SetNull);
        });
    };
    let all = [
        "drop constraint users_by_user_id on videos",
        "+ set the default of videos.title to 'none'",
        "+ add unique constraint videos_user_id_title_key (user_id, title) on videos",
        "+ add check videos_title_check (length(title) < 100) on videos",
        "add foreign key videos_user_id_fkey (user_id) to users (id) on videos",
        "+ create index recent on videos (user_id, title desc) where title <> ''",
    ];
    assert_eq!(said(&found(POSTGRES, &videos(), VIDEOS, beside)), all);
    assert_eq!(said(&found(SQLITE, &videos(), VIDEOS, beside)), all);
    // As PostgreSQL writes it once it is there.
    let mut model = videos();
    let videos = model.tables.get_mut(&Name::new("videos")).expect("videos");
    videos.columns[1].default = Some("'none'::text".to_owned());
    let unique = key(&["user_id", "title"]);
    let definition = unique.definition.replace("PRIMARY KEY", "UNIQUE");
    videos.uniques.push(Key { name: Some("u".to_owned()), definition, ..unique });
    videos.checks.push(model::Check {
        name: Some("c".to_owned()),
        expression: "(length(title) < 100)".to_owned(),
        no_inherit: false,
        validated: true,
    });
    videos.foreign_keys[0].on_delete = ReferentialAction::SetNull;
    videos.indexes.push(index(
        "recent",
        "CREATE INDEX recent ON public.videos USING btree (user_id, title DESC) WHERE (title <> ''::text)",
    ));
    assert_eq!(said(&found(POSTGRES, &model, VIDEOS, beside)), Vec::<String>::new());
    let other = found(POSTGRES, &model, VIDEOS, |schema| {
        schema.table("videos", |t| {
            t.index(["user_id"]).name("recent").unique();
        });
    });
    assert_eq!(said(&other), ["drop index recent", "create unique index recent on videos (user_id)"]);
}

#[test]
fn views_and_virtual_tables_are_no_tables() {
    let mut model = videos();
    model.views.insert(
        Name::new("recent"),
        View { definition: "SELECT id, title FROM videos".to_owned(), ..View::default() },
    );
    model.others.insert("virtual table search".to_owned(), "USING fts5 (title)".to_owned());
    let declared = "diesel::table! { recent (id) { id -> Integer, } }\n\
                    diesel::table! { search (rowid) { rowid -> Integer, } }";
    let text = format!("{VIDEOS}\n{declared}");
    let diff = found(SQLITE, &model, &text, |_| {});
    assert_eq!(said(&diff), Vec::<String>::new());
    let left = ["recent is a view", "search is a virtual table"];
    assert_eq!(diff.notes, left.map(|what| format!("{what}: neither it nor its columns are compared")));
    let dropped = found(SQLITE, &model, &text.replace("        title -> Text,\n", ""), |_| {});
    assert!(
        dropped.notes.iter().any(|note| note.contains("the view recent uses videos.title")),
        "{:?}",
        dropped.notes
    );
}

#[test]
fn an_implicit_rowid_is_no_column() {
    let plain = Table { columns: vec![column("a", "text", true)], ..Table::default() };
    let text = "diesel::table! { t (rowid) { rowid -> Integer, a -> Nullable<Text>, } }";
    assert_eq!(said(&found(SQLITE, &model_of(&[("t", plain)]), text, |_| {})), Vec::<String>::new());
}

#[test]
fn the_row_number_of_sqlite_is_an_integer_and_a_big_one() {
    let users = table(&[column("id", "INTEGER", false)]);
    for kind in ["Integer", "BigInt", "Nullable<Integer>", "Nullable<BigInt>"] {
        let text = format!("diesel::table! {{ users (id) {{ id -> {kind}, }} }}");
        let model = model_of(&[("users", users.clone())]);
        assert_eq!(said(&found(SQLITE, &model, &text, |_| {})), Vec::<String>::new(), "{kind}");
    }
    let text = "diesel::table! { users (id) { id -> SmallInt, } }";
    let model = model_of(&[("users", users)]);
    assert_eq!(said(&found(SQLITE, &model, text, |_| {})).len(), 1);
}

#[test]
fn names_are_compared_as_the_database_does() {
    let text = VIDEOS.replace("videos (id)", "#[sql_name = \"VIDEOS\"] videos (id)");
    assert_eq!(said(&found(SQLITE, &videos(), &text, |_| {})), Vec::<String>::new());
    assert!(!said(&found(POSTGRES, &videos(), &text, |_| {})).is_empty());
}

#[test]
fn what_is_wrong_is_said() {
    let text = VIDEOS.replace("title -> Text", "title -> Inet");
    assert_eq!(problems(SQLITE, &text, |_| {}), ["SQLite has no type for Inet; write `Text`"]);
    let said = problems(POSTGRES, VIDEOS, |schema| {
        schema.table("video", |t| {
            t.index(["title"]);
        });
        schema.table("videos", |t| {
            t.index(["titel"]);
            t.foreign_key(["user_id"], "user", ["id"]);
        });
    });
    assert_eq!(
        said,
        [
            "no `table!` declares video; did you mean videos?",
            "the table videos has no column titel; it has id, title, user_id",
            "the foreign key refers to user, which no `table!` declares; did you mean users?",
        ]
    );
    let dotted = format!("{VIDEOS}\ndiesel::table! {{ #[sql_name = \"a.b\"] a (id) {{ id -> Integer, }} }}");
    assert!(problems(POSTGRES, &dotted, |_| {})[0].contains("has a dot in its name"));
}

#[test]
fn a_type_that_does_not_convert_by_itself_says_how() {
    let mut model = videos();
    model.tables.get_mut(&Name::new("videos")).expect("videos").columns[1].default =
        Some("'1'::text".to_owned());
    let text = VIDEOS.replace("title -> Text", "title -> Integer");
    let diff = found(POSTGRES, &model, &text, |schema| {
        schema.table("videos", |t| t.default("title", DefaultValue::Integer(1)));
    });
    let ops: Vec<&Op> = diff.needed.iter().filter_map(|needed| needed.operation.sql()).collect();
    assert!(matches!(ops[0], Op::ChangeDefault { to: None, .. }), "{ops:?}");
    assert!(
        matches!(ops[1], Op::ChangeType { using: Some(using), .. } if using == "\"title\"::text::integer")
    );
    assert!(matches!(ops[2], Op::ChangeDefault { from: None, to: Some(DefaultValue::Integer(1)), .. }));
    assert_eq!(ops.len(), 3);
}

#[test]
fn a_schema_that_nobody_sees_is_made() {
    let text =
        format!("{VIDEOS}\npub mod other {{ diesel::table! {{ other.notes (id) {{ id -> Integer, }} }} }}");
    assert_eq!(
        said(&found(POSTGRES, &videos(), &text, |_| {})),
        [
            "+ run CREATE SCHEMA IF NOT EXISTS \"other\" (schema.rs:10)",
            "+ create table other.notes (id) (schema.rs:10)"
        ]
    );
    let public = VIDEOS.replace("users (id)", "public.users (id)");
    assert_eq!(said(&found(POSTGRES, &videos(), &public, |_| {})), Vec::<String>::new());
}

/// What sync adds on its own needs nothing that it leaves.
#[test]
fn an_addition_that_needs_more_is_none() {
    let text = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { videos (id) { id -> BigInt, title -> Text, user_id -> Nullable<Integer>, } }
diesel::table! { likes (id) { id -> Integer, user_id -> Integer, } }
diesel::joinable!(likes -> users (user_id));";
    let diff = found(POSTGRES, &videos(), text, |schema| {
        schema.table("videos", |t| {
            t.index(["user_id"]);
            t.index(["title", "id"]);
        });
    });
    let additions: Vec<String> = diff
        .needed
        .iter()
        .filter(|needed| needed.is_addition)
        .map(|needed| needed.operation.to_string())
        .collect();
    assert_eq!(
        additions,
        ["create table likes (id, user_id)", "create index videos_title_id_idx on videos (title, id)"]
    );
}
