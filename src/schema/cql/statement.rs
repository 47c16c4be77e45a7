//! The statement of each change.

use super::name::{list, object, quoted};
use super::parts::{Column, CqlIndex, CqlKeyspace, CqlReplication, CqlTable, CqlView, Key, Target};
use super::{Field, Op};
use crate::ledger::quote;

impl Op {
    /// The one statement that it is. It has no `IF NOT EXISTS`, which would take a name for the thing.
    pub fn statement(&self) -> String {
        match self {
            Self::CreateKeyspace(keyspace) => create_keyspace(keyspace),
            Self::DropKeyspace { name, .. } => format!("DROP KEYSPACE {}", quoted(name)),
            Self::CreateTable(table) => create_table(table),
            Self::DropTable { name, .. } => format!("DROP TABLE {}", object(name)),
            Self::AlterTable { table, options } => {
                let options: Vec<String> =
                    options.iter().map(|option| format!("{} = {}", option.name, option.to)).collect();
                format!("ALTER TABLE {} WITH {}", object(table), options.join(" AND "))
            }
            Self::AddColumn { table, column, .. } => {
                format!("ALTER TABLE {} ADD {}", object(table), definition(column))
            }
            Self::DropColumn { table, name, .. } => {
                format!("ALTER TABLE {} DROP {}", object(table), quoted(name))
            }
            Self::RenameColumn { table, from, to } => {
                format!("ALTER TABLE {} RENAME {} TO {}", object(table), quoted(from), quoted(to))
            }
            Self::CreateType(kind) => {
                let fields: Vec<String> = kind.fields.iter().map(field).collect();
                format!("CREATE TYPE {} (\n    {}\n)", object(&kind.name), fields.join(",\n    "))
            }
            Self::DropType { name, .. } => format!("DROP TYPE {}", object(name)),
            Self::AddTypeField { name, field: new, .. } => {
                format!("ALTER TYPE {} ADD {}", object(name), field(new))
            }
            Self::RenameTypeField { name, from, to } => {
                format!("ALTER TYPE {} RENAME {} TO {}", object(name), quoted(from), quoted(to))
            }
            Self::CreateIndex(index) => create_index(index),
            Self::DropIndex { name, .. } => format!("DROP INDEX {}", object(name)),
            Self::CreateMaterializedView(view) => create_view(view),
            Self::DropMaterializedView { name, .. } => format!("DROP MATERIALIZED VIEW {}", object(name)),
            Self::Raw { up, .. } => up.clone(),
        }
    }
}

fn create_keyspace(keyspace: &CqlKeyspace) -> String {
    let replication = match &keyspace.replication {
        Some(CqlReplication::Network(copies)) => {
            let copies =
                copies.iter().map(|(datacenter, copies)| format!(", {}: {copies}", quote(datacenter)));
            format!("{{'class': 'NetworkTopologyStrategy'{}}}", copies.collect::<String>())
        }
        Some(CqlReplication::Simple(copies)) => {
            format!("{{'class': 'SimpleStrategy', 'replication_factor': {copies}}}")
        }
        // Refused before it is sent.
        None => "{}".to_owned(),
    };
    let durable = keyspace.durable_writes.map(|durable| format!("\n    AND durable_writes = {durable}"));
    let tablets = keyspace.tablets.map(|tablets| format!("\n    AND tablets = {{'enabled': {tablets}}}"));
    format!(
        "CREATE KEYSPACE {} WITH replication = {replication}{}{}",
        quoted(&keyspace.name),
        durable.unwrap_or_default(),
        tablets.unwrap_or_default()
    )
}

fn create_table(table: &CqlTable) -> String {
    let names = |key| table.key(key).map(|column| column.name.clone()).collect::<Vec<_>>();
    let (partition, clustering) = (names(Key::Partition), names(Key::Clustering));
    let mut lines: Vec<String> = table.columns.iter().map(definition).collect();
    lines.push(primary_key(&partition, &clustering));
    let is_descending = |column: &Column| column.descending == Some(true);
    let order: Vec<(&String, bool)> =
        table.key(Key::Clustering).map(|column| (&column.name, is_descending(column))).collect();
    let is_said = order.iter().any(|(_, is_descending)| *is_descending);
    let with = with(if is_said { &order } else { &[] }, &table.options, "    ");
    let with = if with.is_empty() { with } else { format!(" {with}") };
    format!("CREATE TABLE {} (\n    {}\n){with}", object(&table.name), lines.join(",\n    "))
}

fn create_view(view: &CqlView) -> String {
    let columns = if view.columns.is_empty() { "*".to_owned() } else { list(&view.columns) };
    let conditions: Vec<String> = view
        .key()
        .map(|column| format!("{} IS NOT NULL", quoted(column)))
        .chain(view.conditions.iter().cloned())
        .collect();
    let order: Vec<(&String, bool)> =
        view.clustering_key.iter().map(|column| (column, view.descending.contains(column))).collect();
    // Without a word, it is that of the table.
    let is_said = !(view.descending.is_empty() && view.ascending.is_empty());
    let with = with(if is_said { &order } else { &[] }, &view.options, "        ");
    let with = if with.is_empty() { with } else { format!("\n    {with}") };
    format!(
        "CREATE MATERIALIZED VIEW {} AS\n    SELECT {columns}\n    FROM {}\n    WHERE {}\n    {}{with}",
        object(&view.name),
        object(&view.table),
        conditions.join(" AND "),
        primary_key(&view.partition_key, &view.clustering_key)
    )
}

fn create_index(index: &CqlIndex) -> String {
    let (custom, using) = match &index.using {
        Some(using) => ("CUSTOM ", format!("\n    USING {}", quote(using))),
        None => ("", String::new()),
    };
    let options: Vec<String> =
        index.options.iter().map(|(name, value)| format!("{}: {}", quote(name), quote(value))).collect();
    let options = match options.as_slice() {
        [] => String::new(),
        options => format!("\n    WITH OPTIONS = {{{}}}", options.join(", ")),
    };
    // An index is in the keyspace of its table, and is made without one.
    let name = quoted(super::name::parts(&index.name).1);
    format!("CREATE {custom}INDEX {name} ON {} ({}){using}{options}", object(&index.table), target(index))
}

/// What is in an index, as in CQL.
pub fn target(index: &CqlIndex) -> String {
    let column = quoted(&index.column);
    match index.target {
        Target::Simple => column,
        Target::Keys => format!("keys({column})"),
        Target::Values => format!("values({column})"),
        Target::Entries => format!("entries({column})"),
        Target::Full => format!("full({column})"),
    }
}

fn primary_key(partition: &[String], clustering: &[String]) -> String {
    let partition = match partition {
        [one] => quoted(one),
        several => format!("({})", list(several)),
    };
    match clustering {
        [] => format!("PRIMARY KEY ({partition})"),
        clustering => format!("PRIMARY KEY ({partition}, {})", list(clustering)),
    }
}

/// The order, where there is one to be said, and the options: what begins with `WITH`.
fn with(order: &[(&String, bool)], options: &[(String, String)], indented: &str) -> String {
    let mut all = Vec::new();
    if !order.is_empty() {
        let columns: Vec<String> = order
            .iter()
            .map(|(column, down)| format!("{} {}", quoted(column), if *down { "DESC" } else { "ASC" }))
            .collect();
        all.push(format!("CLUSTERING ORDER BY ({})", columns.join(", ")));
    }
    all.extend(options.iter().map(|(name, value)| format!("{name} = {value}")));
    match all.as_slice() {
        [] => String::new(),
        all => format!("WITH {}", all.join(&format!("\n{indented}AND "))),
    }
}

fn definition(column: &Column) -> String {
    format!("{} {}{}", quoted(&column.name), column.kind, if column.is_static { " static" } else { "" })
}

fn field(field: &Field) -> String {
    format!("{} {}", quoted(&field.name), field.kind)
}
