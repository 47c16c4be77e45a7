updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [sql "0001_a"]
}

fn main() {}
