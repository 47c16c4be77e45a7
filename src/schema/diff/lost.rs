//! What a change of a type does to the values that are there.

use crate::schema::op::Type;
use crate::store::Database;

/// What does not fit any more, in a few words; none where every value does.
pub fn narrowed(from: &Type, to: &Type) -> Option<String> {
    let whole = |kind: &Type| match kind {
        Type::SmallInteger => Some(1),
        Type::Integer => Some(2),
        Type::BigInteger => Some(3),
        _ => None,
    };
    let length = |kind: &Type| match kind {
        Type::Char(length) | Type::String(Some(length)) => Some(Some(*length)),
        Type::String(None) | Type::Text => Some(None),
        _ => None,
    };
    match (from, to) {
        _ if from == to => None,
        _ if whole(from).zip(whole(to)).is_some_and(|(from, to)| from <= to) => None,
        _ if whole(from).and(whole(to)).is_some() => Some("greater numbers do not fit".to_owned()),
        (Type::SmallInteger | Type::Integer | Type::BigInteger, Type::Decimal(None)) => None,
        (Type::SmallInteger | Type::Integer, Type::Double) | (Type::SmallInteger, Type::Float) => None,
        (Type::Float, Type::Double) | (Type::Decimal(_), Type::Decimal(None)) => None,
        (Type::Decimal(Some((p, s))), Type::Decimal(Some((to_p, to_s))))
            if to_s >= s && to_p - to_s >= p.saturating_sub(*s) =>
        {
            None
        }
        (
            Type::Float | Type::Double | Type::Decimal(_),
            Type::SmallInteger | Type::Integer | Type::BigInteger,
        ) => Some("what stands behind the point is rounded off, and greater numbers do not fit".to_owned()),
        (
            Type::SmallInteger
            | Type::Integer
            | Type::BigInteger
            | Type::Float
            | Type::Double
            | Type::Decimal(_),
            Type::Float | Type::Double | Type::Decimal(_),
        ) => Some("digits that do not fit are rounded off".to_owned()),
        (Type::Date, Type::Timestamp | Type::TimestampWithTimeZone) | (Type::Cidr, Type::Inet) => None,
        (Type::Timestamp, Type::TimestampWithTimeZone) | (Type::TimestampWithTimeZone, Type::Timestamp) => {
            Some("each time is taken as one of the session's time zone".to_owned())
        }
        (Type::Timestamp | Type::TimestampWithTimeZone, Type::Date) => {
            Some("the time of the day is cut off".to_owned())
        }
        (Type::Json, Type::JsonBinary) => Some("a key that is there twice is kept once".to_owned()),
        (Type::JsonBinary, Type::Json) => None,
        (_, Type::Text | Type::String(None)) if *from != Type::Blob => None,
        _ => match (length(from), length(to)) {
            (Some(Some(from)), Some(Some(to))) if from <= to => None,
            (Some(_), Some(Some(to))) => Some(format!("what is longer than {to} characters does not fit")),
            _ => Some(format!("what cannot be read as {to} does not fit")),
        },
    }
}

/// What `USING` has to say, where the database does not convert by itself.
pub fn using(database: Database, column: &str, from: &Type, to: &Type) -> Option<String> {
    if database == Database::Sqlite || is_assigned(from, to) {
        return None;
    }
    let column = crate::schema::render::quoted(column);
    let written = crate::schema::render::sql_type(to, database, false).ok()?;
    let is_whole = |kind: &Type| matches!(kind, Type::SmallInteger | Type::Integer | Type::BigInteger);
    Some(match (from, to) {
        (Type::Boolean, to) if is_whole(to) => format!("{column}::integer::{written}"),
        (from, Type::Boolean) if is_whole(from) => format!("{column}::integer::boolean"),
        _ => format!("{column}::text::{written}"),
    })
}

/// Whether values are converted where they are assigned:
/// <https://www.postgresql.org/docs/current/sql-createcast.html>.
pub fn is_assigned(from: &Type, to: &Type) -> bool {
    let is_number = |kind: &Type| {
        matches!(
            kind,
            Type::SmallInteger
                | Type::Integer
                | Type::BigInteger
                | Type::Float
                | Type::Double
                | Type::Decimal(_)
        )
    };
    let is_text = |kind: &Type| matches!(kind, Type::Text | Type::String(_) | Type::Char(_));
    let is_day = |kind: &Type| matches!(kind, Type::Date | Type::Timestamp | Type::TimestampWithTimeZone);
    let is_json = |kind: &Type| matches!(kind, Type::Json | Type::JsonBinary);
    let is_net = |kind: &Type| matches!(kind, Type::Inet | Type::Cidr);
    let both = |is: &dyn Fn(&Type) -> bool| is(from) && is(to);
    from == to || is_text(to) || both(&is_number) || both(&is_day) || both(&is_json) || both(&is_net)
}

/// Whether a foreign key can be from one to the other.
pub fn is_comparable(one: &Type, other: &Type) -> bool {
    let is_text = |kind: &Type| matches!(kind, Type::Text | Type::String(_) | Type::Char(_));
    (is_assigned(one, other) && is_assigned(other, one)) && (is_text(one) == is_text(other))
}
