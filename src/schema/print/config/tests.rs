use super::*;

fn read(text: &str) -> Result<Vec<PrintConfig>, String> {
    read::read(text, Path::new("dir/diesel.toml"))
        .map_err(|error| format!("{error} ({})", error.hint().unwrap_or_default()))
}

fn keys(text: &str) -> Vec<String> {
    read(text).expect(text).into_iter().map(|config| config.key).collect()
}

#[test]
fn what_is_named_stands_beside_the_default_one() {
    assert_eq!(keys(""), ["default"]);
    assert_eq!(keys("[print_schema]\nfile = \"x\""), ["default"]);
    assert_eq!(keys("[print_schema.z]\n[print_schema.a]\nschema = \"s\""), ["a", "default", "z"]);
    let text = "print_schema.file = \"lost\"\n[print_schema.default]\nfile = \"kept\"";
    let configs = read(text).expect(text);
    assert_eq!(configs.len(), 1);
    assert_eq!(configs[0].file.as_deref(), Some(Path::new("dir/kept")));
}

#[test]
fn every_key_is_read() {
    let text = r#"
        [migrations_directory]
        dir = "migrations"
        [print_schema]
        file = "src/schema.rs"
        patch_file = "/absolute.patch"
        with_docs = "only-database-comments"
        allow_tables_to_appear_in_same_query_config = "fk_related_tables"
        filter = { except_tables = ["^a"] }
        column_sorting = "name"
        schema = "s"
        import_types = ["diesel::sql_types::*"]
        generate_missing_sql_type_definitions = false
        except_custom_type_definitions = ["Tsvector"]
        custom_type_derives = ["Debug"]
        sqlite_integer_primary_key_is_bigint = true
        pg_domains_as_custom_types = ["(?i)EMAIL"]
    "#;
    let config = read(text).expect(text).remove(0);
    assert_eq!(config.file.as_deref(), Some(Path::new("dir/src/schema.rs")));
    assert_eq!(config.patch_file.as_deref(), Some(Path::new("/absolute.patch")));
    assert_eq!(config.with_docs, Docs::Comments);
    assert_eq!(config.allow_tables_to_appear_in_same_query_config, SameQuery::FkRelatedTables);
    assert!(config.filter.lets_pass("ba") && !config.filter.lets_pass("ab"));
    assert_eq!(config.column_sorting, ColumnSorting::Name);
    assert_eq!(config.schema.as_deref(), Some("s"));
    assert_eq!(config.import_types, ["diesel::sql_types::*"]);
    assert!(!config.generate_missing_sql_type_definitions);
    assert!(config.except_custom_type_definitions[0].is_match("Tsvector"));
    assert_eq!(config.derives(), ["Debug", "diesel::sql_types::SqlType"]);
    assert!(config.sqlite_integer_primary_key_is_bigint);
    assert!(config.pg_domains_as_custom_types[0].is_match("email"));
}

#[test]
fn documentation_is_a_word_or_a_flag() {
    for (text, docs) in [
        ("true", Docs::CommentsOrGenerated),
        ("false", Docs::None),
        ("\"database-comments-fallback-to-auto-generated-doc-comment\"", Docs::CommentsOrGenerated),
        ("\"no-doc-comments\"", Docs::None),
    ] {
        let text = format!("[print_schema]\nwith_docs = {text}");
        assert_eq!(read(&text).expect(&text)[0].with_docs, docs, "{text}");
    }
}

#[test]
fn what_makes_no_sense_is_said_with_its_line() {
    for (text, expected) in [
        ("[print_schema\n", "dir/diesel.toml:1: "),
        (
            "\n[print_scheme]\n",
            "dir/diesel.toml:2: the key `print_scheme` is not known (did you mean `print_schema`?)",
        ),
        (
            "[print_schema]\nfile = \"x\"\nfilters = 1",
            "dir/diesel.toml:3: the key `filters` is not known (did you mean `filter`?)",
        ),
        (
            "[print_schema.a]\nfil = \"x\"",
            "dir/diesel.toml:2: the key `fil` is not known (did you mean `file`?)",
        ),
        ("[print_schema]\nfile = 1", "dir/diesel.toml:2: `file` has to be a text (like `file = \"…\"`)"),
        ("[print_schema]\nimport_types = [1]", "dir/diesel.toml:2: `import_types` has to be a list of texts"),
        (
            "[print_schema]\nwith_docs = \"x\"",
            "dir/diesel.toml:2: the value of `with_docs`, `x` is not known",
        ),
        ("[print_schema]\ncolumn_sorting = \"names\"", "(did you mean `name`?)"),
        (
            "[print_schema]\nfilter = { only_tables = [\"(\"] }",
            "dir/diesel.toml:2: `(` in `only_tables` is no regular expression: unclosed group",
        ),
        (
            "[print_schema.filter]\nonly_tables = []\nexcept_tables = []",
            "dir/diesel.toml:3: `filter` takes `only_tables` or `except_tables`, not both",
        ),
        ("[print_schema.filter]\nonly = []", "dir/diesel.toml:2: the filter `only` is not known"),
    ] {
        let error = read(text).expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn no_file_is_the_default_one() {
    let configs = PrintConfig::read(Path::new("/nowhere/diesel.toml")).expect("the default");
    assert_eq!(configs.len(), 1);
    assert!(configs[0].file.is_none());
}
