//! The program behind `make migrate`.

fn main() -> std::process::ExitCode {
    updown::cli(migrations::project())
}
