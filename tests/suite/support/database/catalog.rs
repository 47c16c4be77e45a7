//! What a store's catalog has, as queries of lines. The ledger's own is left out.

/// As it was written.
pub const SQLITE: &str = "SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS line FROM sqlite_master
    WHERE tbl_name NOT LIKE 'schema\\_migrations%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY type, name";

pub const SQLITE_TABLES: &str = "SELECT name AS line FROM sqlite_master WHERE type = 'table'
    AND name NOT LIKE 'schema\\_migrations%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";

/// PostgreSQL keeps no text: each kind of object as the server writes it.
pub const POSTGRES: &str = "
    WITH place AS (SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'),
    relation AS (SELECT c.oid, c.relname, c.relkind, c.relpersistence FROM pg_class c JOIN place ON place.oid = c.relnamespace
        WHERE c.relname NOT LIKE 'schema\\_migrations%')
    SELECT 'schema ' || nspname AS line FROM place WHERE nspname <> 'public'
    UNION ALL SELECT 'relation ' || relname || ' ' || relkind::text || relpersistence::text || CASE WHEN relkind IN ('v', 'm') THEN ': ' || pg_get_viewdef(oid) ELSE '' END
        FROM relation WHERE relkind NOT IN ('i', 'I')
    UNION ALL SELECT 'column ' || relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
        || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
        FROM relation JOIN pg_attribute ON attrelid = relation.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT 'index ' || indisvalid || ' ' || pg_get_indexdef(indexrelid)
        FROM relation JOIN pg_index ON indexrelid = relation.oid
    UNION ALL SELECT 'constraint ' || relname || '.' || conname || ' ' || pg_get_constraintdef(pg_constraint.oid)
        FROM relation JOIN pg_constraint ON conrelid = relation.oid
    UNION ALL SELECT 'trigger ' || pg_get_triggerdef(pg_trigger.oid)
        FROM relation JOIN pg_trigger ON tgrelid = relation.oid WHERE NOT tgisinternal
    UNION ALL SELECT 'function ' || pg_proc.oid::regprocedure::text FROM pg_proc JOIN place ON place.oid = pronamespace
    UNION ALL SELECT 'type ' || typname || coalesce(' ' || (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = pg_type.oid), '')
        FROM pg_type JOIN place ON place.oid = typnamespace
        LEFT JOIN pg_class c ON c.oid = typrelid WHERE typtype IN ('e', 'd', 'r') OR c.relkind = 'c'
    ORDER BY 1";

pub const POSTGRES_TABLES: &str = "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT LIKE 'schema\\_migrations%' ORDER BY 1";

/// Of one keyspace each, with `WHERE` to come.
#[cfg(feature = "scylla")]
pub const CQL: [&str; 6] = [
    "SELECT JSON table_name, column_name, kind, position, type, clustering_order FROM system_schema.columns",
    "SELECT JSON table_name, index_name, kind, options FROM system_schema.indexes",
    "SELECT JSON view_name, where_clause FROM system_schema.views",
    "SELECT JSON type_name, field_names, field_types FROM system_schema.types",
    "SELECT JSON function_name, argument_types, body FROM system_schema.functions",
    "SELECT JSON aggregate_name, argument_types FROM system_schema.aggregates",
];
