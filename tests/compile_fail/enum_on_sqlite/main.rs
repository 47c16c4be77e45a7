use updown::prelude::*;

fn change(schema: &mut Schema<SqliteConnection>) {
    schema.create_enum("mood", ["happy"]);
}

fn on_any(schema: &mut Schema<AnyConnection>) {
    schema.create_enum("mood", ["happy"]);
}

fn main() {
    let _ = (change, on_any);
}
