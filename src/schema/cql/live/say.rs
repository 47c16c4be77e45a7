//! What a part is, said again by the builders.

use crate::schema::cql::parts::{CqlTable, CqlView, Key, Target};
use crate::schema::cql::{IndexBuilder, TableBuilder, ViewBuilder};

pub fn say(table: &CqlTable, t: &mut TableBuilder) {
    for column in &table.columns {
        let mut said = t.column(&column.name, column.kind.clone());
        said = match column.key {
            Some(Key::Partition) => said.partition_key(),
            Some(Key::Clustering) => said.clustering_key(),
            None => said,
        };
        said = match column.descending {
            Some(true) => said.desc(),
            Some(false) => said.asc(),
            None => said,
        };
        if column.is_static {
            said.static_column();
        }
    }
    table.options.iter().for_each(|(name, value)| t.option(name, value));
}

pub fn say_target(index: IndexBuilder<'_>, target: Target) -> IndexBuilder<'_> {
    match target {
        Target::Simple => index,
        Target::Keys => index.keys(),
        Target::Values => index.values(),
        Target::Entries => index.entries(),
        Target::Full => index.full(),
    }
}

pub fn say_view(view: &CqlView, v: ViewBuilder) -> ViewBuilder {
    let v = v.from(&view.table).select(&view.columns).partition_key(&view.partition_key);
    view.descending.iter().fold(v.clustering_key(&view.clustering_key), ViewBuilder::order_desc)
}
