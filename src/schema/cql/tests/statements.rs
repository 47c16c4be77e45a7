//! What is sent.

use super::statements;
use crate::schema::cql::CqlType;

#[test]
fn a_table() {
    let sent = statements(|schema| {
        schema.create_table("notifications", |t| {
            t.bigint("user_id").partition_key();
            t.timeuuid("id").clustering_key().desc();
            t.text("order").clustering_key();
            t.udt("metadata", "notification_metadata");
            t.int("unread").static_column();
            t.comment("what a user's told");
            t.default_time_to_live(60);
            t.option("compaction", "{'class': 'LeveledCompactionStrategy'}");
        });
    });
    assert_eq!(
        sent,
        ["CREATE TABLE notifications (\n    user_id bigint,\n    id timeuuid,\n    \"order\" text,\n    \
            metadata frozen<notification_metadata>,\n    unread int static,\n    PRIMARY KEY (user_id, id, \"order\")\n\
            ) WITH CLUSTERING ORDER BY (id DESC, \"order\" ASC)\n    AND comment = 'what a user''s told'\n    \
            AND default_time_to_live = 60\n    AND compaction = {'class': 'LeveledCompactionStrategy'}"]
    );
}

#[test]
fn a_table_without_more() {
    let sent = statements(|schema| {
        schema.create_table("other.Deliveries", |t| {
            t.date("day").partition_key();
            t.smallint("shard").partition_key();
            t.timeuuid("at").clustering_key().asc();
        });
        schema.create_table("settings", |t| {
            t.text("user name").partition_key();
        });
    });
    assert_eq!(
        sent,
        [
            "CREATE TABLE other.\"Deliveries\" (\n    day date,\n    shard smallint,\n    at timeuuid,\n    \
             PRIMARY KEY ((day, shard), at)\n)",
            "CREATE TABLE settings (\n    \"user name\" text,\n    PRIMARY KEY (\"user name\")\n)",
        ]
    );
}

#[test]
fn changes_of_a_table() {
    let sent = statements(|schema| {
        schema.alter_table("t", |t| {
            t.option("gc_grace_seconds").from("864000").to("3600");
            t.comment().from("a").to("b's");
        });
        schema.add_column("t", |c| c.text("preview"));
        schema.add_column("t", |c| {
            c.map("Map", CqlType::Text, CqlType::Udt("Place".to_owned())).static_column()
        });
        schema.drop_column("t", "preview").was(|c| c.text());
        schema.rename_column("t", "id", "user");
        schema.drop_table("t").irreversible("it was a trial");
    });
    assert_eq!(
        sent,
        [
            "ALTER TABLE t WITH gc_grace_seconds = 3600 AND comment = 'b''s'",
            "ALTER TABLE t ADD preview text",
            "ALTER TABLE t ADD \"Map\" map<text, frozen<\"Place\">> static",
            "ALTER TABLE t DROP preview",
            "ALTER TABLE t RENAME id TO user",
            "DROP TABLE t",
        ]
    );
}

#[test]
fn types_and_keyspaces() {
    let sent = statements(|schema| {
        schema.create_type("place", |t| {
            t.text("city");
            t.frozen("tags", CqlType::set(CqlType::Text));
        });
        schema
            .add_type_field("place", |f| f.tuple("at", [CqlType::Double, CqlType::Double]))
            .irreversible("so");
        schema.rename_type_field("place", "city", "in");
        schema.drop_type("place").irreversible("so");
        schema.create_keyspace("archive", |k| k.network([("dc1", 3), ("dc2", 2)]).durable_writes(false));
        schema.create_keyspace("small", |k| k.simple(1).tablets(true));
        schema.drop_keyspace("Big").irreversible("so");
    });
    assert_eq!(
        sent,
        [
            "CREATE TYPE place (\n    city text,\n    tags frozen<set<text>>\n)",
            "ALTER TYPE place ADD at tuple<double, double>",
            "ALTER TYPE place RENAME city TO \"in\"",
            "DROP TYPE place",
            "CREATE KEYSPACE archive WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3, 'dc2': 2}\n    \
             AND durable_writes = false",
            "CREATE KEYSPACE small WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}\n    \
             AND tablets = {'enabled': true}",
            "DROP KEYSPACE \"Big\"",
        ]
    );
}

#[test]
fn indexes() {
    let sent = statements(|schema| {
        schema.create_index("by_video", "notifications", "video_id");
        schema.create_index("by_key", "other.t", "Tags").keys();
        schema.create_index("by_value", "t", "tags").values();
        schema.create_index("by_entry", "t", "tags").entries();
        schema.create_index("by_all", "t", "tags").full();
        schema.create_index("by_text", "t", "text").using("sai").option("case_sensitive", "false");
        schema.drop_index("by_video").was("notifications", "video_id");
    });
    assert_eq!(
        sent,
        [
            "CREATE INDEX by_video ON notifications (video_id)",
            "CREATE INDEX by_key ON other.t (keys(\"Tags\"))",
            "CREATE INDEX by_value ON t (values(tags))",
            "CREATE INDEX by_entry ON t (entries(tags))",
            "CREATE INDEX by_all ON t (full(tags))",
            "CREATE CUSTOM INDEX by_text ON t (text)\n    USING 'sai'\n    WITH OPTIONS = {'case_sensitive': 'false'}",
            "DROP INDEX by_video",
        ]
    );
}

#[test]
fn materialized_views() {
    let sent = statements(|schema| {
        schema.create_materialized_view("of_video", |v| {
            v.from("notifications")
                .select(["video_id", "user_id", "id", "order"])
                .only("kind = 'new'")
                .partition_key(["video_id"])
                .clustering_key(["user_id", "id"])
                .order_desc("id")
                .option("comment", "''")
        });
        schema.create_materialized_view("all_of_it", |v| v.from("t").partition_key(["a", "b"]));
        schema.drop_materialized_view("of_video").irreversible("so");
    });
    assert_eq!(
        sent,
        [
            "CREATE MATERIALIZED VIEW of_video AS\n    SELECT video_id, user_id, id, \"order\"\n    FROM notifications\n    \
             WHERE video_id IS NOT NULL AND user_id IS NOT NULL AND id IS NOT NULL AND kind = 'new'\n    \
             PRIMARY KEY (video_id, user_id, id)\n    WITH CLUSTERING ORDER BY (user_id ASC, id DESC)\n        \
             AND comment = ''",
            "CREATE MATERIALIZED VIEW all_of_it AS\n    SELECT *\n    FROM t\n    WHERE a IS NOT NULL AND b IS NOT NULL\n    \
             PRIMARY KEY ((a, b))",
            "DROP MATERIALIZED VIEW of_video",
        ]
    );
}

#[test]
fn types_inside_of_types_are_frozen() {
    for (kind, written) in [
        (CqlType::list(CqlType::set(CqlType::Int)), "list<frozen<set<int>>>"),
        (CqlType::map(CqlType::Text, CqlType::udt("place")), "map<text, frozen<place>>"),
        (CqlType::frozen(CqlType::list(CqlType::Udt("Place".to_owned()))), "frozen<list<frozen<\"Place\">>>"),
        (CqlType::vector(CqlType::Float, 3), "vector<float, 3>"),
        (CqlType::list(CqlType::tuple([CqlType::Int])), "list<tuple<int>>"),
        (CqlType::Custom("'org.example.Odd'".to_owned()), "'org.example.Odd'"),
    ] {
        assert_eq!(kind.to_string(), written);
    }
}

#[test]
fn anything_else_word_for_word() {
    assert_eq!(statements(|schema| schema.raw("CREATE ROLE a").reverse("DROP ROLE a")), ["CREATE ROLE a"]);
}
