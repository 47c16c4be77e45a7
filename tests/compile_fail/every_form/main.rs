mod m0001_a;
mod m0002_b;
mod m0003_c;
mod m0004_d;
mod m0005_e;
mod m0006_f;
mod m0007_g;

updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [m0001_a, m0002_b formerly "sha256-rust-v1:00" formerly "sha256-rust-v1:01", m0003_c, m0004_d, m0005_e, m0006_f, m0007_g]
}

fn main() {
    assert_eq!(MAIN.len(), 7);
}
