updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [sql "view" => repeatable]
}

fn main() {}
