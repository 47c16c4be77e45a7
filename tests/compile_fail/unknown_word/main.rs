mod m0001_a;

updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [m0001_a instead_of "m0000_b"]
}

fn main() {}
