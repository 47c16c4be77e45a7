//! Types of Diesel that a project declares itself: `#[diesel(postgres_type(name = "status"))] struct Status;`.

use crate::schema::model::Name;

/// What a struct says about the types that it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomType {
    /// Its name in PostgreSQL. Those of the schema `pg_catalog`, and of none, have no schema.
    pub postgres: Option<Name>,
    /// What it is stored as in SQLite: `Text`, `Integer`, `Long`, ….
    pub sqlite: Option<String>,
}

impl CustomType {
    /// Reads `#[diesel(…)]`; none where it says nothing of a type.
    pub fn read(attributes: &[syn::Attribute]) -> syn::Result<Option<Self>> {
        let mut found = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("diesel")) {
            attribute.parse_nested_meta(|meta| {
                let is_postgres = meta.path.is_ident("postgres_type");
                if !is_postgres && !meta.path.is_ident("sqlite_type") {
                    return skip(&meta);
                }
                let (mut name, mut schema) = (None, None);
                meta.parse_nested_meta(|inner| {
                    let slot = match () {
                        () if inner.path.is_ident("name") => &mut name,
                        () if inner.path.is_ident("schema") => &mut schema,
                        () => return skip(&inner),
                    };
                    *slot = Some(inner.value()?.parse::<syn::LitStr>()?.value());
                    Ok(())
                })?;
                if is_postgres {
                    let schema = schema.filter(|schema| schema != "pg_catalog");
                    found.postgres = name.map(|name| Name { schema, name });
                } else {
                    found.sqlite = name;
                }
                Ok(())
            })?;
        }
        Ok((found != Self::default()).then_some(found))
    }
}

/// What is about something else: a name alone, `= …`, or `(…)`.
fn skip(meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(syn::Token![=]) {
        meta.value()?.parse::<syn::Expr>()?;
    } else if meta.input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in meta.input);
        content.parse::<proc_macro2::TokenStream>()?;
    }
    Ok(())
}
