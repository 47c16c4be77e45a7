use std::path::Path;

use super::*;

fn read(text: &str) -> List {
    parse::list(Path::new("mod.rs"), text.to_owned()).unwrap().unwrap()
}

fn why(text: &str) -> String {
    parse::list(Path::new("mod.rs"), text.to_owned()).unwrap_err().to_string()
}

const LIST: &str = "//! registry! { not this one }
// About the first.
mod m0001_a; // one
#[allow(dead_code)]
mod m0003_c;

updown::registry! {
    /// The list.
    pub static MAIN: SqliteConnection = [
        m0001_a, // why
        m0003_c formerly \"x\",
    ]
}
";

#[test]
fn what_stands_in_a_list() {
    let list = read(LIST);
    assert_eq!(list.connection, "SqliteConnection");
    assert_eq!(list.names().collect::<Vec<_>>(), ["m0001_a", "m0003_c", "m0001_a", "m0003_c"]);
    assert_eq!(&list.text[list.modules[1].whole.clone()], "#[allow(dead_code)]\nmod m0003_c;");
    assert_eq!(&list.text[list.entries[1].whole.clone()], "m0003_c formerly \"x\"");
    assert!(parse::list(Path::new("x"), "mod a; use updown::registry;".to_owned()).unwrap().is_none());
}

#[test]
fn a_list_has_files_and_what_is_repeatable() {
    let list = read(
        "registry! { static M: C = SqlDirectory::at(\"x\"), then [m1_a, sql \"2_b\" formerly \"x\", v => repeatable, cql \"w\" => repeatable] }",
    );
    let found: Vec<(&str, bool)> =
        list.entries.iter().map(|entry| (entry.name.as_str(), entry.is_repeatable)).collect();
    assert_eq!(found, [("m1_a", false), ("2_b", false), ("v", true), ("w", true)]);
    assert_eq!(&list.text[list.entries[3].whole.clone()], "cql \"w\" => repeatable");
}

#[test]
fn what_is_repeatable_stays_at_the_end() {
    let after = |text: &str, change: fn(&mut List)| {
        let mut list = read(text);
        change(&mut list);
        let from = list.text.find("= [").unwrap();
        list.text[from + 2..].split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let one_line = "mod a; mod v;\nregistry! { static M: C = [m1_a, v => repeatable] }";
    let lines = "mod a;\nregistry! { static M: C = [\n    m1_a, // why\n    v => repeatable,\n] }";
    let only = "registry! { static M: C = [\n    v => repeatable,\n] }";
    assert_eq!(after(one_line, |list| list.add("m2_b").unwrap()), "[m1_a, m2_b, v => repeatable] }");
    assert_eq!(after(lines, |list| list.add("m2_b").unwrap()), "[ m1_a, // why m2_b, v => repeatable, ] }");
    assert_eq!(after(only, |list| list.add("m2_b").unwrap()), "[ m2_b, v => repeatable, ] }");
    assert_eq!(
        after(lines, |list| list.add_repeatable("w").unwrap()),
        "[ m1_a, // why v => repeatable, w => repeatable, ] }"
    );
    let two = "mod m1_a;\nmod m2_b;\nregistry! { static M: C = [m1_a, m2_b, v => repeatable] }";
    assert_eq!(
        after(two, |list| list.move_behind("m1_a", "m3_a").unwrap()),
        "[m2_b, m3_a, v => repeatable] }"
    );
}

#[test]
fn what_is_not_a_list() {
    for (text, part) in [
        ("registry! { pub static M: C = [a b] }", "`b` stands in line 1"),
        ("registry! { pub static M: C = [\na, ,] }", "`,` stands in line 2"),
        ("registry! { pub static M: C = [a formerly b] }", "`b` stands"),
        ("registry! { pub static M: C = [a", "its end stands"),
        ("registry! { pub static M", "not finished"),
        ("registry! { static A: C = [] } registry! { static B: C = [] }", "two `registry!`"),
        ("<<<<<<< HEAD\nmod a;\n", "a merge conflict is left in line 1"),
    ] {
        assert!(why(text).contains(part), "{text}: {}", why(text));
    }
}

#[test]
fn a_new_one_goes_behind_the_others() {
    for (case, before, after) in [
        (
            "empty",
            "registry! { static M: C = [] }",
            "mod m0002_b;\n\nregistry! { static M: C = [\n    m0002_b,\n] }",
        ),
        (
            "empty, with a head",
            "//! Doc.\nuse x::C;\n// List:\nupdown::registry! {\n    static M: C = [];\n}\n",
            "//! Doc.\nuse x::C;\n\nmod m0002_b;\n\n// List:\nupdown::registry! {\n    static M: C = [\n        m0002_b,\n    ];\n}\n",
        ),
        (
            "one line",
            "mod m0001_a;\nregistry! { static M: C = [m0001_a] }",
            "mod m0001_a;\nmod m0002_b;\nregistry! { static M: C = [m0001_a, m0002_b] }",
        ),
        (
            "one line, with a comma and a hash",
            "mod m0001_a;\nregistry! { static M: C = [ m0001_a formerly \"x\", ] }",
            "mod m0001_a;\nmod m0002_b;\nregistry! { static M: C = [m0001_a formerly \"x\", m0002_b] }",
        ),
        (
            "no comma at the end, comments",
            "mod m0001_a; // x\nregistry! { static M: C = [\n  m0001_a // ]\n  /* ] */\n] }",
            "mod m0001_a; // x\nmod m0002_b;\nregistry! { static M: C = [\n  m0001_a, // ]\n  m0002_b,\n  /* ] */\n] }",
        ),
        (
            "only a comment",
            "registry! { static M: C = [\n    // none\n] }",
            "mod m0002_b;\n\nregistry! { static M: C = [\n    m0002_b,\n    // none\n] }",
        ),
        (
            "sorted among the others",
            "// All:\nmod m0003_c;\nmod tests;\nregistry! { static M: C = [m0003_c] }",
            "mod m0002_b;\n// All:\nmod m0003_c;\nmod tests;\nregistry! { static M: C = [m0003_c, m0002_b] }",
        ),
        (
            "CRLF",
            "mod m0001_a;\r\n\r\nregistry! { static M: C = [\r\n\tm0001_a,\r\n] }\r\n",
            "mod m0001_a;\r\nmod m0002_b;\r\n\r\nregistry! { static M: C = [\r\n\tm0001_a,\r\n\tm0002_b,\r\n] }\r\n",
        ),
    ] {
        let mut list = read(before);
        list.add("m0002_b").unwrap();
        assert_eq!(list.text, after, "{case}");
        assert_eq!(list.entries.last().unwrap().name, "m0002_b", "{case}");
    }
}

#[test]
fn one_is_moved_with_what_belongs_to_it() {
    let mut list = read(LIST);
    list.move_behind("m0001_a", "m0004_a").unwrap();
    assert_eq!(
        list.text,
        "//! registry! { not this one }
// About the first.
#[allow(dead_code)]
mod m0003_c;
mod m0004_a; // one

updown::registry! {
    /// The list.
    pub static MAIN: SqliteConnection = [
        m0003_c formerly \"x\",
        m0004_a, // why
    ]
}
"
    );
    for (case, before, after) in [
        (
            "two of one number, one line",
            "mod m0002_a;\nmod m0002_b;\nregistry! { static M: C = [m0002_a, m0002_b] }",
            "mod m0002_b;\nmod m0003_a;\nregistry! { static M: C = [m0002_b, m0003_a] }",
        ),
        (
            "attributes, a hash, no comma at the end",
            "#[cfg(x)]\npub mod m0002_a;\nmod m0002_b;\nregistry! { static M: C = [\n    m0002_b,\n    m0002_a formerly \"h\"\n] }",
            "mod m0002_b;\n#[cfg(x)]\npub mod m0003_a;\nregistry! { static M: C = [\n    m0002_b,\n    m0003_a formerly \"h\",\n] }",
        ),
        (
            "several on one line",
            "mod m0002_a; mod m0002_b;\nregistry! { static M: C = [\n    m0002_a, m0002_b,\n] }",
            "mod m0002_b;\nmod m0003_a;\nregistry! { static M: C = [\n    m0002_b,\n    m0003_a,\n] }",
        ),
    ] {
        let mut list = read(before);
        list.move_behind("m0002_a", "m0003_a").unwrap();
        assert_eq!(list.text, after, "{case}");
    }
    let missing =
        read("registry! { static M: C = [m0002_a] }").move_behind("m0002_a", "m0003_a").unwrap_err();
    assert!(missing.to_string().contains("has no `mod m0002_a;`"), "{missing}");
}

#[test]
fn a_hash_is_accepted_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mod.rs");
    std::fs::write(&path, "registry! { static M: C = [m0001_a, m0002_b formerly \"x\" /* y */] }").unwrap();
    for _ in 0..2 {
        accept(&path, "m0001_a", "sha256-rust-v1:ab").unwrap();
        accept(&path, "m0002_b", "sha256-rust-v1:cd").unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "registry! { static M: C = [m0001_a formerly \"sha256-rust-v1:ab\", \
         m0002_b formerly \"x\" formerly \"sha256-rust-v1:cd\" /* y */] }"
    );
    assert!(accept(&path, "m0001_a", "a\"] }").is_err());
    let typo = accept(&path, "m0002_bb", "ab").unwrap_err();
    assert_eq!(typo.hint().unwrap(), "did you mean `m0002_b`?");
}
