mod m0001_a;
mod m0001_b;

updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [m0001_a, m0001_b]
}

fn main() {}
