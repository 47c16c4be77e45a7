mod m0002_b;
mod m0001_a;

updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [m0002_b, m0001_a]
}

fn main() {}
