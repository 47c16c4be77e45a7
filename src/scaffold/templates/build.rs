//! Files of SQL are compiled into the crate: a new one has to be compiled in, too.

fn main() {
    println!("cargo:rerun-if-changed={{sql}}");
}
