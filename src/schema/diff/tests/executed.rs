//! From one random schema to another, and what differs then: nothing.

use super::random::{Made, Random, beside, schema, seed, text};
use super::*;
use crate::schema::model::Facts;
use crate::schema::op::{DefaultValue, ForeignKeyAction, Op};
use crate::schema::recorded::WayBack;

/// A database that changes can be made to.
pub trait Target {
    fn database(&self) -> Database;
    fn model(&mut self) -> Model;
    fn carry(&mut self, op: &Op) -> Result<(), String>;
}

/// From nothing to one schema and on to another one; sometimes back, and there again.
pub fn pairs(count: usize, mut open: impl FnMut() -> Option<Box<dyn Target>>) {
    let first = seed();
    for number in 0..count as u64 {
        let Some(mut target) = open() else { return };
        let mut random = Random::new(first.wrapping_add(number));
        let database = target.database();
        let steps = [schema(&mut random, database), schema(&mut random, database)];
        for (step, tables) in steps.iter().enumerate() {
            let said = format!("UPDOWN_SEED={} step {step}:\n{}", first.wrapping_add(number), text(tables));
            arrive(&mut *target, tables, number % 3 == 0, &said);
        }
    }
}

/// What the migrations of this repository make agrees with its `schema.rs`, and nothing is missing there.
pub fn example(target: &mut dyn Target) {
    let made = crate::schema::Schema::<crate::AnyConnection>::new();
    let mut schema = made;
    schema.create_table("video_uploads", |t| {
        t.big_integer("id").primary_key();
        t.big_integer("user_id").not_null();
        t.text("file_name").not_null();
        t.big_integer("file_size").not_null().check("file_size >= 0");
        t.text("status").not_null().default("pending").check("status IN ('pending', 'failed')");
        t.timestamp("created_at").not_null().default_now();
    });
    schema.create_table("videos", |t| {
        t.big_integer("id").primary_key();
        t.big_integer("upload_id").not_null().references("video_uploads", "id");
        t.text("title").not_null();
        t.text("description");
        t.text("visibility").not_null().default("private");
        t.timestamp("created_at").not_null().default_now();
    });
    schema.create_table("user_preferences", |t| {
        t.big_integer("user_id").primary_key();
        t.text("theme").not_null();
        t.text("language").not_null();
        t.timestamp("updated_at").not_null().default_now();
    });
    schema.create_table("notifications", |t| {
        t.big_integer("id").primary_key();
        t.big_integer("user_id").not_null();
        t.big_integer("video_id").references("videos", "id").on_delete(ForeignKeyAction::SetNull);
        t.text("message").not_null();
        t.timestamp("read_at");
        t.timestamp("created_at").not_null().default_now();
    });
    schema.add_column("videos", "slug", |c| c.text());
    schema.set_not_null("videos", "slug");
    for recorded in &schema.recorded {
        target.carry(recorded.operation.sql().expect("SQL")).expect("a change");
    }
    let beside = |schema: &mut Beside| {
        schema.table("video_uploads", |t| {
            t.check("file_size >= 0");
            t.check("status IN ('pending', 'failed')");
            t.default("status", "pending");
            t.default("created_at", DefaultValue::Now);
        });
        schema.table("notifications", |t| {
            t.foreign_key(["video_id"], "videos", ["id"]).on_delete(ForeignKeyAction::SetNull);
        });
    };
    let wanted = declared(include_str!("../../../../schema.rs"), beside);
    let found = diff(target.database(), &target.model(), &wanted, &all).expect("a difference");
    assert!(found.needed.is_empty(), "{:?}", found.needed);
}

fn all(_: &Name) -> bool {
    true
}

fn arrive(target: &mut dyn Target, tables: &[Made], and_back: bool, said: &str) {
    let wanted = declared(&text(tables), |schema| beside(tables, schema));
    let before = target.model();
    let found = diff(target.database(), &before, &wanted, &all);
    let found = found.unwrap_or_else(|problems| panic!("{said}\n{problems:?}"));
    let listed = |found: &Diff| {
        found.needed.iter().map(|needed| needed.operation.to_string()).collect::<Vec<_>>().join("\n")
    };
    let carry = |target: &mut dyn Target, op: &Op, said: &str| {
        let all = listed(&found);
        target.carry(op).unwrap_or_else(|error| panic!("{said}\n{all}\n\nat {op}: {error}\n{op:?}"));
    };
    for needed in &found.needed {
        carry(target, needed.operation.sql().expect("SQL"), said);
    }
    let again = diff(target.database(), &target.model(), &wanted, &all).expect("it was none before");
    assert!(
        again.needed.is_empty(),
        "{said}\n{}\n\nafter that:\n{}\n{:#?}",
        listed(&found),
        listed(&again),
        again.needed
    );
    if !and_back {
        return;
    }
    // And back, and here again.
    for needed in found.needed.iter().rev() {
        let WayBack::By(back) = needed.operation.reverse() else { panic!("{said}: {:?}", needed.operation) };
        for operation in back {
            carry(target, operation.sql().expect("SQL"), &format!("{said}\nback of {}", needed.operation));
        }
    }
    let facts = |model: Model| -> Facts { model.facts() };
    // PostgreSQL writes a check anew when a column of it gets another type, and not as it was on the way back.
    let is_same = |one: &Option<String>, other: &Option<String>| {
        one.as_deref().map(from_model::loose) == other.as_deref().map(from_model::loose)
    };
    let mut differs = crate::schema::model::differences(&facts(before), &facts(target.model()));
    differs.retain(|it| !it.object.starts_with("check ") || !is_same(&it.before, &it.after));
    let differs: Vec<String> = differs.iter().map(ToString::to_string).collect();
    assert!(differs.is_empty(), "{said}\n{}\n\nand back:\n{}", listed(&found), differs.join("\n"));
    for needed in &found.needed {
        carry(target, needed.operation.sql().expect("SQL"), said);
    }
}
