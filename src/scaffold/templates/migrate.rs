//! The program that runs the migrations: `make migrate`.

fn main() -> std::process::ExitCode {
    updown::cli({{package}}::project())
}
