//! On a real server, where `UPDOWN_TEST_SCYLLA` has its URL: up, down, and up again.

mod expected;
mod model;
mod random;
mod say;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{CqlType, Op, facts};
use crate::schema::recorded::{Operation, Recorded, Schema, WayBack};
use crate::store::scylla::ScyllaConnection;

/// A keyspace of one test's own.
struct Server(ScyllaConnection);

impl Server {
    fn there() -> Option<Self> {
        let Ok(url) = std::env::var("UPDOWN_TEST_SCYLLA") else {
            eprintln!("SKIPPED: no server that speaks CQL (set UPDOWN_TEST_SCYLLA to its URL)");
            return None;
        };
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let hosts = url.find("://").expect("a URL") + 3;
        let end = url[hosts..].find(['/', '?']).map_or(url.len(), |end| hosts + end);
        let query = url.find('?').map_or("", |query| &url[query..]);
        let name = format!("updown_changes_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let conn = ScyllaConnection::open(&format!("{}/{name}{query}", &url[..end])).expect("it answers");
        conn.create_keyspace("").expect("a keyspace");
        Some(Self(conn))
    }

    fn facts(&mut self) -> BTreeMap<String, String> {
        facts(&mut self.0).expect("the schema can be read")
    }

    fn send(&self, op: &Op) {
        let statement = op.statement();
        self.0.execute(&statement, ()).unwrap_or_else(|error| panic!("{op}: {error}\n{statement}"));
    }

    fn up(&self, recorded: &[Recorded]) {
        ops(recorded).for_each(|op| self.send(op));
    }

    fn down(&self, recorded: &[Recorded]) {
        for op in ops(recorded).collect::<Vec<_>>().into_iter().rev() {
            let WayBack::By(back) = op.reverse() else { panic!("{op} has no way back") };
            back.iter().for_each(|op| self.send(op));
        }
    }

    /// What there is after them.
    fn up_down_up(&mut self, recorded: &[Recorded]) -> BTreeMap<String, String> {
        assert_eq!(Op::problems(recorded), []);
        let before = self.facts();
        self.up(recorded);
        let after = self.facts();
        self.down(recorded);
        assert_eq!(self.facts(), before, "down");
        self.up(recorded);
        assert_eq!(self.facts(), after, "up again");
        after
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.execute(&format!("DROP KEYSPACE \"{}\"", self.0.url().keyspace), ());
    }
}

fn ops(recorded: &[Recorded]) -> impl Iterator<Item = &Op> {
    recorded.iter().map(|recorded| match &recorded.operation {
        Operation::Cql(op) => op,
        Operation::Sql(op) => panic!("{op} is no CQL"),
    })
}

fn changes(change: impl FnOnce(&mut Schema<ScyllaConnection>)) -> Vec<Recorded> {
    let mut schema = Schema::new();
    change(&mut schema);
    schema.recorded
}

fn notifications(schema: &mut Schema<ScyllaConnection>) {
    schema.create_type("metadata", |t| {
        t.text("device");
        t.frozen("places", CqlType::list(CqlType::Text));
    });
    schema.create_table("notifications", |t| {
        t.bigint("user_id").partition_key();
        t.date("day").partition_key();
        t.timeuuid("id").clustering_key().desc();
        t.smallint("shard").clustering_key();
        t.text("kind");
        t.text("order");
        t.int("User Name").static_column();
        t.udt("metadata", "metadata");
        t.column("place", CqlType::Udt("metadata".to_owned()));
        t.map("counts", CqlType::Text, CqlType::set(CqlType::Int));
        t.frozen("tags", CqlType::set(CqlType::Text));
        t.tuple("pair", [CqlType::Int, CqlType::list(CqlType::Text)]);
        t.comment("what a user's told");
        t.default_time_to_live(2_592_000);
        t.option("compaction", "{'class': 'LeveledCompactionStrategy'}");
    });
}

#[test]
fn what_is_made_is_there() {
    let Some(mut server) = Server::there() else { return };
    let facts = server.up_down_up(&changes(|schema| {
        notifications(schema);
        schema.create_index("by_kind", "notifications", "kind");
        schema.create_index("by_count", "notifications", "counts").keys();
        schema.create_index("by_tags", "notifications", "tags").full();
        schema.create_materialized_view("by_order", |v| {
            v.from("notifications")
                .select(["order", "user_id", "day", "id", "shard"])
                .partition_key(["order"])
                .clustering_key(["id", "user_id", "day", "shard"])
                .order_desc("day")
                .option("gc_grace_seconds", "3600")
        });
        schema.create_table("totals", |t| {
            t.text("name").partition_key();
            t.counter("n");
        });
    }));
    let facts: Vec<String> = facts.into_iter().map(|(name, line)| format!("{name}: {line}")).collect();
    assert_eq!(
        facts,
        [
            "column notifications.User Name: int, static",
            "column notifications.counts: map<text, frozen<set<int>>>",
            "column notifications.day: date, partition key 2",
            "column notifications.id: timeuuid, clustering key 1 desc",
            "column notifications.kind: text",
            "column notifications.metadata: frozen<metadata>",
            "column notifications.order: text",
            "column notifications.pair: frozen<tuple<int, frozen<list<text>>>>",
            "column notifications.place: metadata",
            "column notifications.shard: smallint, clustering key 2 asc",
            "column notifications.tags: frozen<set<text>>",
            "column notifications.user_id: bigint, partition key 1",
            "column totals.n: counter",
            "column totals.name: text, partition key 1",
            "index by_count on notifications: keys(counts)",
            "index by_kind on notifications: kind",
            "index by_tags on notifications: full(tags)",
            "materialized view by_order: notifications where \"order\" IS NOT NULL AND id IS NOT NULL AND user_id IS NOT NULL \
             AND day IS NOT NULL AND shard IS NOT NULL: day date, clustering key 3 desc; id timeuuid, clustering key 1 asc; \
             order text, partition key 1; shard smallint, clustering key 4 asc; user_id bigint, clustering key 2 asc with \
             gc_grace_seconds = 3600",
            "table notifications: with comment = 'what a user''s told' and compaction = {'class': 'LeveledCompactionStrategy', \
             'max_threshold': '32', 'min_threshold': '4'} and default_time_to_live = 2592000",
            "table totals: default options",
            "type metadata: device text, places frozen<list<text>>",
        ]
    );
}

#[test]
fn what_is_changed_comes_back() {
    let Some(mut server) = Server::there() else { return };
    server.up(&changes(|schema| {
        notifications(schema);
        schema.create_type("unused", |t| t.int("a"));
        schema.create_index("by_count", "notifications", "counts").entries();
        schema.create_table("old", |t| {
            t.uuid("id").partition_key();
            t.text("\"odd\" name");
        });
        schema.create_materialized_view("old_by_id", |v| v.from("old").partition_key(["id"]));
    }));
    let other = format!("{}_other", server.0.url().keyspace);
    let before = server.facts();
    let after = server.up_down_up(&changes(|schema| {
        schema.drop_index("by_count").was("notifications", "counts").entries();
        schema.drop_materialized_view("old_by_id").was(|v| v.from("old").partition_key(["id"]));
        schema.drop_table("old").was(|t| {
            t.uuid("id").partition_key();
            t.text("\"odd\" name");
        });
        schema.drop_type("unused").was(|t| t.int("a"));
        schema.add_column("notifications", |c| c.vector("embedding", CqlType::Float, 3));
        schema.add_column("notifications", |c| c.text("note").static_column());
        schema
            .drop_column("notifications", "counts")
            .was(|c| c.map(CqlType::Text, CqlType::set(CqlType::Int)));
        schema.drop_column("notifications", "User Name").was(|c| c.int().static_column());
        schema.rename_column("notifications", "id", "Id");
        schema.rename_type_field("metadata", "places", "index");
        schema.alter_table("notifications", |t| {
            t.comment().from("what a user's told").to("it's another");
            t.default_time_to_live().from(2_592_000).to(0);
            t.option("caching").from("{'keys': 'ALL'}").to("{'keys': 'NONE'}");
        });
        schema.create_index("by_embedding", "notifications", "embedding").using("sai");
        let by_order = schema.create_index("by_order", "notifications", "order");
        by_order.using("StorageAttachedIndex").option("case_sensitive", "false");
        schema.create_keyspace(&other, |k| k.simple(1).durable_writes(false));
        schema.create_table(format!("{other}.Notes"), |t| {
            t.int("id").partition_key();
            t.text("text");
        });
        schema.create_index("Notes_text", format!("{other}.Notes"), "text");
        schema
            .raw("ALTER TABLE notifications WITH gc_grace_seconds = 1")
            .reverse("ALTER TABLE notifications WITH gc_grace_seconds = 864000");
    }));
    assert_eq!(
        after
            .iter()
            .filter(|(name, line)| before.get(*name) != Some(line))
            .map(|(name, _)| name)
            .collect::<Vec<_>>(),
        [
            "column notifications.Id",
            "column notifications.embedding",
            "column notifications.note",
            "index by_embedding on notifications",
            "index by_order on notifications",
            "table notifications",
            "type metadata",
        ]
    );
    server.down(&changes(|schema| schema.create_keyspace(&other, |k| k.simple(1))));
}

#[test]
fn the_ledger_is_no_fact() {
    let Some(mut server) = Server::there() else { return };
    server.up(&changes(|schema| {
        for table in ["schema_migrations", "schema_migrations_history", "schema_migrations_journal"] {
            schema.create_table(table, |t| {
                t.text("service").partition_key();
                t.text("name");
            });
        }
        schema.create_index("ledger_names", "schema_migrations", "name");
    }));
    assert_eq!(server.facts(), BTreeMap::new());
}

/// What no builder and no check can know, in case a server changes its mind.
#[test]
fn what_cassandra_refuses_is_a_problem_before() {
    let Some(server) = Server::there() else { return };
    server.up(&changes(notifications));
    for cql in ["ALTER TABLE notifications DROP place", "ALTER TABLE notifications RENAME kind TO sort"] {
        assert!(server.0.execute(cql, ()).is_err(), "{cql}");
    }
    server.up(&changes(|schema| schema.drop_column("notifications", "metadata").irreversible("a type")));
    assert!(server.0.execute("ALTER TABLE notifications ADD metadata frozen<metadata>", ()).is_err());
}
