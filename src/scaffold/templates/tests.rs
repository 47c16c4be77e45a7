use super::*;

const ONE: Against<'_> = Against { connection: "SqliteConnection", in_steps: false };

#[test]
fn a_change_is_guessed_from_the_name() {
    for (name, change) in [
        (
            "create_videos",
            "        schema.create_table(\"videos\", |t| {\n            t.big_integer(\"id\").primary_key()",
        ),
        ("add_avatar_to_users", "\n        schema.add_column(\"users\", \"avatar\", |c| c.text());\n    }\n"),
        ("add_seen_at_to_users", "schema.add_column(\"users\", \"seen_at\", |c| c.timestamp());"),
        ("drop_slug_from_videos", "schema.drop_column(\"videos\", \"slug\").was(|c| c.text());"),
        ("rename_videos_to_films", "schema.rename_table(\"videos\", \"films\");"),
        ("rename_a_to_b_in_videos", "schema.rename_column(\"videos\", \"a\", \"b\");"),
        ("add_index_on_slug_to_videos", "schema.create_index(\"idx_videos_slug\", \"videos\", [\"slug\"]);"),
        ("create_order", "schema.create_table(\"order\", |t| {"),
        ("add_user_avatar", "        // Left empty, it is refused.\n    }\n"),
    ] {
        let text = module(name, ONE, false);
        assert!(text.contains(change), "{text}");
        let guessed = text.contains("// A guess from the name: ");
        assert_eq!(guessed, !text.contains("_schema: &mut Schema<SqliteConnection>"), "{text}");
        assert_eq!(guessed, Guess::of(name).is_some(), "{text}");
    }
}

#[test]
fn bodies_by_hand_are_guessed_from_the_name() {
    for (name, up, down) in [
        ("create_videos", "CREATE TABLE videos (", "\"DROP TABLE videos\""),
        ("create_order", "CREATE TABLE \\\"order\\\" (", "\"DROP TABLE \\\"order\\\"\""),
        (
            "add_avatar_to_users",
            "ALTER TABLE users ADD COLUMN avatar TEXT",
            "ALTER TABLE users DROP COLUMN avatar",
        ),
        ("add_seen_at_to_users", "ADD COLUMN seen_at TIMESTAMP\"", "DROP COLUMN seen_at"),
        ("rename_videos_to_films", "not written yet", "not written yet"),
        ("split_names", "not written yet", "not written yet"),
    ] {
        let text = module(name, ONE, true);
        let (before, after) = text.split_once("impl Down").unwrap();
        assert!(before.contains(up), "{text}");
        assert!(after.contains(down), "{text}");
    }
}

#[test]
fn a_type_that_the_prelude_lacks_is_brought_in() {
    let own = module("create_x", Against { connection: "Conn", ..ONE }, false);
    assert!(own.contains("use updown::prelude::*;\n\nuse super::Conn;\n\npub struct"), "{own}");
    assert!(own.contains("_schema: &mut Schema<Conn>"), "nobody knows what it is: {own}");
    let path = module("create_x", Against { connection: "diesel::SqliteConnection", ..ONE }, false);
    assert!(path.contains("impl Change<diesel::SqliteConnection>") && !path.contains("super"), "{path}");
}

#[test]
fn steps_are_written_as_such() {
    let steps = Against { connection: "PgConnection", in_steps: true };
    let text = module("add_index_on_seen_at_to_users", steps, false);
    assert!(
        text.contains(
            "impl Change<Steps<'_, PgConnection>> for Migration {\n    \
             fn change(&self, schema: &mut Schema<Steps<'_, PgConnection>>) {\n"
        ),
        "{text}"
    );
    assert!(text.contains("            .concurrently();\n"), "{text}");
    assert!(module("create_notes", steps, false).contains("default_sql(\"gen_random_uuid()\")"));
    let text = module("add_seen_at_to_users", steps, true);
    assert!(
        text.contains("impl Down<Steps<'_, PgConnection>> for Migration {\n    fn down(&self, steps: &mut Steps<'_, PgConnection>) -> Result {\n        steps.run(\"ALTER TABLE users DROP COLUMN seen_at\")\n    }"),
        "{text}"
    );
    assert!(module("split_names", steps, true).contains("In its place: `steps.run(\"CREATE TABLE …\")`."));
}

#[test]
fn changes_in_cql_are_written_as_such() {
    let cql = Against { connection: "ScyllaConnection", in_steps: false };
    for (name, change) in [
        (
            "create_notes",
            "use updown::prelude::*;\nuse updown::scylla::ScyllaConnection;\n\npub struct Migration;\n\n\
             impl Change<ScyllaConnection> for Migration {\n",
        ),
        (
            "create_notes",
            "            t.timeuuid(\"id\").partition_key();\n            t.timestamp(\"created_at\");\n",
        ),
        ("add_pages_count_to_notes", "schema.add_column(\"notes\", |c| c.int(\"pages_count\"));"),
        ("drop_title_from_notes", "schema.drop_column(\"notes\", \"title\").was(|c| c.text());"),
        ("add_index_on_title_to_notes", "schema.create_index(\"idx_notes_title\", \"notes\", \"title\");"),
        ("add_unique_index_to_notes_on_title", "_schema: &mut Schema<ScyllaConnection>"),
        ("rename_notes_to_texts", "_schema: &mut Schema<ScyllaConnection>"),
    ] {
        let text = module(name, cql, false);
        assert!(text.contains(change), "{text}");
    }
}

#[test]
fn bodies_in_cql_are_written_as_such() {
    let cql = Against { connection: "ScyllaConnection", in_steps: false };
    let text = module("create_notes", cql, true);
    for part in [
        "use updown::prelude::*;\nuse updown::scylla::ScyllaConnection;\n\npub struct",
        "conn.execute(\n            \"CREATE TABLE notes (\n                id timeuuid PRIMARY KEY,",
        "            )\",\n            (),\n        )?;\n        Ok(())\n",
        "conn.execute(\"DROP TABLE notes\", ())?;",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(
        module("add_pages_count_to_notes", cql, true).contains("\"ALTER TABLE notes ADD pages_count int\"")
    );
}
