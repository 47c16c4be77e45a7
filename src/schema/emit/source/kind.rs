//! Types and values.

use crate::schema::emit::rust::Expr;
use crate::schema::emit::text::one_line;
use crate::schema::op::{DefaultValue, Type};

/// The method that says a type, and what it gets beside the name of the column.
pub fn method(kind: &Type) -> (&'static str, Vec<Expr>) {
    let number = |number: &u32| Expr::Code(number.to_string());
    match kind {
        Type::Char(length) => ("char_len", vec![number(length)]),
        Type::String(None) => ("string", Vec::new()),
        Type::String(Some(length)) => ("string_len", vec![number(length)]),
        Type::Text => ("text", Vec::new()),
        Type::SmallInteger => ("small_integer", Vec::new()),
        Type::Integer => ("integer", Vec::new()),
        Type::BigInteger => ("big_integer", Vec::new()),
        Type::Float => ("float", Vec::new()),
        Type::Double => ("double", Vec::new()),
        Type::Decimal(None) => ("decimal", Vec::new()),
        Type::Decimal(Some((precision, scale))) => ("decimal_len", vec![number(precision), number(scale)]),
        Type::Boolean => ("boolean", Vec::new()),
        Type::Date => ("date", Vec::new()),
        Type::Time => ("time", Vec::new()),
        Type::Timestamp => ("timestamp", Vec::new()),
        Type::TimestampWithTimeZone => ("timestamp_with_time_zone", Vec::new()),
        Type::Interval => ("interval", Vec::new()),
        Type::Blob => ("blob", Vec::new()),
        Type::Json => ("json", Vec::new()),
        Type::JsonBinary => ("json_binary", Vec::new()),
        Type::Uuid => ("uuid", Vec::new()),
        Type::Inet => ("inet", Vec::new()),
        Type::Cidr => ("cidr", Vec::new()),
        Type::MacAddr => ("mac_address", Vec::new()),
        Type::Array(of) => ("array", vec![Expr::Code(code(of))]),
        Type::Enum(name) => ("enumeration", vec![Expr::text(name)]),
        Type::Custom(sql) => ("custom", vec![Expr::text(sql)]),
    }
}

/// As a value of Rust.
pub fn code(kind: &Type) -> String {
    let inside = match kind {
        Type::Char(length) => format!("({length})"),
        Type::String(Some(length)) => format!("(Some({length}))"),
        Type::String(None) | Type::Decimal(None) => "(None)".to_owned(),
        Type::Decimal(Some((precision, scale))) => format!("(Some(({precision}, {scale})))"),
        Type::Array(of) => format!("(Box::new({}))", code(of)),
        Type::Enum(text) | Type::Custom(text) => format!("({}.to_owned())", one_line(text)),
        _ => String::new(),
    };
    // What stands before the parenthesis is the variant.
    let variant = format!("{kind:?}");
    let variant = variant.split('(').next().unwrap_or_default();
    format!("Type::{variant}{inside}")
}

/// A default that is a value.
pub fn value(value: &DefaultValue) -> Expr {
    match value {
        DefaultValue::Text(text) => Expr::text(text),
        DefaultValue::Integer(number) if i32::try_from(*number).is_ok() => Expr::Code(number.to_string()),
        DefaultValue::Integer(number) => Expr::Code(format!("{number}_i64")),
        DefaultValue::Float(number) if number.is_nan() => Expr::Code("f64::NAN".to_owned()),
        DefaultValue::Float(number) if number.is_infinite() => {
            Expr::Code(if *number > 0.0 { "f64::INFINITY" } else { "f64::NEG_INFINITY" }.to_owned())
        }
        DefaultValue::Float(number) => Expr::Code(format!("{number:?}")),
        DefaultValue::Boolean(value) => Expr::Code(value.to_string()),
        DefaultValue::Now => Expr::Code("updown::schema::DefaultValue::Now".to_owned()),
        DefaultValue::Expression(sql) => {
            Expr::Code(format!("updown::schema::DefaultValue::Expression({}.to_owned())", one_line(sql)))
        }
    }
}
