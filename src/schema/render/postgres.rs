//! PostgreSQL, and CockroachDB where it has other words.

use super::{Unfit, column, constraint, create_index, create_table, qualified, quoted, text, types};
use crate::schema::op::{Column, Constraint, Op, Table};
use crate::schema::recorded::Was;
use crate::store::Database;

pub fn statements(op: &Op, database: Database) -> Result<Vec<String>, Unfit> {
    let is_cockroach = database == Database::Cockroach;
    let alter = |table: &str, what: String| vec![format!("ALTER TABLE {} {what}", qualified(table))];
    Ok(match op {
        Op::CreateTable(table) => {
            let mut statements = vec![create_table(table, database)?];
            statements.extend(comments(table));
            statements
        }
        Op::DropTable { name, .. } => vec![format!("DROP TABLE {}", qualified(name))],
        Op::RenameTable { from, to } => alter(from, format!("RENAME TO {}", quoted(unqualified(to)))),
        Op::AddColumn { table, column } => add_column(table, column, database)?,
        Op::DropColumn { table, name, .. } => alter(table, format!("DROP COLUMN {}", quoted(name))),
        Op::RenameColumn { table, from, to } => {
            alter(table, format!("RENAME COLUMN {} TO {}", quoted(from), quoted(to)))
        }
        Op::ChangeType { table, column, to, using, .. } => {
            let using = using.as_ref().map(|sql| format!(" USING {sql}")).unwrap_or_default();
            let to = types::sql_type(to, database, false)?;
            alter(table, format!("ALTER COLUMN {} TYPE {to}{using}", quoted(column)))
        }
        Op::SetNotNull { table, column, by_check: true } if !is_cockroach => not_null_by_check(table, column),
        Op::SetNotNull { table, column, .. } => {
            alter(table, format!("ALTER COLUMN {} SET NOT NULL", quoted(column)))
        }
        Op::DropNotNull { table, column, .. } => {
            alter(table, format!("ALTER COLUMN {} DROP NOT NULL", quoted(column)))
        }
        Op::ChangeDefault { table, column, to, .. } => {
            let what = match to {
                Some(to) => format!("SET DEFAULT {}", column::default(to, &crate::schema::op::Type::Text)?),
                None => "DROP DEFAULT".to_owned(),
            };
            alter(table, format!("ALTER COLUMN {} {what}", quoted(column)))
        }
        Op::ChangeComment { table, column, to, .. } => vec![comment(table, column.as_deref(), to.as_deref())],
        Op::CreateIndex(index) => vec![create_index(index, database)?],
        Op::DropIndex { name, concurrently, was } => {
            let concurrently = if *concurrently && !is_cockroach { "CONCURRENTLY " } else { "" };
            vec![format!("DROP INDEX {concurrently}{}", qualified(&in_schema_of(name, was)))]
        }
        Op::RenameIndex { from, to } => {
            vec![format!("ALTER INDEX {} RENAME TO {}", qualified(from), quoted(unqualified(to)))]
        }
        Op::AddConstraint { table, constraint, not_valid } => {
            let not_valid = if *not_valid { " NOT VALID" } else { "" };
            alter(table, format!("ADD {}{not_valid}", constraint::definition(constraint, database)?))
        }
        Op::DropConstraint { table, name, was } if is_cockroach => drop_on_cockroach(table, name, was)?,
        Op::DropConstraint { table, name, .. } => alter(table, format!("DROP CONSTRAINT {}", quoted(name))),
        Op::ValidateConstraint { table, name } => {
            alter(table, format!("VALIDATE CONSTRAINT {}", quoted(name)))
        }
        Op::CreateEnum { name, values } => {
            vec![format!("CREATE TYPE {} AS ENUM ({})", qualified(name), texts(values))]
        }
        Op::DropEnum { name, .. } => vec![format!("DROP TYPE {}", qualified(name))],
        Op::RenameEnum { from, to } => {
            vec![format!("ALTER TYPE {} RENAME TO {}", qualified(from), quoted(unqualified(to)))]
        }
        Op::AddEnumValue { name, value, after, .. } => {
            let after = after.as_ref().map(|other| format!(" AFTER {}", text(other))).unwrap_or_default();
            vec![format!("ALTER TYPE {} ADD VALUE {}{after}", qualified(name), text(value))]
        }
        Op::RenameEnumValue { name, from, to } => {
            vec![format!("ALTER TYPE {} RENAME VALUE {} TO {}", qualified(name), text(from), text(to))]
        }
        Op::RemoveEnumValue { name, value, .. } if is_cockroach => {
            vec![format!("ALTER TYPE {} DROP VALUE {}", qualified(name), text(value))]
        }
        Op::RemoveEnumValue { name, values, .. } => vec![remove_enum_value(name, values)],
        Op::CreateView { name, select, materialized } => vec![create_view(name, select, *materialized)],
        Op::DropView { name, materialized, .. } => vec![drop_view(name, *materialized)],
        Op::ChangeView { name, to, .. } => vec![drop_view(name, false), create_view(name, to, false)],
        Op::CreateExtension { name } | Op::DropExtension { name } if is_cockroach => {
            return Err(Unfit::new(
                format!("CockroachDB has no extensions such as {name}"),
                "write it under `schema.only_on([Database::Postgres], |schema| …)`",
            ));
        }
        Op::CreateExtension { name } => vec![format!("CREATE EXTENSION {}", quoted(name))],
        Op::DropExtension { name } => vec![format!("DROP EXTENSION {}", quoted(name))],
        Op::Raw { up, .. } => up.clone(),
    })
}

/// In one statement, so that the table is locked once; on CockroachDB one for each, which are steps.
fn add_column(table: &str, column: &Column, database: Database) -> Result<Vec<String>, Unfit> {
    let others = column.constraints.iter().filter(|constraint| !column::is_inline(constraint));
    let mut parts = vec![format!("ADD COLUMN {}", column::definition(column, database, false)?)];
    for constraint in others {
        parts.push(format!("ADD {}", constraint::definition(constraint, database)?));
    }
    let alter = |what: &str| format!("ALTER TABLE {} {what}", qualified(table));
    let mut statements = match database {
        Database::Cockroach => parts.iter().map(|part| alter(part)).collect(),
        _ => vec![alter(&parts.join(", "))],
    };
    statements.extend(column.comment.as_ref().map(|text| comment(table, Some(&column.name), Some(text))));
    Ok(statements)
}

/// The scan of `SET NOT NULL` is left out where a valid check proves it, from version 12 on.
fn not_null_by_check(table: &str, column: &str) -> Vec<String> {
    let check = quoted(&format!("{}_{column}_not_null", unqualified(table)));
    let (table, column) = (qualified(table), quoted(column));
    vec![
        format!("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"),
        format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check}"),
        format!("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"),
        format!("ALTER TABLE {table} DROP CONSTRAINT {check}"),
    ]
}

fn comments(table: &Table) -> Vec<String> {
    let of_table = table.comment.iter().map(|text| comment(&table.name, None, Some(text)));
    let of_columns = table.columns.iter().filter_map(|column| {
        column.comment.as_ref().map(|text| comment(&table.name, Some(&column.name), Some(text)))
    });
    of_table.chain(of_columns).collect()
}

fn comment(table: &str, column: Option<&str>, to: Option<&str>) -> String {
    let to = to.map_or_else(|| "NULL".to_owned(), text);
    match column {
        Some(column) => format!("COMMENT ON COLUMN {}.{} IS {to}", qualified(table), quoted(column)),
        None => format!("COMMENT ON TABLE {} IS {to}", qualified(table)),
    }
}

/// A unique constraint is an index there, and goes with it:
/// <https://github.com/cockroachdb/cockroach/issues/42840>.
fn drop_on_cockroach(table: &str, name: &str, was: &Was<Constraint>) -> Result<Vec<String>, Unfit> {
    match was {
        Was::Known(Constraint::Unique { .. }) => {
            Ok(vec![format!("DROP INDEX {}@{} CASCADE", qualified(table), quoted(name))])
        }
        Was::Known(Constraint::PrimaryKey { .. }) => Err(Unfit::new(
            format!("CockroachDB has no table without a primary key, and {table} would be one"),
            "change it with `schema.raw(\"ALTER TABLE … ALTER PRIMARY KEY USING COLUMNS (…)\")`",
        )),
        _ => Ok(vec![format!("ALTER TABLE {} DROP CONSTRAINT {}", qualified(table), quoted(name))]),
    }
}

/// An index is in the schema of its table.
fn in_schema_of(name: &str, was: &Was<crate::schema::op::Index>) -> String {
    match was {
        Was::Known(index) if !name.contains('.') => match index.table.split_once('.') {
            Some((schema, _)) => format!("{schema}.{name}"),
            None => name.to_owned(),
        },
        _ => name.to_owned(),
    }
}

fn create_view(name: &str, select: &str, materialized: bool) -> String {
    let materialized = if materialized { "MATERIALIZED " } else { "" };
    format!("CREATE {materialized}VIEW {} AS {select}", qualified(name))
}

fn drop_view(name: &str, materialized: bool) -> String {
    format!("DROP {}VIEW {}", if materialized { "MATERIALIZED " } else { "" }, qualified(name))
}

/// PostgreSQL takes no value away: the type is made anew, and every column that has it gets the new one, with
/// its default. A row that has the value fails, and so does a view or a check that names the type.
fn remove_enum_value(name: &str, values: &[String]) -> String {
    let (schema, plain) = name.split_once('.').map_or((None, name), |(schema, plain)| (Some(schema), plain));
    let new = format!("{plain}__new");
    let new = qualified(&schema.map_or_else(|| new.clone(), |schema| format!("{schema}.{new}")));
    let (old, plain, values) = (qualified(name), quoted(plain), texts(values));
    let (old_text, new_text) = (text(&old), text(&new));
    // Nothing in it may end the text.
    let tag =
        (0..).map(|number| format!("$updown{number}$")).find(|tag| !format!("{old}{values}").contains(tag));
    let tag = tag.unwrap_or_default();
    format!(
        "DO {tag}
DECLARE
    of record;
    again text[] := '{{}}';
BEGIN
    CREATE TYPE {new} AS ENUM ({values});
    FOR of IN
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table_name,
               quote_ident(a.attname) AS column_name, pg_get_expr(d.adbin, d.adrelid) AS expression
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.atttypid = to_regtype({old_text}) AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
    LOOP
        IF of.expression IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT', of.table_name, of.column_name);
            again := again || format('ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s',
                                     of.table_name, of.column_name, of.expression);
        END IF;
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %s::text::%s',
                       of.table_name, of.column_name, {new_text}, of.column_name, {new_text});
    END LOOP;
    DROP TYPE {old};
    ALTER TYPE {new} RENAME TO {plain};
    FOR i IN 1 .. coalesce(array_length(again, 1), 0) LOOP
        EXECUTE again[i];
    END LOOP;
END
{tag}"
    )
}

fn texts(values: &[String]) -> String {
    values.iter().map(|value| text(value)).collect::<Vec<_>>().join(", ")
}

fn unqualified(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, name)| name)
}
