//! Columns: sea-query writes name, type and what follows them.

use sea_query::{
    ColumnDef, ColumnType, Expr, Keyword, PostgresQueryBuilder, SqliteQueryBuilder, TableBuilder,
};

use super::{Unfit, text, types};
use crate::schema::op::{Column, Constraint, Default, Identity, Type};
use crate::store::Database;

/// A column with what belongs to it alone, as `CREATE TABLE` and `ADD COLUMN` take it.
pub fn definition(column: &Column, database: Database, strict: bool) -> Result<String, Unfit> {
    let is_sqlite = database == Database::Sqlite;
    let kind = match column.identity {
        None => types::column_type(&column.kind, database, strict)?,
        Some(_) => numbered(column, database)?,
    };
    let mut definition = ColumnDef::new_with_type(column.name.clone(), kind);
    if column.not_null {
        definition.not_null();
    }
    if let Some(value) = &column.default {
        definition.default(verbatim(&default(value, &column.kind)?));
    }
    if let Some(generated) = &column.generated {
        definition.generated(Expr::cust(generated.expression.clone()), generated.stored);
    }
    if column.constraints.iter().any(is_inline) {
        definition.primary_key();
    }
    match (column.identity, is_sqlite) {
        (Some(Identity::ByDefault), _) => {
            definition.auto_increment();
        }
        (Some(Identity::Always), false) => {
            definition.extra("GENERATED ALWAYS AS IDENTITY");
        }
        (Some(Identity::Always), true) | (None, _) => {}
    }
    if let Some(collation) = &column.collation {
        definition.extra(format!("COLLATE {}", super::quoted(collation)));
    }
    let mut sql = String::new();
    if is_sqlite {
        SqliteQueryBuilder.prepare_column_def(&definition, &mut sql);
    } else {
        PostgresQueryBuilder.prepare_column_def(&definition, &mut sql);
    }
    Ok(sql)
}

/// A primary key without a name of its own stands with its column: SQLite's `AUTOINCREMENT` has to.
pub fn is_inline(constraint: &Constraint) -> bool {
    matches!(constraint, Constraint::PrimaryKey { name: None, columns } if columns.len() == 1)
}

/// What a column that counts by itself needs.
fn numbered(column: &Column, database: Database) -> Result<ColumnType, Unfit> {
    let is_whole = matches!(column.kind, Type::SmallInteger | Type::Integer | Type::BigInteger);
    if !is_whole {
        return Err(Unfit::new(
            format!("the column {} counts by itself, and is no whole number", column.name),
            "use `big_integer()` or `integer()`",
        ));
    }
    if database != Database::Sqlite {
        return types::column_type(&column.kind, database, false);
    }
    if column.identity == Some(Identity::Always) {
        return Err(Unfit::new(
            format!(
                "SQLite has no identity column such as {}, whose numbers the database alone gives",
                column.name
            ),
            "use `auto_increment()`",
        ));
    }
    if !column.is_primary_key() {
        return Err(Unfit::new(
            format!("SQLite counts in the primary key alone, and {} is none", column.name),
            "write `.primary_key().auto_increment()`, or count with a trigger",
        ));
    }
    Ok(ColumnType::Integer)
}

/// A default as SQL has it. A text is quoted, whatever is in it.
pub fn default(value: &Default, kind: &Type) -> Result<String, Unfit> {
    Ok(match value {
        Default::Text(value) if value.contains('\0') => {
            return Err(Unfit::new(
                "a default has the character NUL in it, which no text of SQL can have",
                "leave it away, or use a column of bytes",
            ));
        }
        Default::Text(value) => text(value),
        Default::Integer(number) => number.to_string(),
        Default::Float(number) if !number.is_finite() => {
            return Err(Unfit::new(
                format!("the default {number} is no number"),
                "write the database's own word for it with `default_sql(…)`",
            ));
        }
        Default::Float(number) => format!("{number:?}"),
        Default::Boolean(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        Default::Now => match kind {
            Type::Date => "CURRENT_DATE",
            Type::Time => "CURRENT_TIME",
            _ => "CURRENT_TIMESTAMP",
        }
        .to_owned(),
        Default::Expression(sql) => format!("({sql})"),
    })
}

/// SQL that is written as it is: sea-query would escape a text as MySQL does.
fn verbatim(sql: &str) -> Expr {
    Expr::Keyword(Keyword::Custom(sql.to_owned().into()))
}
