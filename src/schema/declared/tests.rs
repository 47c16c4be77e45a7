//! The text of `schema.rs`, and the types in it.

mod agreement;

use super::*;
use crate::schema::model::Model;
use crate::schema::op::Type;
use crate::store::Database;

fn parse(text: &str) -> Declared {
    Declared::parse([("schema.rs", text)]).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn wrong(text: &str) -> String {
    let problems = Declared::parse([("src/schema.rs", text)]).expect_err("something is wrong");
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}

const SCHEMA: &str = r#"// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "status"))]
    pub struct Status;
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(mysql_type(name = "Enum"), sqlite_type(name = "Text"), postgres_type(name = "tsvector", schema = "pg_catalog"))]
    pub struct Tsvector;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Status;
    use super::sql_types::Tsvector as Words;

    /// What is shown.
    #[sql_name = "user videos"]
    user_videos (id, r#type) {
        /// Its number.
        id -> BigInt,
        #[sql_name = "type"]
        #[max_length = 20]
        r#type -> Varchar,
        state -> Nullable<Status>,
        words -> Words,
        tags -> Nullable<Array<Nullable<Text>>>,
        during -> diesel::sql_types::Range<Timestamptz>,
    }
}

pub mod other {
    pub mod sql_types {
        #[derive(diesel::sql_types::SqlType)]
        #[diesel(postgres_type(name = "status", schema = "other"))]
        pub struct Status;
    }
    diesel::table! {
        other.notes (id) {
            id -> Integer,
            author -> Integer,
            state -> Status,
        }
    }
    diesel::table! { other.authors (id) { id -> Integer, } }
    diesel::joinable!(notes -> authors (author));
}

table! { plain { id -> Integer, note -> Nullable<Integer>, } }
joinable!(plain -> other::notes (note));
diesel::allow_tables_to_appear_in_same_query!(user_videos, plain,);
diesel::allow_columns_to_appear_in_same_group_by_clause!(plain::id, plain::note);
"#;

#[test]
fn what_print_schema_writes_is_read() {
    let declared = parse(SCHEMA);
    let names: Vec<String> = declared.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(names, ["user videos", "other.notes", "other.authors", "plain"]);
    let videos = &declared.tables[0];
    assert_eq!(videos.primary_key, ["id", "type"]);
    assert_eq!(videos.place.to_string(), "schema.rs:19");
    let columns: Vec<(&str, &str, bool)> = videos
        .columns
        .iter()
        .map(|column| (&*column.name, &*column.sql_type.name, column.nullable))
        .collect();
    assert_eq!(
        columns,
        [
            ("id", "BigInt", false),
            ("type", "Varchar", false),
            ("state", "Status", true),
            ("words", "Tsvector", false),
            ("tags", "Array", true),
            ("during", "Range", false),
        ]
    );
    assert_eq!(videos.columns[1].max_length, Some(20));
    assert_eq!(videos.columns[1].place.to_string(), "schema.rs:24");
    let custom = |table: usize, column: usize| {
        let custom = declared.tables[table].columns[column].sql_type.custom.clone();
        custom.and_then(|custom| custom.postgres).map(|name| name.to_string())
    };
    assert_eq!(custom(0, 2).as_deref(), Some("status"));
    assert_eq!(custom(0, 3).as_deref(), Some("tsvector"));
    assert_eq!(custom(1, 2).as_deref(), Some("other.status"));
    let references: Vec<String> = declared
        .references
        .iter()
        .map(|one| format!("{}.{} to {}.{} at {}", one.table, one.column, one.to, one.to_column, one.place))
        .collect();
    assert_eq!(
        references,
        [
            "other.notes.author to other.authors.id at schema.rs:46",
            "plain.note to other.notes.id at schema.rs:50",
        ]
    );
}

#[test]
fn several_files_are_one_schema() {
    let first =
        "diesel::table! { a (id) { id -> Integer, b_id -> Integer, } }\ndiesel::joinable!(a -> b (b_id));";
    let second = "diesel::table! { b (id) { id -> Integer, } }";
    let declared = Declared::parse([("a.rs", first), ("b.rs", second)]).expect("a schema");
    assert_eq!(declared.tables[1].place.to_string(), "b.rs:1");
    assert_eq!(declared.references.len(), 1);
    let twice = Declared::parse([("a.rs", second), ("b.rs", second)]).expect_err("it is there twice");
    assert_eq!(twice[0].what, "the table b is declared already, at a.rs:1");
}

#[test]
fn what_is_wrong_is_shown_with_a_caret() {
    for (text, said) in [
        (
            "diesel::table! {\n    videos (id) {\n\t    id BigInt,\n    }\n}\n",
            "src/schema.rs:3:9: expected `->`\n3 | \t    id BigInt,\n  | \t       ^",
        ),
        (
            "diesel::table! {\n    videos (id) {\n",
            "src/schema.rs:2:17: this is no Rust: a bracket or a quote is open, or closed and was not open\n\
             2 |     videos (id) {\n  |                 ^",
        ),
        (
            "diesel::table! { videos (uid) { id -> BigInt, } }",
            "src/schema.rs:1:26: the primary key of videos names uid, which is no column of it\n\
             1 | diesel::table! { videos (uid) { id -> BigInt, } }\n  |                          ^\n\
             name columns that stand between the braces",
        ),
        (
            "diesel::table! { videos { uid -> BigInt, } }",
            "src/schema.rs:1:18: videos has no column id, and does not say what its primary key is\n\
             1 | diesel::table! { videos { uid -> BigInt, } }\n  |                  ^\n\
             write `videos (column) { … }`",
        ),
        (
            "table! { users { id -> BigInt, } }\n\njoinable!(users -> user (id));",
            "src/schema.rs:3:1: there is no `table!` of the name user\n\
             3 | joinable!(users -> user (id));\n  | ^\ndid you mean users?",
        ),
        (
            "table! { users { id -> BigInt, } }\n  joinable!(users -> users (uid));",
            "src/schema.rs:2:3: users has no column uid\n2 |   joinable!(users -> users (uid));\n  |   ^\nit has id",
        ),
        (
            "table! { t { id -> Nullable<A, B>, #[max_length = 99999999999] t -> Text } }",
            "src/schema.rs:1:20: `Nullable` is of one type: `Nullable<Text>`\n\
             1 | table! { t { id -> Nullable<A, B>, #[max_length = 99999999999] t -> Text } }\n  |                    ^\n\n\
             src/schema.rs:1:51: this is no length of a text\n\
             1 | table! { t { id -> Nullable<A, B>, #[max_length = 99999999999] t -> Text } }\n  |                                                   ^\n\
             write a number, such as 255",
        ),
    ] {
        assert_eq!(wrong(text), said);
    }
}

/// The example of this repository is what its migrations make; `tests/suite` shows the rest.
#[test]
fn the_example_is_read() {
    let text = include_str!("../../../schema.rs");
    let declared = Declared::parse([("schema.rs", text)]).expect("a schema");
    assert_eq!((declared.tables.len(), declared.references.len()), (4, 2));
}
