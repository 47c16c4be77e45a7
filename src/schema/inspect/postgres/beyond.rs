//! What a PostgreSQL has that is no part of the model, for a copy of all of it: with six queries more.

use std::collections::BTreeMap;

use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::name;
use crate::ledger::{ledgers, quote};
use crate::schema::inspect::{Beyond, Owned};
use crate::schema::model::Name;

#[derive(QueryableByName)]
struct OwnedRow {
    #[diesel(sql_type = Nullable<Text>)]
    table_schema: Option<String>,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    schema: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_identity: bool,
    #[diesel(sql_type = Text)]
    definition: String,
    #[diesel(sql_type = Bool)]
    is_usual: bool,
}

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = Text)]
    one: String,
    #[diesel(sql_type = Text)]
    other: String,
}

#[derive(QueryableByName)]
struct ReadRow {
    #[diesel(sql_type = Nullable<Text>)]
    view_schema: Option<String>,
    #[diesel(sql_type = Text)]
    view_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    schema: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Text)]
    one: String,
}

/// That the schema `n` is none of the system's.
const OF_USERS: &str = "n.nspname NOT IN ('information_schema') AND n.nspname NOT LIKE 'pg\\_%'";

/// What the query of a view depends on.
const READS: &str = "SELECT DISTINCT nullif(vn.nspname::TEXT, current_schema()::TEXT) AS view_schema, v.relname::TEXT AS view_name, \
nullif(n.nspname::TEXT, current_schema()::TEXT) AS schema, c.relname::TEXT AS name FROM pg_rewrite AS r \
JOIN pg_class AS v ON v.oid = r.ev_class JOIN pg_namespace AS vn ON vn.oid = v.relnamespace \
JOIN pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass \
JOIN pg_class AS c ON c.oid = d.refobjid AND c.oid <> v.oid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
WHERE v.relkind IN ('v', 'm') AND c.relkind IN ('r', 'p', 'v', 'm') AND vn.nspname NOT IN ('information_schema', 'pg_catalog') ORDER BY 1, 2, 3, 4";

/// That nothing with this number came with an extension.
fn not_of_extension(catalog: &str, oid: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM pg_depend AS e WHERE e.classid = 'pg_catalog.{catalog}'::regclass AND e.objid = {oid} AND e.deptype = 'e')"
    )
}

fn not_the_ledger(relation: &str) -> String {
    let ledger: Vec<String> = ledgers().into_iter().map(quote).collect();
    format!("{relation}.relname NOT IN ({})", ledger.join(", "))
}

/// Not what the ledger has.
///
/// # Errors
///
/// Those of the server.
pub fn beyond(conn: &mut PgConnection) -> QueryResult<Beyond> {
    let one = |rows: Vec<One>| rows.into_iter().map(|row| row.one);
    let schemas = format!(
        "SELECT n.nspname::TEXT AS one FROM pg_namespace AS n WHERE n.nspname NOT IN (current_schema(), 'public') \
         AND {OF_USERS} AND {} ORDER BY 1",
        not_of_extension("pg_namespace", "n.oid")
    );
    let extensions = "SELECT x.extname::TEXT AS one, n.nspname::TEXT AS other FROM pg_extension AS x \
                      JOIN pg_namespace AS n ON n.oid = x.extnamespace WHERE n.nspname <> current_schema()";
    let statements: Vec<Pair> = sql_query(statements()).load(conn)?;
    let extensions: Vec<Pair> = sql_query(extensions).load(conn)?;
    let sequences: Vec<OwnedRow> = sql_query(sequences()).load(conn)?;
    let mut reads: BTreeMap<Name, Vec<Name>> = BTreeMap::new();
    for row in sql_query(READS).load::<ReadRow>(conn)? {
        reads.entry(name(row.view_schema, row.view_name)).or_default().push(name(row.schema, row.name));
    }
    Ok(Beyond {
        reads,
        schemas: one(sql_query(schemas).load(conn)?).collect(),
        extensions: extensions.into_iter().map(|pair| (pair.one, pair.other)).collect(),
        sequences: sequences.into_iter().map(owned).collect(),
        statements: statements.into_iter().map(|pair| (pair.one, pair.other)).collect(),
        left_out: one(sql_query(left_out()).load(conn)?).collect(),
    })
}

fn owned(row: OwnedRow) -> ((Name, String), Owned) {
    let owned = Owned {
        name: name(row.schema, row.name),
        is_identity: row.is_identity,
        definition: row.definition,
        is_usual: row.is_usual,
    };
    ((name(row.table_schema, row.table_name), row.column_name), owned)
}

fn sequences() -> String {
    format!(
        "SELECT nullif(tn.nspname::TEXT, current_schema()::TEXT) AS table_schema, t.relname::TEXT AS table_name, \
         a.attname::TEXT AS column_name, nullif(n.nspname::TEXT, current_schema()::TEXT) AS schema, \
         c.relname::TEXT AS name, o.deptype = 'i' AS is_identity, concat('AS ', format_type(s.seqtypid, NULL::INT4), \
         ' START WITH ', s.seqstart::TEXT, ' INCREMENT BY ', s.seqincrement::TEXT, ' MINVALUE ', s.seqmin::TEXT, \
         ' MAXVALUE ', s.seqmax::TEXT, ' CACHE ', s.seqcache::TEXT, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) AS definition, \
         c.relname::TEXT = concat(t.relname, '_', a.attname, '_seq') AND n.oid = tn.oid AND s.seqtypid = a.atttypid \
         AND s.seqstart = 1 AND s.seqincrement = 1 AND s.seqmin = 1 AND s.seqcache = 1 AND NOT s.seqcycle AND s.seqmax = \
         CASE format_type(s.seqtypid, NULL) WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647 ELSE 9223372036854775807 END AS is_usual \
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_sequence AS s ON s.seqrelid = c.oid \
         JOIN pg_depend AS o ON o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = c.oid \
         AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i') \
         JOIN pg_class AS t ON t.oid = o.refobjid JOIN pg_namespace AS tn ON tn.oid = t.relnamespace \
         JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = o.refobjsubid \
         WHERE {OF_USERS} AND {} AND {}",
        not_of_extension("pg_class", "c.oid"),
        not_the_ledger("t"),
    )
}

/// Each with what undoes it, where that does not go with its table.
fn statements() -> String {
    let relation = "concat(CASE WHEN n.nspname = current_schema() THEN '' ELSE quote_ident(n.nspname) || '.' END, quote_ident(c.relname))";
    let kind = "CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END";
    let of = format!(
        "JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE {OF_USERS} AND {} AND {}",
        not_the_ledger("c"),
        not_of_extension("pg_class", "c.oid")
    );
    let parts = [
        format!(
            "SELECT 1 AS place, concat('ALTER ', {kind}, ' ', {relation}, ' SET (', array_to_string(c.reloptions, ', '), ')') AS one, '' AS other \
             FROM pg_class AS c {of} AND c.relkind IN ('r', 'v', 'm') AND c.reloptions IS NOT NULL"
        ),
        format!(
            "SELECT 2, concat('ALTER TABLE ', {relation}, ' REPLICA IDENTITY ', CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' \
             ELSE concat('USING INDEX ', (SELECT quote_ident(x.relname) FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid \
             WHERE i.indrelid = c.oid AND i.indisreplident)) END), '' FROM pg_class AS c {of} AND c.relkind IN ('r', 'p') AND c.relreplident <> 'd'"
        ),
        // `pg_attver` is the server's own, and on every column of new minor versions (15.20); pg_dump leaves it away, too.
        format!(
            "SELECT 3, concat('ALTER TABLE ', {relation}, ' ALTER COLUMN ', quote_ident(a.attname), ' SET ', what.sql), '' \
             FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_type AS t ON t.oid = a.atttypid \
             CROSS JOIN LATERAL (VALUES \
             (CASE WHEN a.attstorage <> t.typstorage THEN concat('STORAGE ', CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) END), \
             (CASE WHEN a.attstattarget >= 0 THEN concat('STATISTICS ', a.attstattarget) END), \
             ((SELECT concat('(', string_agg(o, ', '), ')') FROM unnest(a.attoptions) AS o WHERE left(o, 10) <> 'pg_attver=' HAVING count(*) > 0))) AS what(sql) \
             {of} AND c.relkind IN ('r', 'p', 'm') AND a.attnum > 0 AND NOT a.attisdropped AND what.sql IS NOT NULL"
        ),
        format!(
            "SELECT 4, concat('ALTER TABLE ', {relation}, ' INHERIT ', i.inhparent::regclass::TEXT), '' FROM pg_inherits AS i \
             JOIN pg_class AS c ON c.oid = i.inhrelid {of} AND c.relkind = 'r' AND NOT c.relispartition"
        ),
        format!(
            "SELECT 5, pg_get_ruledef(r.oid, true), '' FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class {of} AND r.rulename <> '_RETURN'"
        ),
        format!(
            "SELECT 6, pg_get_statisticsobjdef(s.oid), '' FROM pg_statistic_ext AS s JOIN pg_class AS c ON c.oid = s.stxrelid {of}"
        ),
        format!(
            "SELECT 7, concat('ALTER TABLE ', {relation}, what.sql), '' FROM pg_class AS c CROSS JOIN LATERAL (VALUES \
             (CASE WHEN c.relrowsecurity THEN ' ENABLE ROW LEVEL SECURITY' END), \
             (CASE WHEN c.relforcerowsecurity THEN ' FORCE ROW LEVEL SECURITY' END)) AS what(sql) {of} AND what.sql IS NOT NULL"
        ),
        format!(
            "SELECT 8, concat('CREATE POLICY ', quote_ident(p.polname), ' ON ', {relation}, CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END, \
             CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE' WHEN 'd' THEN ' FOR DELETE' ELSE '' END, \
             CASE WHEN p.polroles = '{{0}}' THEN '' ELSE concat(' TO ', (SELECT string_agg(quote_ident(g.rolname), ', ') FROM pg_roles AS g WHERE g.oid = ANY (p.polroles))) END, \
             ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'), '' \
             FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid {of}"
        ),
        comments(),
    ];
    format!("SELECT one, other FROM ({}) AS found ORDER BY place, one", parts.join(" UNION ALL "))
}

/// Those that the model does not have.
fn comments() -> String {
    "SELECT 9, concat('COMMENT ON ', CASE WHEN i.type LIKE '%constraint' THEN 'CONSTRAINT' WHEN i.type = 'statistics object' THEN 'STATISTICS' \
         ELSE upper(i.type) END, ' ', i.identity, ' IS ', quote_literal(d.description)), '' \
         FROM pg_description AS d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i \
         WHERE d.objoid >= 16384 AND i.type IN ('function', 'procedure', 'table constraint', 'trigger', 'type', 'schema', 'sequence', 'policy', 'rule', 'statistics object') \
         AND (i.schema IS NULL OR i.schema NOT IN ('pg_catalog', 'information_schema')) \
         AND NOT EXISTS (SELECT 1 FROM pg_depend AS e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')"
        .to_owned()
}

/// What nobody reads here.
fn left_out() -> String {
    let in_schema = |what: &str, catalog: &str, prefix: &str, filter: &str| {
        format!(
            "SELECT concat('the {what} ', c.{prefix}name) AS one FROM {catalog} AS c JOIN pg_namespace AS n ON n.oid = c.{prefix}namespace \
             WHERE {OF_USERS} AND {}{filter}",
            not_of_extension(catalog, "c.oid")
        )
    };
    let alone = |what: &str, catalog: &str, name: &str| {
        format!(
            "SELECT concat('the {what} ', c.{name}) AS one FROM {catalog} AS c WHERE c.oid >= 16384 AND {}",
            not_of_extension(catalog, "c.oid")
        )
    };
    let parts = [
        in_schema("aggregate", "pg_proc", "pro", " AND c.prokind = 'a'"),
        in_schema("operator", "pg_operator", "opr", ""),
        in_schema("collation", "pg_collation", "coll", ""),
        in_schema("conversion", "pg_conversion", "con", ""),
        in_schema("operator class", "pg_opclass", "opc", ""),
        in_schema("text search configuration", "pg_ts_config", "cfg", ""),
        in_schema("text search dictionary", "pg_ts_dict", "dict", ""),
        in_schema("type", "pg_type", "typ", " AND c.typtype IN ('r', 'b') AND c.typelem = 0"),
        in_schema("foreign table", "pg_class", "rel", " AND c.relkind = 'f'"),
        alone("event trigger", "pg_event_trigger", "evtname"),
        alone("publication", "pg_publication", "pubname"),
        alone("server", "pg_foreign_server", "srvname"),
        alone("foreign data wrapper", "pg_foreign_data_wrapper", "fdwname"),
        alone("language", "pg_language", "lanname"),
        // One that came with a range type goes with it.
        format!(
            "SELECT concat('the cast from ', format_type(c.castsource, NULL), ' to ', format_type(c.casttarget, NULL)) AS one \
             FROM pg_cast AS c WHERE c.oid >= 16384 AND {} AND NOT EXISTS (SELECT 1 FROM pg_depend AS i \
             WHERE i.classid = 'pg_catalog.pg_cast'::regclass AND i.objid = c.oid AND i.deptype = 'i')",
            not_of_extension("pg_cast", "c.oid")
        ),
    ];
    format!("SELECT one FROM ({}) AS found ORDER BY one", parts.join(" UNION ALL "))
}
