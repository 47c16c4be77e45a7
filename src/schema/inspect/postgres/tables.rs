//! Tables and views, with what is of them.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::name;
use super::queries::Queries;
use crate::schema::model::index_text::{IndexText, closing, text};
use crate::schema::model::words::{Language, words};
use crate::schema::model::{
    Check, Column, Exclusion, ForeignKey, Generated, Identity, Index, Key, Name, Partition,
    ReferentialAction, Table,
};

/// What stands in `pg_class`, by its number there.
pub struct Relation {
    pub name: Name,
    /// Its `relkind`.
    pub kind: String,
    pub table: Table,
    /// The query of a view.
    pub definition: Option<String>,
    /// The names of its columns by their numbers, which have gaps.
    numbers: BTreeMap<i64, String>,
}

impl Relation {
    /// The names of columns whose numbers are in a text, however an array is written.
    fn columns(&self, numbers: Option<&str>) -> Vec<String> {
        let numbers = numbers.unwrap_or_default().split(|c: char| !c.is_ascii_digit());
        numbers.filter_map(|number| self.numbers.get(&number.parse().ok()?).cloned()).collect()
    }
}

#[derive(QueryableByName)]
struct RelationRow {
    #[diesel(sql_type = BigInt)]
    oid: i64,
    #[diesel(sql_type = Nullable<Text>)]
    schema: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    unlogged: bool,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    definition: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    partition_key: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    bound: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    parent_schema: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    parent: Option<String>,
}

pub fn relations(conn: &mut PgConnection, queries: Queries) -> QueryResult<BTreeMap<i64, Relation>> {
    let rows: Vec<RelationRow> = sql_query(queries.relations()).load(conn)?;
    let relations = rows.into_iter().map(|row| {
        let parent = row.parent.map(|parent| name(row.parent_schema, parent));
        let table = Table {
            comment: row.comment,
            unlogged: row.unlogged,
            partition_key: row.partition_key,
            partition_of: parent.zip(row.bound).map(|(of, bound)| Partition { of, bound }),
            ..Table::default()
        };
        let relation = Relation {
            name: name(row.schema, row.name),
            kind: row.kind,
            table,
            definition: row.definition,
            numbers: BTreeMap::new(),
        };
        (row.oid, relation)
    });
    Ok(relations.collect())
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = BigInt)]
    oid: i64,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql_type: String,
    #[diesel(sql_type = Bool)]
    not_null: bool,
    #[diesel(sql_type = Nullable<Text>)]
    expression: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    identity: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    generated: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    collation: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
}

impl ColumnRow {
    /// CockroachDB keeps columns of its own beside those of a table; a user cannot see them.
    fn is_hidden(&self) -> bool {
        let computes = |expression: &str| self.expression.as_deref() == Some(expression);
        (self.name.starts_with("rowid") && computes("unique_rowid()"))
            || self.name.starts_with("crdb_internal_")
    }
}

pub fn add_columns(
    conn: &mut PgConnection,
    queries: Queries,
    relations: &mut BTreeMap<i64, Relation>,
) -> QueryResult<()> {
    let rows: Vec<ColumnRow> = sql_query(queries.columns()).load(conn)?;
    for row in rows {
        let Some(relation) = relations.get_mut(&row.oid) else { continue };
        if queries.cockroach && row.is_hidden() {
            continue;
        }
        relation.numbers.insert(row.number, row.name.clone());
        relation.table.columns.push(column(row));
    }
    Ok(())
}

fn column(row: ColumnRow) -> Column {
    let identity = match row.identity.as_deref() {
        Some("a") => Some(Identity::Always),
        Some("d") => Some(Identity::ByDefault),
        _ => None,
    };
    let is_generated = row.generated.as_deref().is_some_and(|how| !how.is_empty());
    let stored = row.generated.as_deref() == Some("s");
    let (default, generated) = match row.expression {
        Some(expression) if is_generated => (None, Some(Generated { expression, stored })),
        // What an identity is numbered by is its own.
        _ if identity.is_some() => (None, None),
        default => (default, None),
    };
    Column {
        name: row.name,
        sql_type: row.sql_type,
        nullable: !row.not_null,
        default,
        generated,
        identity,
        collation: row.collation,
        comment: row.comment,
        ..Column::default()
    }
}

#[derive(QueryableByName)]
struct ConstraintRow {
    #[diesel(sql_type = BigInt)]
    oid: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    definition: String,
    #[diesel(sql_type = Nullable<Text>)]
    columns: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    to_oid: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    to_schema: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    to_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    to_columns: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    on_delete: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    on_update: Option<String>,
    #[diesel(sql_type = Bool)]
    is_deferrable: bool,
    #[diesel(sql_type = Bool)]
    is_deferred: bool,
    #[diesel(sql_type = Bool)]
    validated: bool,
}

pub fn add_constraints(
    conn: &mut PgConnection,
    queries: Queries,
    relations: &mut BTreeMap<i64, Relation>,
) -> QueryResult<()> {
    let rows: Vec<ConstraintRow> = sql_query(queries.constraints()).load(conn)?;
    for row in rows {
        let to_columns = row.to_oid.and_then(|to| relations.get(&to));
        let to_columns = to_columns.map(|to| to.columns(row.to_columns.as_deref())).unwrap_or_default();
        let Some(relation) = relations.get_mut(&row.oid) else { continue };
        let columns = relation.columns(row.columns.as_deref());
        add_constraint(&mut relation.table, row, columns, to_columns);
    }
    Ok(())
}

fn add_constraint(table: &mut Table, row: ConstraintRow, columns: Vec<String>, to_columns: Vec<String>) {
    let definition = row.definition.strip_suffix(" NOT VALID").unwrap_or(&row.definition).to_owned();
    match row.kind.as_str() {
        // That of a column which nobody sees is none.
        "p" if columns.is_empty() => {}
        "p" => table.primary_key = Some(Key { name: Some(row.name), columns, definition }),
        "u" => table.uniques.push(Key { name: Some(row.name), columns, definition }),
        "c" => {
            let (expression, no_inherit) = check(&definition);
            table.checks.push(Check {
                name: Some(row.name),
                expression,
                no_inherit,
                validated: row.validated,
            });
        }
        "f" => table.foreign_keys.push(ForeignKey {
            name: Some(row.name),
            columns,
            to: name(row.to_schema, row.to_name.unwrap_or_default()),
            to_columns,
            on_delete: action(row.on_delete.as_deref()),
            on_update: action(row.on_update.as_deref()),
            deferrable: row.is_deferrable,
            initially_deferred: row.is_deferred,
            definition,
            validated: row.validated,
        }),
        _ => table.exclusions.push(Exclusion { name: row.name, definition }),
    }
}

/// The expression of `CHECK (…)`, and whether `NO INHERIT` stands behind it.
fn check(definition: &str) -> (String, bool) {
    let words = words(definition, Language::Standard);
    match words.iter().position(|word| word.is_mark('(')).and_then(|open| {
        let close = open + closing(&words[open..])?;
        Some((text(definition, &words[open + 1..close]), close))
    }) {
        Some((expression, close)) => (expression, words[close..].iter().any(|word| word.is("INHERIT"))),
        None => (definition.to_owned(), false),
    }
}

fn action(code: Option<&str>) -> ReferentialAction {
    match code {
        Some("r") => ReferentialAction::Restrict,
        Some("c") => ReferentialAction::Cascade,
        Some("n") => ReferentialAction::SetNull,
        Some("d") => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = BigInt)]
    oid: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
    #[diesel(sql_type = Bool)]
    valid: bool,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
}

pub fn add_indexes(
    conn: &mut PgConnection,
    queries: Queries,
    relations: &mut BTreeMap<i64, Relation>,
) -> QueryResult<()> {
    let rows: Vec<IndexRow> = sql_query(queries.indexes()).load(conn)?;
    for row in rows {
        let Some(relation) = relations.get_mut(&row.oid) else { continue };
        let parts = IndexText::read(&row.definition, Language::Standard).unwrap_or_default();
        let IndexRow { name, definition, valid, comment, .. } = row;
        relation.table.indexes.push(Index { name, definition, parts, valid, comment });
    }
    Ok(())
}
