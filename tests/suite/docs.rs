//! The documents: what they show is run, what they name exists. Rust blocks are doc tests
//! (`src/lib.rs`); those that cannot be are compared with the file that they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Fixture, Store};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every document, from the root.
fn documents() -> Vec<String> {
    let mut documents: Vec<String> = [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "migrations/main/README.md",
        "migrations/cockroachdb/README.md",
        "migrations/scylladb/README.md",
    ]
    .map(str::to_owned)
    .into();
    for entry in fs::read_dir(root().join("docs")).expect("docs/") {
        let name = entry.expect("a document").file_name().into_string().expect("text");
        if name.ends_with(".md") {
            documents.push(format!("docs/{name}"));
        }
    }
    documents
}

/// A fenced block.
struct Block {
    /// What stands behind the fence: `rust,ignore`.
    kind: String,
    /// The comment before it.
    comment: Option<String>,
    /// The file and the line of the fence.
    place: String,
    lines: Vec<String>,
}

/// The blocks of a document, and its text without them.
fn blocks(document: &str) -> (Vec<Block>, String) {
    let (mut blocks, mut prose, mut before) = (Vec::new(), String::new(), None::<String>);
    let mut open: Option<Block> = None;
    for (number, line) in read(document).lines().enumerate() {
        if let Some(kind) = line.strip_prefix("```") {
            match open.take() {
                Some(block) => blocks.push(block),
                None => {
                    let comment = before
                        .take()
                        .and_then(|line| Some(line.strip_prefix("<!-- ")?.strip_suffix(" -->")?.to_owned()));
                    let place = format!("{document}:{}", number + 1);
                    open = Some(Block { kind: kind.to_owned(), comment, place, lines: Vec::new() });
                }
            }
        } else if let Some(block) = &mut open {
            block.lines.push(line.to_owned());
        } else {
            prose.push_str(line);
            prose.push('\n');
            before = Some(line.to_owned());
        }
    }
    assert!(open.is_none(), "{document}: a fence is not closed");
    (blocks, prose)
}

/// Each `$ command` of a block with what it is said to answer.
fn commands(block: &Block) -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for line in &block.lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), Vec::new())),
            (None, Some((_, answer))) => answer.push(line.clone()),
            (None, None) => panic!("{}: it does not begin with a command", block.place),
        }
    }
    commands
}

/// What the command says on both streams, in order, and its exit code where that is not 0.
fn answer(mut command: Command, scratch: &Path) -> Vec<String> {
    let path = scratch.join("answer");
    let file = File::create(&path).expect("a scratch file");
    command.stdin(Stdio::null()).stdout(file.try_clone().expect("the same file")).stderr(file);
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut text = String::new();
    File::open(&path).and_then(|mut file| file.read_to_string(&mut text)).expect("text");
    let mut lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    if let Some(code @ 1..) = status.code() {
        lines.push(format!("[exit code {code}]"));
    }
    lines
}

/// Without what differs from run to run: durations, times, the names of runs.
fn normal(line: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
    let (mut normal, mut rest) = (String::new(), line);
    while let Some(start) = rest.find(is_word) {
        normal.push_str(&rest[..start]);
        rest = &rest[start..];
        let (word, behind) = rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        normal.push_str(match word {
            _ if word.len() == 24 && word.ends_with('Z') && word.as_bytes()[10] == b'T' => "TIME",
            _ if word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) => "RUN",
            _ if digits(word) && behind.starts_with(" ms") => "N",
            _ if normal.ends_with("duration_ms\"") && digits(&word[1..]) => ":N",
            _ => word,
        });
        rest = behind;
    }
    normal + rest
}

#[track_caller]
fn compare(block: &Block, command: &str, said: &[String], shown: &[String]) {
    let normal = |lines: &[String]| lines.iter().map(|line| normal(line)).collect::<Vec<_>>().join("\n");
    let (said, shown) = (normal(said), normal(shown));
    assert!(said == shown, "{}: `{command}` says\n{said}\n\nand not\n{shown}", block.place);
}

#[test]
#[cfg_attr(windows, ignore = "it needs sh and make")]
fn what_the_readme_shows_of_make_is_what_it_says() {
    let scratch = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/x.db", scratch.path().display());
    for block in blocks("README.md").0.iter().filter(|block| block.kind == "console") {
        for (typed, shown) in commands(block) {
            assert!(typed.starts_with("make "), "{}: {typed}", block.place);
            let mut command = Command::new("sh");
            command.args(["-c", &typed]).current_dir(root()).env("DATABASE_URL", &url);
            // Empty: what a `.env` says does not count either.
            command.env("COCKROACH_URL", "").env("SCYLLA_URL", "");
            // The repository's own file stays as it is.
            command.env("UPDOWN_REFRESH_SCHEMA", "false");
            // A `make test` around it hands its own settings down, and cargo what it tells the tests.
            for (name, _) in std::env::vars() {
                let set = ["ENV", "SERVICE", "STORE", "STEP", "BATCH", "TO", "NAME", "ALL", "DRY_RUN"];
                if set.contains(&name.as_str())
                    || name.starts_with("MAKE")
                    || name == "MFLAGS"
                    || name.starts_with("CARGO_PKG_")
                    || name == "CARGO_MANIFEST_DIR"
                {
                    command.env_remove(name);
                }
            }
            compare(block, &typed, &answer(command, scratch.path()), &shown);
        }
    }
}

/// What another tool has left: its files, and a database with its ledger, in which the first of them is applied. There
/// is no project.
fn left_by(tool: &str) -> Fixture {
    let place = root().join("tests/suite/tools").join(tool);
    let fixture = Fixture::of_files(Store::Sqlite, &[]);
    let mut folders = vec![place.join("migrations")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&place).expect("inside").to_str().expect("text");
                fixture.write(name, &fs::read_to_string(&path).expect("text"));
            }
        }
    }
    fixture.database().execute(&fs::read_to_string(place.join("ledger.sql")).expect("its ledger"));
    fixture
}

#[test]
fn what_the_guide_shows_of_the_command_is_what_it_says() {
    let mut run = 0;
    for document in documents().iter().filter(|name| *name != "README.md") {
        // A block whose comment begins with `THEN` goes on where the one before it ended.
        let mut fixture: Option<Fixture> = None;
        for block in blocks(document).0.iter().filter(|block| block.kind == "console") {
            let comment = block.comment.as_deref().unwrap_or_default();
            let mut vars = comment.split_whitespace().filter_map(|var| var.split_once('='));
            let mut here = match fixture.take() {
                Some(before) if comment.starts_with("THEN") => before,
                _ => match vars.next().unwrap_or_else(|| panic!("{}: which project?", block.place)) {
                    ("TOOL", tool) => left_by(tool),
                    (_, project) => Fixture::new(project),
                },
            };
            for (name, value) in vars {
                here.set(name, value);
            }
            let fixture = fixture.insert(here);
            for (typed, shown) in commands(block) {
                let mut words = typed.split_whitespace().peekable();
                let mut vars = Vec::new();
                while let Some(var) = words.peek().and_then(|word| word.split_once('=')) {
                    vars.push(var);
                    words.next();
                }
                assert_eq!(words.next(), Some("updown"), "{}: {typed}", block.place);
                let arguments: Vec<&str> = words.collect();
                let mut command = fixture.command(&arguments);
                command.envs(vars);
                let said = answer(command, fixture.directory.path());
                compare(block, &typed, &said, &shown);
                run += 1;
            }
        }
    }
    assert!(run > 10, "only {run} commands were found");
}

#[test]
fn rust_that_is_no_doc_test_comes_from_a_file() {
    let mut compared = 0;
    for document in documents() {
        for block in blocks(&document).0.iter().filter(|block| block.kind.starts_with("rust")) {
            let ignored = block.kind.contains("ignore");
            let Some(source) = &block.comment else {
                assert!(!ignored, "{}: which file is it from?", block.place);
                continue;
            };
            let text = read(source);
            let mut lines = text.lines().map(str::trim);
            for line in block.lines.iter().map(|line| line.trim()) {
                let here = line.is_empty() || line.contains('…') || lines.any(|other| other == line);
                assert!(here, "{}: {source} does not have `{line}` there", block.place);
            }
            compared += 1;
        }
    }
    assert!(compared > 3, "only {compared} blocks were found");
}

/// The commands by every name that they have: with their first name, and the text of `--help`.
fn help() -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let fixture = Fixture::new("empty");
    let help = fixture.run(&["--help"]).exits(0).stdout;
    let list = help.split_once("Commands:\n").expect("a list").1.split_once("\n\n").expect("its end").0;
    // A long line goes on below, indented further.
    let list = list.replace("\n    ", " ");
    let (mut names, mut texts) = (BTreeMap::new(), BTreeMap::new());
    for line in list.lines() {
        let name = line.split_whitespace().next().expect("a name").to_owned();
        if name == "help" {
            continue;
        }
        let mut text = fixture.run(&[&name, "--help"]).exits(0).stdout;
        // Those of its own commands belong to it.
        if let Some((_, own)) = text.clone().split_once("\nCommands:\n") {
            let own = own.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
            for own in own.filter_map(|line| line.split_whitespace().next()).filter(|own| *own != "help") {
                text.push_str(&fixture.run(&[&name, own, "--help"]).exits(0).stdout);
            }
        }
        texts.insert(name.clone(), text);
        if let Some((_, aliases)) = line.rsplit_once("[alias") {
            let aliases = aliases.trim_start_matches("es").trim_matches([':', ' ', ']']);
            for alias in aliases.split(", ") {
                names.insert(alias.to_owned(), name.clone());
            }
        }
        names.insert(name.clone(), name);
    }
    texts.insert(String::new(), help);
    (names, texts)
}

/// What stands between backticks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_table_of_commands_is_the_one_of_the_help() {
    let (_, prose) = blocks("README.md");
    let mut table = BTreeMap::new();
    for row in prose.lines().filter(|line| line.starts_with("| `updown ")) {
        let cell = row.split('|').nth(1).expect("a cell");
        let mut names = code(cell).map(|name| name.trim_start_matches("updown ").to_owned());
        let name = names.next().expect("a name");
        assert_eq!(table.insert(name.clone(), name.clone()), None, "{name} is there twice");
        table.extend(names.map(|alias| (alias, name.clone())));
    }
    assert_eq!(table, help().0);
}

/// `--like-this` in a text.
fn options(text: &str) -> BTreeSet<String> {
    let tokens = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let is_option = |token: &&str| {
        token.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    tokens.filter(is_option).map(str::to_owned).collect()
}

#[test]
fn no_document_names_a_command_or_an_option_that_does_not_exist() {
    let (names, texts) = help();
    let all: BTreeSet<String> = texts.values().flat_map(|text| options(text)).collect();
    let mut checked = 0;
    let mut check = |place: &str, snippet: &str| {
        for typed in snippet.trim_start_matches("$ ").split("&&").map(str::trim) {
            let typed = typed.split(" # ").next().unwrap_or_default().trim();
            let known = match typed.strip_prefix("updown ") {
                Some(rest) => {
                    let word = rest.split_whitespace().next().unwrap_or_default();
                    let name = if word.starts_with('-') { "" } else { word };
                    let Some(name) = names.get(name).map(String::as_str).or(name.is_empty().then_some(""))
                    else {
                        panic!("{place}: there is no command `{typed}`")
                    };
                    options(&texts[name])
                }
                None if typed.starts_with("--") => all.clone(),
                None => continue,
            };
            for option in options(typed) {
                assert!(known.contains(&option), "{place}: {option} does not exist in `{typed}`");
                checked += 1;
            }
        }
    };
    for document in documents() {
        let (blocks, prose) = blocks(&document);
        for block in blocks.iter().filter(|block| !block.kind.starts_with("rust")) {
            for line in &block.lines {
                check(&block.place, line);
                code(line).for_each(|snippet| check(&block.place, snippet));
            }
        }
        code(&prose).for_each(|snippet| check(&document, snippet));
    }
    assert!(checked > 30, "only {checked} options were found");
}

/// What GitHub makes of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_somewhere() {
    for document in documents() {
        let folder = root().join(&document);
        let folder = folder.parent().expect("a directory");
        for link in blocks(&document).1.split("](").skip(1) {
            let link = link.split_once(')').expect("its end").0;
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target: PathBuf = if file.is_empty() { root().join(&document) } else { folder.join(file) };
            assert!(target.exists(), "{document}: {link}");
            if !heading.is_empty() {
                let name = target.strip_prefix(root()).expect("inside").to_str().expect("text").to_owned();
                let prose = blocks(&name.replace("docs/../", "")).1;
                let mut headings = prose.lines().filter(|line| line.starts_with('#')).map(anchor);
                assert!(headings.any(|other| other == heading), "{document}: {link}");
            }
        }
    }
}
