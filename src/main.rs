//! The `updown` command.

fn main() -> std::process::ExitCode {
    updown::command()
}
