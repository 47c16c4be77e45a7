//! User-defined types.

use super::Rename;
use super::steps::{Steps, addition, change};
use crate::schema::cql::declared::Declared;
use crate::schema::cql::keyspace::{FieldOf, Keyspace};
use crate::schema::cql::text::canonical_text;
use crate::schema::cql::whole::{cql_field, in_order, user_type};
use crate::schema::cql::{Op, Was};

pub fn types(there: &Keyspace, declared: &Declared, steps: &mut Steps) {
    let wanted = &declared.keyspace.types;
    for name in in_order(wanted) {
        match there.types.get(name) {
            Some(fields) => of_one(name, fields, &wanted[name], declared, steps),
            None => {
                let op = Op::CreateType(user_type(name, &wanted[name]));
                steps.types.push(addition(op, declared.at(&format!("type {name}"))));
            }
        }
    }
    // What is in another one goes after it.
    for name in in_order(&there.types).into_iter().rev().filter(|name| !wanted.contains_key(*name)) {
        let was = Was::Known(user_type(name, &there.types[name]));
        steps.drop_types.push(change(Op::DropType { name: name.to_owned(), was }, None));
    }
}

/// Their order is none of a type's: one that is added comes last in the database.
fn of_one(name: &str, there: &[FieldOf], wanted: &[FieldOf], declared: &Declared, steps: &mut Steps) {
    let has = |fields: &[FieldOf], field: &FieldOf| fields.iter().any(|other| other.name == field.name);
    let at = |field: &str| declared.at(&format!("field {name}.{field}"));
    let kind = |field: &FieldOf| canonical_text(&field.kind);
    for field in there {
        match wanted.iter().find(|other| other.name == field.name) {
            None => {
                let mut perhaps =
                    wanted.iter().filter(|other| !has(there, other) && kind(other) == kind(field));
                if let Some(to) = perhaps.next() {
                    let (of, from, to) = (name.to_owned(), field.name.clone(), to.name.clone());
                    steps.renames.push(Rename::Field { of, from, to });
                }
                steps.problem(
                    format!("type {name} has a field {}, which is not declared", field.name),
                    "declare it, since in CQL a field can be renamed and never taken away; or declare a type of another \
                     name, and a new column of it",
                    declared.at(&format!("type {name}")),
                );
            }
            Some(other) if kind(other) != kind(field) => steps.problem(
                format!("field {name}.{} is {}, and declared as {}", field.name, kind(field), kind(other)),
                "declare a field of another name: in CQL a type stays as it is",
                at(&field.name),
            ),
            Some(_) => {}
        }
    }
    for field in wanted.iter().filter(|field| !has(there, field)) {
        let is_perhaps_renamed = steps
            .renames
            .iter()
            .any(|rename| matches!(rename, Rename::Field { of, to, .. } if of == name && *to == field.name));
        if is_perhaps_renamed {
            continue;
        }
        let back = Was::Irreversible("a field cannot be taken away from a type".to_owned());
        let op = Op::AddTypeField { name: name.to_owned(), field: cql_field(field), back };
        steps.types.push(addition(op, at(&field.name)));
    }
}
