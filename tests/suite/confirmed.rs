//! What changes something outside of development and test is typed twice: the command, and where.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::support::{Fixture, Store, for_each_store};

for_each_store!(; real: a_change_is_confirmed_by_the_environments_name, without_a_terminal_it_needs_yes);

/// The exit code, and what the terminal shows; once it asks, `typed` is typed.
fn on_a_terminal(fixture: &Fixture, args: &[&str], typed: &str) -> (Option<i32>, String) {
    let command = fixture.command(args);
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| format!("'{}'", word.to_str().expect("text")))
        .collect();
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &words.join(" "), "/dev/null"]);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    terminal.env("TERM", "dumb").current_dir(fixture.directory.path());
    let mut terminal =
        terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script(1) is there");
    // What is closed is read as the end of what is typed: it stays until the program has ended.
    let mut input = terminal.stdin.take().expect("piped");
    let mut output = terminal.stdout.take().expect("piped");
    let (mut shown, mut buffer, mut asked) = (Vec::new(), [0; 1024], false);
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..count]);
        if !asked && String::from_utf8_lossy(&shown).contains("to confirm") {
            asked = true;
            input.write_all(format!("{typed}\r").as_bytes()).expect("it reads");
        }
    }
    let code = terminal.wait().expect("it is ours").code();
    (code, String::from_utf8_lossy(&shown).into_owned())
}

fn a_change_is_confirmed_by_the_environments_name(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a").var("ENV", "staging");
    for wrong in ["production", "y", "", "STAGING"] {
        let (code, shown) = on_a_terminal(&fixture, &["migrate"], wrong);
        assert_eq!(code, Some(5), "{wrong}: {shown}");
        assert!(shown.contains("m1_a") && shown.contains("type staging to confirm"), "{shown}");
        assert!(shown.contains("not confirmed: nothing was done"), "{shown}");
        assert!(fixture.home.is_untouched(), "{wrong}");
    }
    let (code, shown) = on_a_terminal(&fixture, &["migrate"], "staging");
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(fixture.database().batches(), ["m1_a@1"]);

    let (code, shown) = on_a_terminal(&fixture, &["migrate"], "never asked");
    assert_eq!(code, Some(0), "nothing to do is not asked about: {shown}");

    for args in [
        &["rollback"][..],
        &["redo"],
        &["rollback", "--dry-run"],
        &["resolve", "m1_a", "--rolled-back", "--reason", "x"],
    ] {
        let (code, shown) = on_a_terminal(&fixture, args, "development");
        assert_eq!(code, Some(5), "{args:?}: {shown}");
        assert!(shown.contains("m1_a") && shown.contains("type staging to confirm"), "{args:?}: {shown}");
        assert!(!shown.contains("nothing to do"), "{args:?}: {shown}");
    }
    assert_eq!(fixture.database().batches(), ["m1_a@1"]);
    assert_eq!(fixture.database().history(), ["m1_a applied"]);
}

fn without_a_terminal_it_needs_yes(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b").var("ENV", "uat");
    fixture.run(&["migrate", "--yes"]).exits(0);
    let before = fixture.database().dump();
    for args in [
        &["rollback"][..],
        &["rollback", "--dry-run"],
        &["redo"],
        &["goto", "m1_a"],
        &["resolve", "m1_a", "--rolled-back", "--reason", "x"],
        &["resolve", "m1_a", "--rehash", "--reason", "x"],
        &["baseline", "initial"],
        &["rollback", "--json"],
    ] {
        fixture.run(args).exits(5).says("would change uat, and nobody is there to confirm it").says("--yes");
    }
    for args in [&["fresh"][..], &["fresh", "--yes"], &["schema", "sync"], &["schema", "sync", "--yes"]] {
        fixture.run(args).exits(5).says("is not done in uat");
    }
    let mut eyes = fixture.database();
    eyes.hold_lease("somebody");
    fixture.run(&["lock", "--release"]).exits(5).says("would change uat").says("look at `updown status`");
    fixture.run(&["lock"]).exits(0).says("somebody");
    eyes.free_lease();
    assert_eq!(fixture.database().dump(), before);
    fixture.set("VERSIONS", "m1_a,m2_b,m3_c");
    fixture.run(&["migrate"]).exits(5).says("look at `updown plan`");
    assert_eq!(fixture.database().dump(), before);
    fixture.run(&["goto", "m1_a", "--yes"]).exits(0);
    assert_eq!(fixture.database().batches(), ["m1_a@1"]);
}
