#![deny(unused_must_use)]

use updown::prelude::*;

fn change(schema: &mut Schema<SqliteConnection>) {
    schema.drop_column("a", "b");
    schema.drop_column("a", "c").irreversible("nobody knows what it was");
}

fn main() {
    let _ = change;
}
