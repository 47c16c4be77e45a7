mod m0001_a;
mod m0002_b;
mod m0003_c;
mod m0004_d;
mod m0005_e;
mod m0006_f;
mod m0007_g;

updown::registry! {
    pub static MAIN: updown::prelude::SqliteConnection = [m0001_a, m0002_b formerly "sha256-rust-v1:00" formerly "sha256-rust-v1:01", m0003_c replaces "m0001_x" "m0001_y", m0004_d replaces "m0001_z" formerly "sha256-rust-v1:02", m0005_e formerly "sha256-rust-v1:03" replaces "m0001_v" replaces "m0001_w", m0006_f, m0007_g]
}

fn main() {
    let _ = &MAIN;
}
