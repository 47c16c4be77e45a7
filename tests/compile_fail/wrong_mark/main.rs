mod m0001_a;

updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [m0001_a => again]
}

fn main() {}
