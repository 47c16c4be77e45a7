//! Columns, fields and their types.

use crate::schema::cql::CqlType;
use crate::schema::cql::parts::{Column, Field, Key};
use crate::schema::emit::rust::{Call, Expr};

/// One of a table's, with its part in the key: what is called on `t`.
pub fn of_table(column: &Column) -> Vec<Call> {
    let key = column.key.map(|key| match key {
        Key::Partition => "partition_key",
        Key::Clustering => "clustering_key",
    });
    let order = column.descending.map(|is_descending| if is_descending { "desc" } else { "asc" });
    let is_static = column.is_static.then_some("static_column");
    let methods = key.into_iter().chain(order).chain(is_static).map(Call::plain);
    std::iter::once(typed(&column.kind, Some(&column.name))).chain(methods).collect()
}

/// `|c| c.text("preview")`.
pub fn added(column: &Column) -> Expr {
    definition(column, Some(&column.name))
}

/// `|c| c.text()`.
pub fn old(column: &Column) -> Expr {
    definition(column, None)
}

fn definition(column: &Column, name: Option<&str>) -> Expr {
    let is_static = column.is_static.then(|| Call::plain("static_column"));
    Expr::Says("c", std::iter::once(typed(&column.kind, name)).chain(is_static).collect())
}

pub fn fields(fields: &[Field]) -> Expr {
    Expr::Block("t", fields.iter().map(|field| vec![typed(&field.kind, Some(&field.name))]).collect())
}

pub fn new_field(field: &Field) -> Expr {
    Expr::Says("f", vec![typed(&field.kind, Some(&field.name))])
}

/// The method that a type has, with the name before what else it takes.
fn typed(kind: &CqlType, name: Option<&str>) -> Call {
    let (method, more) = match kind {
        CqlType::List(of) => ("list", vec![code(of)]),
        CqlType::Set(of) => ("set", vec![code(of)]),
        CqlType::Map(key, value) => ("map", vec![code(key), code(value)]),
        CqlType::Tuple(of) => ("tuple", vec![Expr::List(of.iter().map(code).collect())]),
        CqlType::Vector(of, dimensions) => ("vector", vec![code(of), Expr::Code(dimensions.to_string())]),
        CqlType::Frozen(of) => match of.as_ref() {
            CqlType::Udt(of) => ("udt", vec![Expr::text(of)]),
            of => ("frozen", vec![code(of)]),
        },
        CqlType::Udt(_) | CqlType::Custom(_) => ("column", vec![code(kind)]),
        native => (names(native).0, Vec::new()),
    };
    Call::new(method, name.map(Expr::text).into_iter().chain(more))
}

/// A type by itself.
fn code(kind: &CqlType) -> Expr {
    let call = |function, arguments: Vec<Expr>| Expr::Calls(vec![Call::new(function, arguments)]);
    let owned = |function, text: &String| {
        let text = crate::schema::emit::text::literal(text).unwrap_or_default();
        call(function, vec![Expr::Code(format!("{text}.to_owned()"))])
    };
    match kind {
        CqlType::List(of) => call("CqlType::list", vec![code(of)]),
        CqlType::Set(of) => call("CqlType::set", vec![code(of)]),
        CqlType::Map(key, value) => call("CqlType::map", vec![code(key), code(value)]),
        CqlType::Tuple(of) => call("CqlType::tuple", vec![Expr::List(of.iter().map(code).collect())]),
        CqlType::Vector(of, dimensions) => {
            call("CqlType::vector", vec![code(of), Expr::Code(dimensions.to_string())])
        }
        CqlType::Frozen(of) => match of.as_ref() {
            CqlType::Udt(of) => call("CqlType::udt", vec![Expr::text(of)]),
            of => call("CqlType::frozen", vec![code(of)]),
        },
        CqlType::Udt(name) => owned("CqlType::Udt", name),
        CqlType::Custom(word_for_word) => owned("CqlType::Custom", word_for_word),
        native => Expr::Code(names(native).1.to_owned()),
    }
}

/// The method, and the type.
fn names(native: &CqlType) -> (&'static str, &'static str) {
    match native {
        CqlType::Ascii => ("ascii", "CqlType::Ascii"),
        CqlType::Bigint => ("bigint", "CqlType::Bigint"),
        CqlType::Blob => ("blob", "CqlType::Blob"),
        CqlType::Boolean => ("boolean", "CqlType::Boolean"),
        CqlType::Counter => ("counter", "CqlType::Counter"),
        CqlType::Date => ("date", "CqlType::Date"),
        CqlType::Decimal => ("decimal", "CqlType::Decimal"),
        CqlType::Double => ("double", "CqlType::Double"),
        CqlType::Duration => ("duration", "CqlType::Duration"),
        CqlType::Float => ("float", "CqlType::Float"),
        CqlType::Inet => ("inet", "CqlType::Inet"),
        CqlType::Int => ("int", "CqlType::Int"),
        CqlType::Smallint => ("smallint", "CqlType::Smallint"),
        CqlType::Time => ("time", "CqlType::Time"),
        CqlType::Timestamp => ("timestamp", "CqlType::Timestamp"),
        CqlType::Timeuuid => ("timeuuid", "CqlType::Timeuuid"),
        CqlType::Tinyint => ("tinyint", "CqlType::Tinyint"),
        CqlType::Uuid => ("uuid", "CqlType::Uuid"),
        CqlType::Varint => ("varint", "CqlType::Varint"),
        // What has something inside never comes here.
        _ => ("text", "CqlType::Text"),
    }
}
