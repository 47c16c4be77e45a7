//! What the catalog is asked. Only what both the catalog of every CockroachDB since version 22 and
//! PostgreSQL's have, or PostgreSQL's alone where it says so.

use crate::ledger::{ledgers, quote};

/// The schema of `n`; none where it is the first one of the search path.
const SCHEMA: &str = "nullif(n.nspname::TEXT, current_schema()::TEXT) AS schema";

/// That the schema `n` is none of the system's.
const OF_USERS: &str = "n.nspname NOT IN ('information_schema', 'crdb_internal', 'pg_extension') AND n.nspname NOT LIKE 'pg\\_%'";

/// That the relation `c` is none of the ledger's.
fn not_the_ledger() -> String {
    let ledger: Vec<String> = ledgers().into_iter().map(quote).collect();
    format!("c.relname NOT IN ({})", ledger.join(", "))
}

/// The queries for a server.
#[derive(Clone, Copy)]
pub struct Queries {
    pub cockroach: bool,
}

impl Queries {
    /// That an object belongs to no extension; CockroachDB has none.
    fn not_of_extension(self, catalog: &str, oid: &str) -> String {
        if self.cockroach {
            return "true".to_owned();
        }
        format!(
            "NOT EXISTS (SELECT 1 FROM pg_depend AS e WHERE e.classid = 'pg_catalog.{catalog}'::regclass AND e.objid = {oid} AND e.deptype = 'e')"
        )
    }

    /// What is asked of PostgreSQL alone.
    fn only_postgres(self, sql: &str, otherwise: &str) -> String {
        if self.cockroach { otherwise.to_owned() } else { sql.to_owned() }
    }

    pub fn relations(self) -> String {
        format!(
            "SELECT c.oid::INT8 AS oid, {SCHEMA}, c.relname::TEXT AS name, c.relkind::TEXT AS kind, \
             c.relpersistence::TEXT = 'u' AS unlogged, d.description::TEXT AS comment, \
             CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition, {partitions} \
             FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
             LEFT JOIN pg_description AS d ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0 {parents} \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND {OF_USERS} AND {} AND {}",
            not_the_ledger(),
            self.not_of_extension("pg_class", "c.oid"),
            partitions = self.only_postgres(
                "CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key, \
                 pg_get_expr(c.relpartbound, c.oid) AS bound, \
                 nullif(pn.nspname::TEXT, current_schema()::TEXT) AS parent_schema, p.relname::TEXT AS parent",
                "NULL::TEXT AS partition_key, NULL::TEXT AS bound, NULL::TEXT AS parent_schema, NULL::TEXT AS parent",
            ),
            parents = self.only_postgres(
                "LEFT JOIN pg_inherits AS i ON c.relispartition AND i.inhrelid = c.oid \
                 LEFT JOIN pg_class AS p ON p.oid = i.inhparent LEFT JOIN pg_namespace AS pn ON pn.oid = p.relnamespace",
                "",
            ),
        )
    }

    pub fn columns(self) -> String {
        format!(
            "SELECT c.oid::INT8 AS oid, a.attnum::INT8 AS number, a.attname::TEXT AS name, \
             format_type(a.atttypid, a.atttypmod) AS sql_type, a.attnotnull AS not_null, \
             pg_get_expr(f.adbin, f.adrelid) AS expression, a.attidentity::TEXT AS identity, a.attgenerated::TEXT AS generated, \
             CASE WHEN a.attcollation <> t.typcollation THEN l.collname::TEXT END AS collation, d.description::TEXT AS comment \
             FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
             JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             JOIN pg_type AS t ON t.oid = a.atttypid \
             LEFT JOIN pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum \
             LEFT JOIN pg_collation AS l ON l.oid = a.attcollation \
             LEFT JOIN pg_description AS d ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = a.attnum \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND {OF_USERS} ORDER BY a.attrelid, a.attnum"
        )
    }

    /// What a partition has from the whole is not its own.
    pub fn constraints(self) -> String {
        format!(
            "SELECT c.oid::INT8 AS oid, k.conname::TEXT AS name, k.contype::TEXT AS kind, \
             pg_get_constraintdef(k.oid) AS definition, k.conkey::TEXT AS columns, k.confrelid::INT8 AS to_oid, \
             nullif(fn.nspname::TEXT, current_schema()::TEXT) AS to_schema, f.relname::TEXT AS to_name, \
             k.confkey::TEXT AS to_columns, k.confdeltype::TEXT AS on_delete, k.confupdtype::TEXT AS on_update, \
             k.condeferrable AS is_deferrable, k.condeferred AS is_deferred, k.convalidated AS validated \
             FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
             LEFT JOIN pg_class AS f ON f.oid = k.confrelid LEFT JOIN pg_namespace AS fn ON fn.oid = f.relnamespace \
             WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND {OF_USERS} AND {} ORDER BY c.oid, k.conname",
            self.only_postgres("k.conislocal", "true"),
        )
    }

    /// Those that no constraint owns.
    pub fn indexes(self) -> String {
        format!(
            "SELECT c.oid::INT8 AS oid, x.relname::TEXT AS name, pg_get_indexdef(i.indexrelid) AS definition, \
             i.indisvalid AS valid, d.description::TEXT AS comment \
             FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
             JOIN pg_class AS x ON x.oid = i.indexrelid \
             LEFT JOIN pg_description AS d ON d.objoid = x.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0 \
             LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') \
             WHERE k.oid IS NULL AND NOT i.indisprimary AND {OF_USERS} AND {} ORDER BY c.oid, x.relname",
            self.only_postgres("NOT x.relispartition", "true"),
        )
    }

    /// A row for each value of an enum, and for each check of a domain.
    pub fn types(self) -> String {
        format!(
            "SELECT {SCHEMA}, t.typname::TEXT AS name, t.typtype::TEXT AS kind, e.enumlabel::TEXT AS value, \
             format_type(t.typbasetype, t.typtypmod) AS base, t.typnotnull AS not_null, t.typdefault::TEXT AS default_value, \
             {checks} \
             FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace LEFT JOIN pg_enum AS e ON e.enumtypid = t.oid {join} \
             WHERE t.typtype IN ('e', 'd') AND {OF_USERS} AND {} ORDER BY t.oid, e.enumsortorder{order}",
            self.not_of_extension("pg_type", "t.oid"),
            checks = self.only_postgres(
                "CASE WHEN k.oid IS NOT NULL THEN concat('CONSTRAINT ', quote_ident(k.conname), ' ', pg_get_constraintdef(k.oid)) END AS definition",
                "NULL::TEXT AS definition"
            ),
            join = self.only_postgres("LEFT JOIN pg_constraint AS k ON k.contypid = t.oid AND k.contype = 'c'", ""),
            order = self.only_postgres(", k.conname", ""),
        )
    }

    /// Those that no column owns.
    pub fn sequences(self) -> String {
        format!(
            "SELECT {SCHEMA}, c.relname::TEXT AS name, concat('AS ', format_type(s.seqtypid, NULL::INT4), \
             ' START WITH ', s.seqstart::TEXT, ' INCREMENT BY ', s.seqincrement::TEXT, ' MINVALUE ', s.seqmin::TEXT, \
             ' MAXVALUE ', s.seqmax::TEXT, ' CACHE ', s.seqcache::TEXT, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) AS definition \
             FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_sequence AS s ON s.seqrelid = c.oid \
             LEFT JOIN pg_depend AS o ON o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = c.oid \
             AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i') \
             WHERE c.relkind = 'S' AND o.objid IS NULL AND {OF_USERS} AND {}",
            self.not_of_extension("pg_class", "c.oid")
        )
    }

    /// Aggregates have no text.
    pub fn functions(self) -> String {
        format!(
            "SELECT {SCHEMA}, p.proname::TEXT AS name, p.prokind::TEXT AS kind, \
             pg_get_function_identity_arguments(p.oid) AS arguments, pg_get_functiondef(p.oid) AS definition \
             FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace \
             WHERE p.prokind IN ('f', 'p', 'w') AND {OF_USERS} AND {}",
            self.not_of_extension("pg_proc", "p.oid")
        )
    }

    /// PostgreSQL's alone. A trigger of a partition that came from the whole is not its own.
    pub fn triggers(self) -> String {
        format!(
            "SELECT {SCHEMA}, c.relname::TEXT AS of, t.tgname::TEXT AS name, pg_get_triggerdef(t.oid, true) AS definition, \
             t.tgenabled::TEXT AS enabled \
             FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE NOT t.tgisinternal AND {OF_USERS} AND {} AND {} AND NOT EXISTS (SELECT 1 FROM pg_depend AS o \
             WHERE o.classid = 'pg_catalog.pg_trigger'::regclass AND o.objid = t.oid AND o.deptype IN ('P', 'S'))",
            not_the_ledger(),
            self.not_of_extension("pg_trigger", "t.oid")
        )
    }
}
