//! The text of `schema.rs`: `table!` and `joinable!` wherever they stand, and the types that it declares.

use std::collections::BTreeMap;

use diesel_table_macro_syntax::{ColumnDef, TableDecl};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;

use super::resolve::{Found, Join};
use super::sql_type::without_nullable;
use super::{CustomType, Declared, DeclaredColumn, DeclaredTable, Place, Problem, SqlType};
use crate::schema::model::Name;

/// All that is in the files.
pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Declared, Vec<Problem>> {
    let mut found = Found::default();
    for (file, text) in files {
        let lines = text.lines().collect();
        let mut of_file = OfFile { file, lines, module: Vec::new(), found: &mut found };
        match syn::parse_file(text) {
            Ok(parsed) => of_file.items(&parsed.items),
            Err(error) => of_file.report(&error),
        }
    }
    found.resolve()
}

struct OfFile<'a, 'f> {
    file: &'a str,
    lines: Vec<&'a str>,
    module: Vec<String>,
    found: &'f mut Found,
}

impl OfFile<'_, '_> {
    fn place(&self, at: proc_macro2::Span) -> Place {
        let start = at.start();
        Place { file: self.file.to_owned(), line: start.line, column: start.column + 1 }
    }

    fn line(&self, place: &Place) -> Option<String> {
        self.lines.get(place.line.checked_sub(1)?).map(|line| (*line).to_owned())
    }

    fn problem(&mut self, at: proc_macro2::Span, what: impl Into<String>, hint: impl Into<String>) {
        let problem = Problem::new(&self.place(at), what, hint);
        let line = self.line(&problem.place);
        self.found.problems.push(Problem { line, ..problem });
    }

    fn report(&mut self, error: &syn::Error) {
        for error in error.clone() {
            let said = error.to_string();
            match said.as_str() {
                "cannot parse string into token stream" => self.problem(
                    error.span(),
                    "this is no Rust: a bracket or a quote is open, or closed and was not open",
                    "",
                ),
                _ => self.problem(error.span(), said, ""),
            }
        }
    }

    fn items(&mut self, items: &[syn::Item]) {
        for item in items {
            match item {
                syn::Item::Macro(item) => self.called(&item.mac),
                syn::Item::Mod(module) => {
                    if let Some((_, items)) = &module.content {
                        self.module.push(module.ident.to_string());
                        self.items(items);
                        self.module.pop();
                    }
                }
                syn::Item::Struct(item) => match CustomType::read(&item.attrs) {
                    Ok(Some(custom)) => {
                        let known = self.found.types.entry(item.ident.to_string()).or_default();
                        known.push((self.module.clone(), custom));
                    }
                    Ok(None) => {}
                    Err(error) => self.report(&error),
                },
                syn::Item::Use(item) => self.found.aliases(&item.tree),
                _ => {}
            }
        }
    }

    fn called(&mut self, mac: &syn::Macro) {
        let Some(name) = mac.path.segments.last() else { return };
        if name.ident == "table" {
            match mac.parse_body::<TableDecl>() {
                Ok(table) => self.table(&table),
                Err(error) => self.report(&error),
            }
        } else if name.ident == "joinable" {
            match mac.parse_body::<JoinSyntax>() {
                Ok(join) => {
                    let place = self.place(mac.path.span());
                    let line = self.line(&place);
                    let names = |path: &syn::Path| {
                        path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect()
                    };
                    self.found.joins.push(Join {
                        child: names(&join.child),
                        parent: names(&join.parent),
                        column: join.column.unraw().to_string(),
                        place,
                        line,
                        module: self.module.clone(),
                    });
                }
                Err(error) => self.report(&error),
            }
        }
    }

    fn table(&mut self, table: &TableDecl) {
        for item in &table.use_statements {
            self.found.aliases(&item.tree);
        }
        let rust_name = table.table_name.unraw().to_string();
        let schema = table.schema.as_ref().map(|schema| schema.unraw().to_string());
        let name = Name { schema, name: table.sql_name.clone() };
        let mut columns = Vec::new();
        for column in &table.column_defs {
            columns.extend(self.column(column));
        }
        let mut primary_key = Vec::new();
        let by_rust_name: BTreeMap<String, String> =
            columns.iter().map(|column| (column.rust_name.clone(), column.name.clone())).collect();
        match &table.primary_keys {
            Some(keys) => {
                for key in &keys.keys {
                    match by_rust_name.get(&key.unraw().to_string()) {
                        Some(column) => primary_key.push(column.clone()),
                        None if columns.len() < table.column_defs.len() => {}
                        None => self.problem(
                            key.span(),
                            format!("the primary key of {name} names {key}, which is no column of it"),
                            "name columns that stand between the braces",
                        ),
                    }
                }
            }
            None => match by_rust_name.get("id") {
                Some(column) => primary_key.push(column.clone()),
                // The one that was not understood may be it.
                None if columns.len() < table.column_defs.len() => {}
                None => self.problem(
                    table.table_name.span(),
                    format!("{name} has no column id, and does not say what its primary key is"),
                    format!("write `{rust_name} (column) {{ … }}`"),
                ),
            },
        }
        let place = self.place(table.table_name.span());
        if let Some(other) = self.found.tables.iter().find(|other| other.name == name) {
            let what = format!("the table {name} is declared already, at {}", other.place);
            self.problem(table.table_name.span(), what, "keep one of the two");
            return;
        }
        let module = self.module.clone();
        self.found.tables.push(DeclaredTable { name, rust_name, primary_key, columns, place, module });
    }

    fn column(&mut self, column: &ColumnDef) -> Option<DeclaredColumn> {
        let max_length = match column.max_length.as_ref().map(|length| (length, length.base10_parse())) {
            None => None,
            Some((_, Ok(length))) => Some(length),
            Some((literal, Err(_))) => {
                self.problem(literal.span(), "this is no length of a text", "write a number, such as 255");
                return None;
            }
        };
        let (sql_type, nullable) = match without_nullable(&column.tpe)
            .and_then(|(tpe, nullable)| Ok((SqlType::read(tpe)?, nullable)))
        {
            Ok(found) => found,
            Err(error) => {
                self.report(&error);
                return None;
            }
        };
        Some(DeclaredColumn {
            name: column.sql_name.clone(),
            rust_name: column.column_name.unraw().to_string(),
            sql_type,
            nullable,
            max_length,
            place: self.place(column.column_name.span()),
        })
    }
}

/// What stands in `joinable!(…)`.
struct JoinSyntax {
    child: syn::Path,
    parent: syn::Path,
    column: syn::Ident,
}

impl Parse for JoinSyntax {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let child = input.call(syn::Path::parse_mod_style)?;
        input.parse::<syn::Token![->]>()?;
        let parent = input.call(syn::Path::parse_mod_style)?;
        let content;
        syn::parenthesized!(content in input);
        let column = content.parse()?;
        Ok(Self { child, parent, column })
    }
}
