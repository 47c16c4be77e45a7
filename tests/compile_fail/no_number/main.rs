mod first;

updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [first]
}

fn main() {}
