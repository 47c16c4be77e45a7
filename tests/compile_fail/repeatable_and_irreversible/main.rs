mod view;

updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [view => repeatable]
}

fn main() {}
