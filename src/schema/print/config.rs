//! What `diesel.toml` says of printing: `[print_schema]`, and `[print_schema.name]` for several files.

mod read;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use regex::Regex;

use crate::error::Error;

/// One `[print_schema]`.
#[derive(Clone, Debug)]
pub struct PrintConfig {
    /// `default`, or the name behind `print_schema.`.
    pub key: String,
    /// Where the text goes.
    pub file: Option<PathBuf>,
    pub with_docs: Docs,
    pub allow_tables_to_appear_in_same_query_config: SameQuery,
    pub filter: Filter,
    pub column_sorting: ColumnSorting,
    /// Of PostgreSQL; `public` where none is named.
    pub schema: Option<String>,
    /// What is changed in the text at last.
    pub patch_file: Option<PathBuf>,
    pub import_types: Vec<String>,
    pub generate_missing_sql_type_definitions: bool,
    pub except_custom_type_definitions: Vec<Regex>,
    pub custom_type_derives: Vec<String>,
    pub sqlite_integer_primary_key_is_bigint: bool,
    pub pg_domains_as_custom_types: Vec<Regex>,
}

/// What stands above tables and columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Docs {
    #[default]
    None,
    /// The comments of the database.
    Comments,
    /// The same, and where there is none, what can be said of each.
    CommentsOrGenerated,
}

/// Which tables `allow_tables_to_appear_in_same_query!` names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameQuery {
    #[default]
    AllTables,
    FkRelatedTables,
    None,
}

/// The order of the columns of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnSorting {
    #[default]
    OrdinalPosition,
    Name,
}

/// Which tables are printed. An expression fits where it is found anywhere in the name.
#[derive(Clone, Debug, Default)]
pub enum Filter {
    #[default]
    None,
    OnlyTables(Vec<Regex>),
    ExceptTables(Vec<Regex>),
}

impl Filter {
    pub fn lets_pass(&self, table: &str) -> bool {
        let fits = |all: &[Regex]| all.iter().any(|one| one.is_match(table));
        match self {
            Self::None => true,
            Self::OnlyTables(all) => fits(all),
            Self::ExceptTables(all) => !fits(all),
        }
    }
}

impl Default for PrintConfig {
    fn default() -> Self {
        Self {
            key: "default".to_owned(),
            file: None,
            with_docs: Docs::default(),
            allow_tables_to_appear_in_same_query_config: SameQuery::default(),
            filter: Filter::default(),
            column_sorting: ColumnSorting::default(),
            schema: None,
            patch_file: None,
            import_types: Vec::new(),
            generate_missing_sql_type_definitions: true,
            except_custom_type_definitions: Vec::new(),
            custom_type_derives: Vec::new(),
            sqlite_integer_primary_key_is_bigint: false,
            pg_domains_as_custom_types: Vec::new(),
        }
    }
}

impl PrintConfig {
    /// Those of a file, in the order of their keys; the default one where there is no such file. Paths are
    /// relative to its directory.
    ///
    /// # Errors
    /// A file that cannot be read; what makes no sense in it, with the line.
    pub fn read(file: &Path) -> Result<Vec<Self>, Error> {
        match std::fs::read_to_string(file) {
            Ok(text) => read::read(&text, file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(vec![Self::default()]),
            Err(source) => Err(Error::Io { what: format!("cannot read {}", file.display()), source }),
        }
    }

    /// Where the file is: `DIESEL_CONFIG_FILE`, else the nearest `diesel.toml` from the current directory up to
    /// `root`, else the one that `root` would have.
    pub fn file(root: &Path) -> PathBuf {
        const NAME: &str = "diesel.toml";
        if let Some(named) = std::env::var_os("DIESEL_CONFIG_FILE") {
            return named.into();
        }
        let here = std::env::current_dir().unwrap_or_default();
        let below = here.ancestors().take_while(|dir| dir.starts_with(root));
        let nearest = below.map(|dir| dir.join(NAME)).find(|file| file.is_file());
        nearest.unwrap_or_else(|| root.join(NAME))
    }

    /// What a type that is defined in the file derives: never nothing.
    pub fn derives(&self) -> Vec<&str> {
        const ALWAYS: &str = "diesel::sql_types::SqlType";
        let mut derives: Vec<&str> = self.custom_type_derives.iter().map(String::as_str).collect();
        if !derives.contains(&ALWAYS) {
            derives.push(ALWAYS);
        }
        derives
    }
}
