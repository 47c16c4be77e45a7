//! A type of Diesel, as it stands in `table!`.

use std::collections::HashMap;

use syn::spanned::Spanned;

use super::{CustomType, SqlType};

/// What `Nullable<…>` is of, as often as it stands there.
pub fn without_nullable(tpe: &syn::TypePath) -> syn::Result<(&syn::TypePath, bool)> {
    match tpe.path.segments.last() {
        Some(last) if last.ident == "Nullable" => match &arguments(last)[..] {
            [syn::Type::Path(of)] => Ok((without_nullable(of)?.0, true)),
            _ => Err(syn::Error::new(last.span(), "`Nullable` is of one type: `Nullable<Text>`")),
        },
        _ => Ok((tpe, false)),
    }
}

pub fn arguments(segment: &syn::PathSegment) -> Vec<&syn::Type> {
    let syn::PathArguments::AngleBracketed(list) = &segment.arguments else { return Vec::new() };
    let types = list.args.iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(of) => Some(of),
        _ => None,
    });
    types.collect()
}

impl SqlType {
    pub fn read(tpe: &syn::TypePath) -> syn::Result<Self> {
        let last = tpe.path.segments.last();
        let last = last.ok_or_else(|| syn::Error::new(tpe.span(), "a type is expected here"))?;
        let mut of = Vec::new();
        for argument in arguments(last) {
            let syn::Type::Path(path) = argument else {
                return Err(syn::Error::new(argument.span(), "a type by its name is expected here"));
            };
            of.push(Self::read(without_nullable(path)?.0)?);
        }
        Ok(Self { name: last.ident.to_string(), of, custom: None })
    }

    pub fn resolve(&mut self, found: &HashMap<String, Vec<(Vec<String>, CustomType)>>, module: &[String]) {
        for of in &mut self.of {
            of.resolve(found, module);
        }
        let Some(candidates) = found.get(&self.name) else { return };
        // The one whose module has most in common with that of the table.
        let common =
            |path: &[String]| path.iter().zip(module).take_while(|(one, other)| one == other).count();
        let nearest = candidates.iter().max_by_key(|(path, _)| (common(path), std::cmp::Reverse(path.len())));
        self.custom = nearest.map(|(_, custom)| custom.clone());
    }

    pub fn rename(&mut self, aliases: &HashMap<String, String>) {
        for of in &mut self.of {
            of.rename(aliases);
        }
        if let Some(name) = aliases.get(&self.name) {
            self.name.clone_from(name);
        }
    }
}
