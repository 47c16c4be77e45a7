updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [json "0001_a"]
}

fn main() {}
