use super::*;

#[test]
fn a_member_is_added_and_nothing_else_changes() {
    let package =
        "# A comment.\n[package]\nname = \"app\"   # aligned\nversion = \"0.1.0\"\n\n[dependencies]\n";
    for (case, before, after) in [
        (
            "no workspace",
            package.to_owned(),
            format!("{package}\n[workspace]\nmembers = [\"migrations\"]\n"),
        ),
        (
            "no end of line",
            "[package]\nname = \"app\"".to_owned(),
            "[package]\nname = \"app\"\n\n[workspace]\nmembers = [\"migrations\"]\n".to_owned(),
        ),
        (
            "one line",
            "[workspace]\nmembers = [\"app\"] # all\nresolver = \"3\"\n".to_owned(),
            "[workspace]\nmembers = [\"app\", \"migrations\"] # all\nresolver = \"3\"\n".to_owned(),
        ),
        (
            "empty",
            "[workspace]\nmembers = []\n".to_owned(),
            "[workspace]\nmembers = [\"migrations\"]\n".to_owned(),
        ),
        (
            "several lines",
            "[workspace]\nmembers = [\n    \"app\", # first\n    # last\n    \"lib\", # behind\n]\n".to_owned(),
            "[workspace]\nmembers = [\n    \"app\", # first\n    # last\n    \"lib\", # behind\n    \"migrations\",\n]\n".to_owned(),
        ),
        (
            "several lines, no comma at the end",
            "[workspace]\nmembers = [\n  \"app\",\n  \"lib\" # behind\n]\n".to_owned(),
            "[workspace]\nmembers = [\n  \"app\",\n  \"lib\", # behind\n  \"migrations\",\n]\n".to_owned(),
        ),
        (
            "no members yet",
            "[workspace]\nresolver = \"3\"\n\n[package]\nname = \"app\"\n".to_owned(),
            "[workspace]\nresolver = \"3\"\nmembers = [\"migrations\"]\n\n[package]\nname = \"app\"\n".to_owned(),
        ),
        (
            "CRLF",
            "[workspace]\r\nmembers = [\"app\"]\r\n".to_owned(),
            "[workspace]\r\nmembers = [\"app\", \"migrations\"]\r\n".to_owned(),
        ),
        (
            "covered by a glob, but excluded",
            "[workspace]\nmembers = [\"*\"]\nexclude = [\"migrations\"]\n".to_owned(),
            "[workspace]\nmembers = [\"*\", \"migrations\"]\nexclude = [\"migrations\"]\n".to_owned(),
        ),
    ] {
        let changed = add_member(&before, "migrations").unwrap().unwrap();
        assert_eq!(changed, after, "{case}");
        assert_eq!(add_member(&changed.replace("exclude", "other"), "migrations").unwrap(), None, "{case}, again");
    }
    let implied = add_member("[workspace.package]\nedition = \"2024\"\n\n[package]\nname = \"a\"\n", "db")
        .unwrap()
        .unwrap();
    let read: DocumentMut = implied.parse().unwrap();
    assert_eq!(read["workspace"]["members"][0].as_str(), Some("db"), "{implied}");
    assert_eq!(read["workspace"]["package"]["edition"].as_str(), Some("2024"), "{implied}");
}

#[test]
fn a_pattern_may_cover_it() {
    for (pattern, covered) in [
        ("*", true),
        ("migr*", true),
        ("./migrations/", true),
        ("?igrations", true),
        ("crates/*", false),
        ("migration", false),
    ] {
        assert_eq!(covers(pattern, "migrations"), covered, "{pattern}");
    }
    for broken in ["[workspace", "workspace = 1\n", "[workspace]\nmembers = 1\n"] {
        assert_eq!(add_member(broken, "x").unwrap_err().exit_code(), 2, "{broken}");
    }
}

#[test]
fn only_what_is_missing_is_ignored_anew() {
    let wanted = &["dev.db*", ".env"];
    assert_eq!(ignore("", wanted).unwrap(), "dev.db*\n.env\n");
    assert_eq!(ignore("/target", wanted).unwrap(), "/target\ndev.db*\n.env\n");
    assert_eq!(ignore("/dev.db*\r\n", wanted).unwrap(), "/dev.db*\r\n.env\r\n");
    assert_eq!(ignore(".env\ndev.db*", wanted), None);
}

#[test]
fn only_a_checkout_is_taken_by_its_path() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!is_checkout(dir.path()), "there is no Cargo.toml");
    std::fs::write(dir.path().join("Cargo.toml"), "[package]\nname = \"other\"\n").unwrap();
    assert!(!is_checkout(dir.path()));
    for part in ["registry/src/updown-0.1.0", "git/checkouts/updown", "work/updown"] {
        let checkout = dir.path().join(part);
        std::fs::create_dir_all(&checkout).unwrap();
        std::fs::write(checkout.join("Cargo.toml"), "[package]\nname = \"updown\"\n").unwrap();
        assert_eq!(is_checkout(&checkout), part.starts_with("work"), "{part}");
    }
}
