//! Types: of a column in `schema.cql`, and as the database writes them.

use super::cursor::{Cursor, Wrong};
use super::lexer::Kind;
use crate::schema::cql::CqlType;

/// A type. The name of a keyspace before one of the user's own is given to `keyspace`.
pub fn read_kind(
    cursor: &mut Cursor<'_>,
    keyspace: &mut impl FnMut(String, usize) -> Result<(), Wrong>,
) -> Result<CqlType, Wrong> {
    if let Kind::Text(class) = &cursor.peek().kind {
        let class = CqlType::Custom(crate::ledger::quote(class));
        cursor.take();
        return Ok(class);
    }
    let at = cursor.at();
    let is_word = cursor.peek().kind == Kind::Word;
    let mut name = cursor.name("a type")?;
    if cursor.eat_symbol('.') {
        keyspace(name, at)?;
        return Ok(CqlType::Udt(cursor.name("a type")?));
    }
    if !is_word {
        return Ok(CqlType::Udt(name));
    }
    if name == "varchar" {
        "text".clone_into(&mut name);
    }
    if let Some(native) = native(&name) {
        return Ok(native);
    }
    if !cursor.is_symbol('<') {
        return Ok(CqlType::Udt(name));
    }
    cursor.take();
    let kind = match name.as_str() {
        "list" => CqlType::list(read_kind(cursor, keyspace)?),
        "set" => CqlType::set(read_kind(cursor, keyspace)?),
        "frozen" => CqlType::frozen(read_kind(cursor, keyspace)?),
        "map" => {
            let key = read_kind(cursor, keyspace)?;
            cursor.symbol(',')?;
            CqlType::map(key, read_kind(cursor, keyspace)?)
        }
        "tuple" => {
            let mut all = vec![read_kind(cursor, keyspace)?];
            while cursor.eat_symbol(',') {
                all.push(read_kind(cursor, keyspace)?);
            }
            CqlType::tuple(all)
        }
        "vector" => {
            let of = read_kind(cursor, keyspace)?;
            cursor.symbol(',')?;
            let number = cursor.take();
            let dimensions = number.text.parse().ok().filter(|_| number.kind == Kind::Number);
            let dimensions = dimensions.ok_or_else(|| {
                let what = format!("`{}` is no number of elements", number.text);
                Wrong::new(number.at, what, "say how many there are: `vector<float, 3>`")
            })?;
            CqlType::vector(of, dimensions)
        }
        _ => {
            let hint = "those that have one inside are list, set, map, tuple, vector and frozen";
            return Err(Wrong::new(at, format!("there is no type {name}<…>"), hint));
        }
    };
    cursor.symbol('>')?;
    Ok(kind)
}

/// In the one form of several that mean the same: what is frozen anyway says it no more than once.
pub fn canonical(kind: CqlType) -> CqlType {
    let inner = |of: Box<CqlType>| match canonical(*of) {
        CqlType::Frozen(of) if of.is_collection() => of,
        CqlType::Udt(name) => Box::new(CqlType::udt(name)),
        other => Box::new(other),
    };
    match kind {
        CqlType::List(of) => CqlType::List(inner(of)),
        CqlType::Set(of) => CqlType::Set(inner(of)),
        CqlType::Map(key, value) => CqlType::Map(inner(key), inner(value)),
        CqlType::Tuple(of) => CqlType::Tuple(of.into_iter().map(|of| *inner(Box::new(of))).collect()),
        CqlType::Vector(of, dimensions) => CqlType::Vector(inner(of), dimensions),
        CqlType::Frozen(of) => match canonical(*of) {
            of if of.is_multi_cell() => CqlType::frozen(of),
            // It is frozen without a word.
            other => other,
        },
        other => other,
    }
}

/// As the database writes it, in one form. What cannot be read is kept word for word.
pub fn canonical_text(written: &str) -> CqlType {
    let read = Cursor::new(written).and_then(|mut cursor| {
        let kind = read_kind(&mut cursor, &mut |_, _| Ok(()))?;
        if cursor.is_end() { Ok(kind) } else { Err(cursor.expected("the end")) }
    });
    read.map_or_else(|_| CqlType::Custom(written.to_owned()), canonical)
}

fn native(name: &str) -> Option<CqlType> {
    Some(match name {
        "ascii" => CqlType::Ascii,
        "bigint" => CqlType::Bigint,
        "blob" => CqlType::Blob,
        "boolean" => CqlType::Boolean,
        "counter" => CqlType::Counter,
        "date" => CqlType::Date,
        "decimal" => CqlType::Decimal,
        "double" => CqlType::Double,
        "duration" => CqlType::Duration,
        "float" => CqlType::Float,
        "inet" => CqlType::Inet,
        "int" => CqlType::Int,
        "smallint" => CqlType::Smallint,
        "text" => CqlType::Text,
        "time" => CqlType::Time,
        "timestamp" => CqlType::Timestamp,
        "timeuuid" => CqlType::Timeuuid,
        "tinyint" => CqlType::Tinyint,
        "uuid" => CqlType::Uuid,
        "varint" => CqlType::Varint,
        _ => return None,
    })
}

/// The types that a name is looked for in where it is none.
pub const NATIVE: [&str; 20] = [
    "ascii",
    "bigint",
    "blob",
    "boolean",
    "counter",
    "date",
    "decimal",
    "double",
    "duration",
    "float",
    "inet",
    "int",
    "smallint",
    "text",
    "time",
    "timestamp",
    "timeuuid",
    "tinyint",
    "uuid",
    "varint",
];
