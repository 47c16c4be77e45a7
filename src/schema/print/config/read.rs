//! Reads `diesel.toml`. What Diesel's command line refuses is refused, with the line and what was probably meant.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use regex::Regex;
use toml_edit::{Document, Item, TableLike};

use super::{ColumnSorting, Docs, Filter, PrintConfig, SameQuery};
use crate::error::Error;

const KEYS: [&str; 13] = [
    "file",
    "with_docs",
    "allow_tables_to_appear_in_same_query_config",
    "filter",
    "column_sorting",
    "schema",
    "patch_file",
    "import_types",
    "generate_missing_sql_type_definitions",
    "except_custom_type_definitions",
    "custom_type_derives",
    "sqlite_integer_primary_key_is_bigint",
    "pg_domains_as_custom_types",
];

/// What is read, and where it is from.
#[derive(Clone, Copy)]
struct Source<'a> {
    text: &'a str,
    file: &'a Path,
}

impl Source<'_> {
    fn error(self, at: Option<Range<usize>>, message: &str, hint: impl Into<String>) -> Error {
        let before = at.map_or("", |at| self.text.get(..at.start).unwrap_or_default());
        let line = before.matches('\n').count() + 1;
        Error::usage(format!("{}:{line}: {message}", self.file.display()), hint)
    }

    fn unknown(self, at: Option<Range<usize>>, what: &str, key: &str, known: &[&str]) -> Error {
        let near = |known: &&&str| strsim::jaro_winkler(known, key);
        let nearest = known.iter().max_by(|a, b| near(a).total_cmp(&near(b))).filter(|one| near(one) > 0.8);
        let hint = match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("known are {}", known.join(", ")),
        };
        self.error(at, &format!("{what} `{key}` is not known"), hint)
    }

    fn path(self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }
}

/// One key and what stands behind it.
struct Entry<'a> {
    source: Source<'a>,
    key: &'a str,
    item: &'a Item,
    at: Option<Range<usize>>,
}

impl<'a> Entry<'a> {
    fn wants<T>(&self, value: Option<T>, what: &str, example: &str) -> Result<T, Error> {
        let message = || format!("`{}` has to be {what}", self.key);
        value.ok_or_else(|| self.source.error(self.at.clone(), &message(), format!("like `{example}`")))
    }

    fn text(&self) -> Result<String, Error> {
        let example = format!("{} = \"…\"", self.key);
        self.wants(self.item.as_str().map(str::to_owned), "a text", &example)
    }

    fn flag(&self) -> Result<bool, Error> {
        self.wants(self.item.as_bool(), "true or false", &format!("{} = true", self.key))
    }

    fn list(&self) -> Result<Vec<String>, Error> {
        let array = self.item.as_array();
        let list = array.and_then(|all| all.iter().map(|one| one.as_str().map(str::to_owned)).collect());
        self.wants(list, "a list of texts", &format!("{} = [\"…\"]", self.key))
    }

    fn expressions(&self) -> Result<Vec<Regex>, Error> {
        let expression = |text: &String| {
            Regex::new(text).map_err(|error| {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
                let message = format!("`{text}` in `{}` is no regular expression: {why}", self.key);
                self.source.error(
                    self.at.clone(),
                    &message,
                    "a name alone fits wherever it is found; `^name$` fits it alone",
                )
            })
        };
        self.list()?.iter().map(expression).collect()
    }

    fn one_of<T: Copy>(&self, known: &[(&str, T)]) -> Result<T, Error> {
        let text = self.text()?;
        let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let what = format!("the value of `{}`,", self.key);
        found.ok_or_else(|| self.source.unknown(self.at.clone(), &what, &text, &names))
    }

    fn table(&self) -> Result<&'a dyn TableLike, Error> {
        let example = format!("[{}]", self.key);
        self.wants(self.item.as_table_like(), "a table", &example)
    }

    fn docs(&self) -> Result<Docs, Error> {
        if let Some(flag) = self.item.as_bool() {
            return Ok(if flag { Docs::CommentsOrGenerated } else { Docs::None });
        }
        self.one_of(&[
            ("database-comments-fallback-to-auto-generated-doc-comment", Docs::CommentsOrGenerated),
            ("only-database-comments", Docs::Comments),
            ("no-doc-comments", Docs::None),
        ])
    }

    fn filter(&self) -> Result<Filter, Error> {
        let mut filter = Filter::None;
        for entry in entries(self.source, self.table()?) {
            if !matches!(filter, Filter::None) {
                let hint = "tables of which none is wanted need no mention in `only_tables`";
                let message = "`filter` takes `only_tables` or `except_tables`, not both";
                return Err(self.source.error(entry.at, message, hint));
            }
            filter = match entry.key {
                "only_tables" => Filter::OnlyTables(entry.expressions()?),
                "except_tables" => Filter::ExceptTables(entry.expressions()?),
                key => {
                    let known = ["only_tables", "except_tables"];
                    return Err(self.source.unknown(entry.at, "the filter", key, &known));
                }
            };
        }
        Ok(filter)
    }
}

fn entries<'a>(source: Source<'a>, table: &'a dyn TableLike) -> Vec<Entry<'a>> {
    let entry = |(key, item): (&'a str, &'a Item)| {
        let at = table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
        Entry { source, key, item, at }
    };
    table.iter().map(entry).collect()
}

/// All that a file says of printing, in the order of the keys.
pub fn read(text: &str, file: &Path) -> Result<Vec<PrintConfig>, Error> {
    let source = Source { text, file };
    let document = Document::parse(text).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        source.error(error.span(), &message, "https://toml.io says how it is written")
    })?;
    let mut configs = vec![PrintConfig::default()];
    for entry in entries(source, document.as_table()) {
        match entry.key {
            "print_schema" => configs = print_schema(source, entry.table()?)?,
            // Diesel's own.
            "migrations_directory" => {}
            key => {
                return Err(source.unknown(
                    entry.at,
                    "the key",
                    key,
                    &["print_schema", "migrations_directory"],
                ));
            }
        }
    }
    Ok(configs)
}

/// A table that is none of the known keys is a configuration with that name. Where there is one, what stands
/// beside them is one as well, named `default`, even where that is nothing.
fn print_schema(source: Source<'_>, table: &dyn TableLike) -> Result<Vec<PrintConfig>, Error> {
    let mut default = PrintConfig::default();
    let mut named = BTreeMap::new();
    for entry in entries(source, table) {
        if KEYS.contains(&entry.key) {
            set(&mut default, &entry)?;
        } else if let Some(table) = entry.item.as_table_like() {
            let mut config = PrintConfig { key: entry.key.to_owned(), ..PrintConfig::default() };
            for entry in entries(source, table) {
                set(&mut config, &entry)?;
            }
            named.insert(entry.key, config);
        } else {
            return Err(source.unknown(entry.at, "the key", entry.key, &KEYS));
        }
    }
    named.entry("default").or_insert(default);
    Ok(named.into_values().collect())
}

fn set(config: &mut PrintConfig, entry: &Entry<'_>) -> Result<(), Error> {
    match entry.key {
        "file" => config.file = Some(entry.source.path(&entry.text()?)),
        "with_docs" => config.with_docs = entry.docs()?,
        "allow_tables_to_appear_in_same_query_config" => {
            config.allow_tables_to_appear_in_same_query_config = entry.one_of(&[
                ("all_tables", SameQuery::AllTables),
                ("fk_related_tables", SameQuery::FkRelatedTables),
                ("none", SameQuery::None),
            ])?;
        }
        "filter" => config.filter = entry.filter()?,
        "column_sorting" => {
            config.column_sorting = entry.one_of(&[
                ("ordinal_position", ColumnSorting::OrdinalPosition),
                ("name", ColumnSorting::Name),
            ])?;
        }
        "schema" => config.schema = Some(entry.text()?),
        "patch_file" => config.patch_file = Some(entry.source.path(&entry.text()?)),
        "import_types" => config.import_types = entry.list()?,
        "generate_missing_sql_type_definitions" => {
            config.generate_missing_sql_type_definitions = entry.flag()?;
        }
        "except_custom_type_definitions" => config.except_custom_type_definitions = entry.expressions()?,
        "custom_type_derives" => config.custom_type_derives = entry.list()?,
        "sqlite_integer_primary_key_is_bigint" => {
            config.sqlite_integer_primary_key_is_bigint = entry.flag()?;
        }
        "pg_domains_as_custom_types" => config.pg_domains_as_custom_types = entry.expressions()?,
        key => return Err(entry.source.unknown(entry.at.clone(), "the key", key, &KEYS)),
    }
    Ok(())
}
