use super::*;

fn config(urls: &[(&str, &str)], environment: Option<&str>) -> Result<Config, Error> {
    let urls = urls.iter().map(|(store, url)| ((*store).to_owned(), (*url).to_owned())).collect();
    Config::from_parts(PathBuf::from("/app"), urls, environment.map(str::to_owned), None)
}

#[test]
fn the_environment_is_inferred_from_local_urls_alone() {
    assert_eq!(config(&[], None).unwrap().environment.name(), "development");
    assert_eq!(config(&[("main", "sqlite:x.db")], None).unwrap().environment.name(), "development");
    assert_eq!(
        config(&[("main", "postgres://db.example.com/x")], None).unwrap().environment.name(),
        "production"
    );
    assert!(!config(&[], Some("development")).unwrap().inferred);
    assert!(config(&[], Some("prodution")).is_err());
}

#[test]
fn a_relative_path_is_meant_from_the_root() {
    assert_eq!(config(&[], None).unwrap().url("main", "sqlite:x.db").urls["main"], "sqlite:///app/x.db");
    assert_eq!(config(&[], None).unwrap().url("main", "sqlite://x.db").urls["main"], "sqlite:///app/x.db");
    assert_eq!(
        config(&[], None).unwrap().url("main", "sqlite:///tmp/x.db").urls["main"],
        "sqlite:///tmp/x.db"
    );
    assert_eq!(config(&[], None).unwrap().url("main", "sqlite::memory:").urls["main"], "sqlite::memory:");
}

#[test]
fn durations() {
    for (text, wanted) in [("90", 90_000), ("2s", 2_000), ("5m", 300_000), ("1h", 3_600_000), ("250ms", 250)]
    {
        assert_eq!(duration(text), Ok(Duration::from_millis(wanted)), "{text}");
    }
    for bad in ["", "s", "-1s", "5x", "1.5s"] {
        assert!(duration(bad).is_err(), "{bad}");
    }
}

#[test]
fn service_names_are_checked() {
    for good in ["", "ai-svc", "a.b_c9"] {
        assert!(Config::empty().service(good).is_ok(), "{good}");
    }
    for bad in ["a b", "a'b", "../x", "ä", &"x".repeat(64)] {
        assert!(Config::empty().service(bad).is_err(), "{bad}");
    }
}
