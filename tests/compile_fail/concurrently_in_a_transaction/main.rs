use updown::prelude::*;

fn change(schema: &mut Schema<AnyConnection>) {
    schema.create_index("a_b", "a", ["b"]).concurrently();
}

fn in_steps(schema: &mut Schema<Steps<'_, AnyConnection>>) {
    schema.create_index("a_b", "a", ["b"]).concurrently();
}

fn main() {
    let _ = (change, in_steps);
}
