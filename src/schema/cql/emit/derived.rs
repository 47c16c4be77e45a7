//! Indexes and materialized views.

use crate::schema::cql::parts::{CqlIndex, CqlView, Target};
use crate::schema::emit::rust::{Call, Expr};

pub fn index(index: &CqlIndex) -> Vec<Call> {
    let names = [&index.name, &index.table, &index.column].map(Expr::text);
    std::iter::once(Call::new("create_index", names)).chain(more(index)).collect()
}

/// What one was that is dropped.
pub fn was_index(index: &CqlIndex) -> Vec<Call> {
    let names = [&index.table, &index.column].map(Expr::text);
    std::iter::once(Call::new("was", names)).chain(more(index)).collect()
}

fn more(index: &CqlIndex) -> Vec<Call> {
    let target = match index.target {
        Target::Simple => None,
        Target::Keys => Some("keys"),
        Target::Values => Some("values"),
        Target::Entries => Some("entries"),
        Target::Full => Some("full"),
    };
    let using = index.using.as_ref().map(|using| Call::new("using", [Expr::text(using)]));
    target.map(Call::plain).into_iter().chain(using).chain(options(&index.options)).collect()
}

/// `|v| v.from("notifications")…`.
pub fn view(view: &CqlView) -> Expr {
    let mut calls = vec![Call::new("from", [Expr::text(&view.table)])];
    for (method, names) in [
        ("select", &view.columns),
        ("partition_key", &view.partition_key),
        ("clustering_key", &view.clustering_key),
    ] {
        if !names.is_empty() {
            calls.push(Call::new(method, [Expr::texts(names)]));
        }
    }
    for (method, texts) in
        [("order_desc", &view.descending), ("order_asc", &view.ascending), ("only", &view.conditions)]
    {
        calls.extend(texts.iter().map(|text| Call::new(method, [Expr::text(text)])));
    }
    calls.extend(options(&view.options));
    Expr::Says("v", calls)
}

fn options(options: &[(String, String)]) -> Vec<Call> {
    options.iter().map(|(name, value)| Call::new("option", [Expr::text(name), Expr::text(value)])).collect()
}
