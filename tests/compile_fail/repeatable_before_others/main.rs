mod m0001_a;
mod view;

updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [view => repeatable, m0001_a]
}

fn main() {}
