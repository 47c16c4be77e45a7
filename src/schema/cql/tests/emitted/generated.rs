//! What a test writes.

use updown::prelude::*;
use updown::scylla::{CqlType, ScyllaConnection};

pub struct Migration;

impl Change<ScyllaConnection> for Migration {
    fn change(&self, schema: &mut Schema<ScyllaConnection>) {
        schema.create_type("place", |t| {
            t.text("city");
            t.frozen("Odd Field", CqlType::list(CqlType::Text));
        });
        schema.create_type("Odd Type", |t| {
            t.udt("of_it", "place");
            t.tuple("pair", [CqlType::Int, CqlType::Text]);
            t.column(
                "class",
                CqlType::Custom("'org.apache.cassandra.db.marshal.UTF8Type'".to_owned()),
            );
        });
        schema.create_type("unused", |t| {
            t.int("a");
        });
        schema.create_table("Odd", |t| {
            t.date("day").partition_key();
            t.smallint("shard").partition_key();
            t.timeuuid("at").clustering_key().desc();
            t.int("order").clustering_key();
            t.int("n").static_column();
            t.frozen("tags", CqlType::set(CqlType::Text));
            t.text("text");
            t.comment(r#"it's "odd""#);
            t.option(
                "compaction",
                "{'class': 'TimeWindowCompactionStrategy', 'compaction_window_size': '1', \
                 'compaction_window_unit': 'DAYS'}",
            );
            t.default_time_to_live(2_592_000);
            t.option("gc_grace_seconds", "3600");
        });
        schema.create_index("odd_tags", "Odd", "tags").full();
        schema.create_materialized_view("odd_again", |v| {
            v.from("Odd")
                .partition_key(["day"])
                .clustering_key(["shard", "order", "at"])
                .order_asc("at")
                .only(r#""order" > 0"#)
                .option("comment", "'x'")
        });
        schema.create_table("every", |t| {
            t.uuid("id").partition_key();
            t.ascii("a");
            t.blob("b");
            t.boolean("c");
            t.decimal("d");
            t.double("e");
            t.duration("f");
            t.float("g");
            t.inet("h");
            t.time("i");
            t.timestamp("j");
            t.tinyint("k");
            t.varint("l");
            t.list("m", CqlType::Bigint);
            t.vector("n", CqlType::Float, 3);
            t.smallint("o");
            t.date("p");
            t.timeuuid("q");
            t.int("r");
            t.map("s", CqlType::Text, CqlType::set(CqlType::Int));
            t.frozen(
                "t",
                CqlType::map(CqlType::Int, CqlType::list(CqlType::udt("place"))),
            );
            t.column("u", CqlType::Udt("place".to_owned()));
            t.udt("v", "place");
            t.tuple(
                "w",
                [
                    CqlType::Ascii,
                    CqlType::Blob,
                    CqlType::Boolean,
                    CqlType::Decimal,
                    CqlType::Double,
                    CqlType::Duration,
                    CqlType::Float,
                    CqlType::Inet,
                    CqlType::Time,
                    CqlType::Timestamp,
                    CqlType::Tinyint,
                    CqlType::Varint,
                ],
            );
            t.column(
                "x",
                CqlType::Custom("'org.apache.cassandra.db.marshal.UTF8Type'".to_owned()),
            );
            t.column("y", CqlType::Udt("Odd Type".to_owned()));
            t.set("z", CqlType::udt("Odd Type"));
        });
        schema
            .create_index("every_a", "every", "a")
            .using("StorageAttachedIndex")
            .option("case_sensitive", "false")
            .option("normalize", "true");
        schema.create_index("every_m", "every", "m").values();
        schema.create_materialized_view("every_of_r", |v| {
            v.from("every")
                .select(["r", "id", "a"])
                .partition_key(["r"])
                .clustering_key(["id"])
                .order_desc("id")
                .option("comment", "'by r'")
                .option("gc_grace_seconds", "3600")
        });
        schema.create_table("old", |t| {
            t.int("id").partition_key();
            t.map("counts", CqlType::Text, CqlType::Int);
            t.default_time_to_live(60);
        });
        schema
            .create_index("old_entries", "old", "counts")
            .entries();
        schema.create_index("old_keys", "old", "counts").keys();
        schema.create_table("totals", |t| {
            t.text("name").partition_key();
            t.counter("n");
        });
        schema.drop_materialized_view("every_of_r").was(|v| {
            v.from("every")
                .select(["r", "id", "a"])
                .partition_key(["r"])
                .clustering_key(["id"])
                .order_desc("id")
                .option("comment", "'by r'")
                .option("gc_grace_seconds", "3600")
        });
        schema.drop_materialized_view("odd_again").was(|v| {
            v.from("Odd")
                .partition_key(["day"])
                .clustering_key(["shard", "order", "at"])
                .order_asc("at")
                .only(r#""order" > 0"#)
                .option("comment", "'x'")
        });
        schema
            .drop_index("every_a")
            .was("every", "a")
            .using("StorageAttachedIndex")
            .option("case_sensitive", "false")
            .option("normalize", "true");
        schema
            .drop_index("old_entries")
            .was("old", "counts")
            .entries();
        schema.drop_index("old_keys").was("old", "counts").keys();
        schema.rename_type_field("place", "city", "town");
        schema
            .add_type_field("place", |f| f.int("zip"))
            .irreversible("a field cannot be taken away from a type");
        schema.rename_column("Odd", "order", r#"Group "By""#);
        // loses: the column Odd.n is dropped with its values
        schema
            .drop_column("Odd", "n")
            .was(|c| c.int().static_column());
        // loses: the column every.v is dropped with its values
        schema.drop_column("every", "v").irreversible(
            "Cassandra does not add a column of type frozen<place> under a name that it had",
        );
        schema.add_column("Odd", |c| {
            c.map("m", CqlType::Text, CqlType::udt("Odd Type"))
                .static_column()
        });
        schema.add_column("every", |c| c.text("new"));
        schema
            .add_column("every", |c| {
                c.column("of_place", CqlType::Udt("place".to_owned()))
            })
            .irreversible("a user-defined type that is not frozen cannot be dropped");
        schema.add_column("totals", |c| c.counter("m"));
        schema.alter_table("Odd", |t| {
            t.comment().from(r#"it's "odd""#).to("");
            t.default_time_to_live().from(2_592_000).to(0);
            t.option("gc_grace_seconds").from("3600").to("864000");
        });
        // loses: the table old is dropped with its rows
        schema.drop_table("old").was(|t| {
            t.int("id").partition_key();
            t.map("counts", CqlType::Text, CqlType::Int);
            t.default_time_to_live(60);
        });
        schema.drop_type("unused").was(|t| {
            t.int("a");
        });
        schema
            .create_index("every_a", "every", "a")
            .using("sai")
            .option("case_sensitive", "true");
        schema.create_materialized_view("every_of_r", |v| {
            v.from("every")
                .select(["r", "id", "a"])
                .partition_key(["r"])
                .clustering_key(["id"])
                .order_desc("id")
                .option("comment", "'by r'")
                .option("gc_grace_seconds", "3600")
        });
        schema.create_materialized_view("odd_again", |v| {
            v.from("Odd")
                .partition_key(["day"])
                .clustering_key(["shard", r#"Group "By""#, "at"])
                .order_asc("at")
                .only(r#""Group ""By""" > 0"#)
        });
        schema.create_keyspace("archive", |k| {
            k.network([("dc1", 3), ("dc 2", 2)])
                .durable_writes(true)
                .tablets(false)
        });
        schema.drop_keyspace("archive").was(|k| {
            k.network([("dc1", 3), ("dc 2", 2)])
                .durable_writes(true)
                .tablets(false)
        });
        schema.create_keyspace("other", |k| k.simple(1));
        schema.drop_keyspace("x").irreversible("it's old");
        schema.raw("CREATE ROLE reader").reverse("DROP ROLE reader");
        schema
            .raw(r#"INSERT INTO t (id, v) VALUES (1, '"\')"#)
            .nothing_to_reverse();
    }
}
