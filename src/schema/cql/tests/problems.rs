//! What is refused before anything runs.

use super::recorded;
use crate::schema::cql::{CqlType, Op};
use crate::schema::recorded::Schema;
use crate::store::scylla::ScyllaConnection;

fn problems(change: impl FnOnce(&mut Schema<ScyllaConnection>)) -> Vec<String> {
    Op::problems(&recorded(change)).into_iter().map(|problem| problem.what).collect()
}

/// A table with all that is needed.
fn videos(schema: &mut Schema<ScyllaConnection>) {
    schema.create_table("videos", |t| {
        t.bigint("id").partition_key();
        t.timestamp("at").clustering_key();
        t.text("title");
        t.text("note");
        t.set("tags", CqlType::Text);
        t.frozen("all_tags", CqlType::set(CqlType::Text));
        t.text("owner").static_column();
    });
}

#[test]
fn nothing_is_wrong_with_what_is_right() {
    assert_eq!(problems(videos), [""; 0]);
}

#[test]
fn where_it_is_and_what_to_write() {
    let before = line!();
    let found = Op::problems(&recorded(|schema| {
        schema.create_table("t", |t| {
            t.int("a");
        })
    }));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].what, "table t has no partition key");
    assert!(found[0].hint.contains("`t.bigint(\"user_id\").partition_key()`"), "{}", found[0].hint);
    assert!(found[0].at.file.ends_with("cql/tests/problems.rs"), "{}", found[0].at);
    assert_eq!(found[0].at.line, before + 2);
}

#[test]
fn tables() {
    let found = problems(|schema| {
        schema.create_table("a", |t| {
            t.bigint("id").partition_key().static_column();
            t.text("x").desc();
            t.int("x");
            t.int("s").static_column();
            t.default_time_to_live(630_720_001);
            t.option("gc_grace_second", "1");
            t.option("comment", "''");
            t.option("comment", "''");
            t.vector("v", CqlType::Float, 0);
        });
        schema.create_table("a", |t| {
            t.set("k", CqlType::Int).partition_key();
            t.column("u", CqlType::Udt("place".to_owned())).clustering_key();
            t.counter("c").clustering_key();
            t.duration("d").clustering_key();
        });
        schema.create_table("totals", |t| {
            t.int("id").partition_key();
            t.counter("n");
            t.text("name");
            t.default_time_to_live(1);
        });
    });
    assert_eq!(
        found,
        [
            "table a has two columns x",
            "column a.id is static, but its table has no clustering key",
            "column a.id is static, and in the primary key",
            "column a.x has an order, and is no clustering key",
            "column a.s is static, but its table has no clustering key",
            "column a.v is a vector of nothing",
            "option comment of a is said twice",
            "rows of a are to last 630720001 seconds",
            "there is no option gc_grace_second of a table",
            "column a.k is in the primary key, and set<int> is not frozen",
            "column a.u is in the primary key, and a user-defined type that is not frozen",
            "column a.c is in the primary key, and a counter",
            "column a.d is in the primary key, and a duration, which has no order",
            "table a is there already",
            "table totals has counters beside name (text)",
            "table totals has counters, and rows that end by themselves",
        ]
    );
}

#[test]
fn an_option_is_found_by_what_it_looks_like() {
    let found = Op::problems(&recorded(|schema| {
        schema.alter_table("t", |t| t.option("compactoin").from("{}").to("{'class': 'x'}"));
    }));
    assert!(found[0].hint.contains("`compaction`"), "{found:?}");
}

#[test]
fn names() {
    let long = "a".repeat(49);
    let found = problems(|schema| {
        schema.create_keyspace(&long, |k| k.simple(1));
        schema.create_table("user names", |t| {
            t.int("user name").partition_key();
        });
        schema.create_table("", |t| {
            t.int("").partition_key();
        });
        schema.create_table("a".repeat(48), |t| {
            t.int("a").partition_key();
        });
        schema.create_index("by.so.much", "t", "a");
    });
    assert_eq!(
        found,
        [
            format!("the name of keyspace {long} has 49 letters"),
            "the name of table “user names” has other letters than A to Z, 0 to 9 and _".to_owned(),
            "a table has no name".to_owned(),
            "a column has no name".to_owned(),
            "the name of index “so.much” has other letters than A to Z, 0 to 9 and _".to_owned(),
        ]
    );
}

#[test]
fn columns_of_a_table_that_is_known() {
    let found = problems(|schema| {
        videos(schema);
        schema.add_column("videos", |c| c.text("title"));
        schema.add_column("videos", |c| c.counter("views"));
        schema.drop_column("videos", "id").was(|c| c.bigint());
        schema.drop_column("videos", "nothing").was(|c| c.text());
        schema.drop_column("videos", "note").was(|c| c.text());
        schema.drop_column("videos", "note").was(|c| c.text());
        schema.rename_column("videos", "title", "name");
        schema.rename_column("videos", "at", "tags");
        schema.rename_column("videos", "at", "since");
        schema.rename_column("videos", "at", "until");
    });
    assert_eq!(
        found,
        [
            "column videos.title is there already",
            "table videos has counters beside title (text)",
            "column videos.id is in the primary key, and cannot be dropped",
            "what is dropped is about videos.nothing, which is not there",
            "what is dropped is about videos.note, which is not there",
            "column videos.title is not in the primary key, and cannot be renamed",
            "column videos.tags is there already",
            "what is renamed is about videos.at, which is not there",
        ]
    );
}

#[test]
fn what_does_not_come_back() {
    let found = problems(|schema| {
        schema.drop_column("t", "n").was(|c| c.counter());
        schema.drop_column("t", "p").was(|c| c.list(CqlType::udt("place")));
        schema.drop_column("t", "s").was(|c| c.text().static_column());
        schema.drop_table("t").was(|t| {
            t.int("a");
        });
        drop(schema.drop_table("u"));
    });
    assert_eq!(
        found,
        [
            "column t.n (counter) cannot be added again once it is dropped",
            "column t.p (list<frozen<place>>) cannot be added again once it is dropped",
            "table t has no partition key",
            "nobody can tell what undoes “drop table u”",
        ]
    );
}

#[test]
fn what_hangs_on_a_table() {
    let found = problems(|schema| {
        videos(schema);
        schema.create_index("by_title", "videos", "title");
        schema.create_index("by_title", "videos", "note");
        schema.create_materialized_view("v", |v| {
            v.from("videos").select(["id", "at"]).partition_key(["at"]).clustering_key(["id"])
        });
        schema.drop_column("videos", "title").was(|c| c.text());
        schema.add_column("videos", |c| c.text("more"));
        schema.drop_materialized_view("v").was(|v| v.from("videos").partition_key(["at", "id"]));
        schema.drop_table("videos").irreversible("so");
        schema.create_table("videos", |t| {
            t.int("a").partition_key();
        });
    });
    assert_eq!(
        found,
        [
            "index by_title is there already",
            "table videos has materialized view v, and cannot lose a column",
            "column videos.more cannot be dropped on the way back: its table has materialized view v",
            "table videos has index by_title, which would not come back with it",
        ]
    );
}

#[test]
fn an_indexed_column_stays() {
    let found = problems(|schema| {
        videos(schema);
        schema.create_index("by_note", "videos", "note");
        schema.create_index("by_at", "videos", "at");
        schema.drop_column("videos", "note").was(|c| c.text());
        schema.rename_column("videos", "at", "since");
    });
    assert_eq!(
        found,
        [
            "column videos.note has index by_note, and cannot be dropped",
            "column videos.at has index by_at, and cannot be renamed",
        ]
    );
}

#[test]
fn indexes() {
    let found = problems(|schema| {
        videos(schema);
        schema.create_index("a", "videos", "nothing");
        schema.create_index("d", "videos", "tags").keys();
        schema.create_index("e", "videos", "tags").full();
        schema.create_index("f", "videos", "title").values();
        schema.create_index("g", "videos", "all_tags").full();
        schema.create_index("h", "videos", "tags").values();
        schema.create_index("i", "unknown", "anything").keys();
        schema.create_table("totals", |t| {
            t.int("id").partition_key();
            t.counter("n");
        });
        schema.create_index("j", "totals", "n");
        schema.create_index("k", "videos", "id");
    });
    assert_eq!(
        found,
        [
            "index a is about videos.nothing, which is not there",
            "index d cannot be on that of videos.tags: set<text> is no map that is not frozen",
            "index e cannot be on that of videos.tags: set<text> is not frozen",
            "index f cannot be on that of videos.title: text is no collection that is not frozen",
            "index j is on table totals, which has counters",
            "index k is on videos.id, which is the whole partition key",
        ]
    );
}

#[test]
fn materialized_views() {
    let found = problems(|schema| {
        videos(schema);
        schema.create_materialized_view("a", |v| v);
        schema.create_materialized_view("b", |v| {
            v.from("videos")
                .select(["title", "note", "owner", "nothing"])
                .partition_key(["title", "title"])
                .clustering_key(["note", "tags"])
                .order_desc("at")
                .option("default_time_to_live", "1")
        });
        schema.create_materialized_view("videos", |v| {
            v.from("videos").partition_key(["id"]).clustering_key(["at"])
        });
    });
    assert_eq!(
        found,
        [
            "materialized view a is of no table",
            "materialized view a has no partition key",
            "title is twice in the key of b",
            "tags is in the key of materialized view b, and not among its columns",
            "materialized view b is ordered by at, which is not in its clustering key",
            "materialized view b has rows that end by themselves",
            "materialized view b is about videos.nothing, which is not there",
            "materialized view b has videos.owner, which is static",
            "column b.tags is in the primary key, and set<text> is not frozen",
            "materialized view b has no id in its key, which is in that of videos",
            "materialized view b has no at in its key, which is in that of videos",
            "materialized view b has note and tags and title in its key, which are not in that of videos",
            "materialized view videos is there already",
        ]
    );
}

#[test]
fn types_keyspaces_and_the_rest() {
    let found = problems(|schema| {
        schema.create_type("place", |t| {
            t.text("city");
            t.int("city");
            t.counter("n");
            t.column("in", CqlType::Udt("place".to_owned()));
        });
        schema.create_type("place", |_| {});
        schema.create_type("other", |t| t.int("a"));
        schema.add_type_field("other", |f| f.text("a")).irreversible("so");
        schema.rename_type_field("other", "a", "b");
        schema.add_type_field("other", |f| f.text("a")).irreversible("so");
        schema.create_keyspace("k", |k| k);
        schema.create_keyspace("k", |k| k.network([("dc1", 0)]));
        schema.alter_table("t", |_| {});
        schema.alter_table("t", |t| t.option("cdc").from("true").to("true"));
        schema.raw(" ").nothing_to_reverse();
        schema.raw("use other").nothing_to_reverse();
    });
    assert_eq!(
        found,
        [
            "type place has two fields city",
            "field place.n is a counter",
            "field place.in is a user-defined type that is not frozen",
            "type place has no fields",
            "type place is there already",
            "field other.a is there already",
            "keyspace k keeps no copy of anything",
            "keyspace k keeps no copy of anything",
            "keyspace k is there already",
            "nothing of table t is changed",
            "option cdc of t is true before and after",
            "there is no statement to run",
            "`use other` holds for one connection of several",
        ]
    );
}
