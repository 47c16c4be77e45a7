//! What is in a database before typed changes are made: as much as they are checked and shown by.

use super::validate::Tables;

/// Which tables there are; on SQLite, how they were created.
#[derive(Clone, Debug, Default)]
pub struct There {
    /// Tables and views. On databases with schemas those of the search path by their name alone, and all with
    /// their schema.
    pub tables: Tables,
    /// SQLite: what creates an empty copy, in order.
    pub sql: Vec<String>,
}

#[cfg(feature = "sqlite")]
pub fn on_sqlite(conn: &mut diesel::SqliteConnection) -> diesel::QueryResult<There> {
    use diesel::sql_types::Text;
    use diesel::{QueryableByName, RunQueryDsl, sql_query};

    #[derive(QueryableByName)]
    struct Object {
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        sql: String,
    }
    let objects: Vec<Object> = sql_query(
        "SELECT type AS kind, name, sql FROM sqlite_master
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
    )
    .load(conn)?;
    let is_table = |object: &&Object| object.kind == "table" || object.kind == "view";
    Ok(There {
        tables: objects.iter().filter(is_table).map(|object| object.name.clone()).collect(),
        sql: objects.into_iter().map(|object| object.sql).collect(),
    })
}

#[cfg(feature = "postgres")]
pub fn on_postgres(conn: &mut diesel::PgConnection) -> diesel::QueryResult<There> {
    use diesel::sql_types::{Bool, Text};
    use diesel::{QueryableByName, RunQueryDsl, sql_query};

    #[derive(QueryableByName)]
    struct Relation {
        #[diesel(sql_type = Text)]
        schema: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Bool)]
        is_visible: bool,
    }
    // Cast, since CockroachDB has other types in its catalog.
    let relations: Vec<Relation> = sql_query(
        "SELECT CAST(n.nspname AS text) AS schema, CAST(c.relname AS text) AS name,
                n.nspname = ANY (current_schemas(false)) AS is_visible
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'crdb_internal', 'pg_extension')",
    )
    .load(conn)?;
    let mut tables = Tables::new();
    for Relation { schema, name, is_visible } in relations {
        tables.insert(format!("{schema}.{name}"));
        if is_visible {
            tables.insert(name);
        }
    }
    Ok(There { tables, sql: Vec::new() })
}
