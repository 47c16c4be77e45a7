//! Indexes.

use super::{Whole, is_plain, quoted};
use crate::schema::emit::whole::raw;
use crate::schema::model::index_text::IndexKey;
use crate::schema::model::{Index, Name};
use crate::schema::op::Op;
use crate::schema::render;

impl Whole<'_> {
    /// The index, and its comment.
    pub fn index(&self, table: &Name, index: &Index) -> Vec<Op> {
        let name = Name { schema: table.schema.clone(), name: index.name.clone() };
        let typed = self.from.index(table, index).filter(|_| is_plain(table) && is_plain(&name));
        let mut ops = match typed {
            Some(index) => vec![Op::CreateIndex(index)],
            None => vec![raw(create(table, index), format!("DROP INDEX {}", quoted(&name)))],
        };
        if let Some(comment) = &index.comment {
            ops.push(raw(format!("COMMENT ON INDEX {} IS {}", quoted(&name), render::text(comment)), ""));
        }
        ops
    }
}

/// Without the schema that the catalog writes before the name of the table, where it is the first one.
fn create(table: &Name, index: &Index) -> String {
    let parts = &index.parts;
    let keys: Vec<&str> = parts.keys.iter().map(|IndexKey { text, .. }| text.as_str()).collect();
    let unique = if parts.unique { "UNIQUE " } else { "" };
    let method = parts.method.as_ref().map(|name| format!(" USING {}", render::quoted(name)));
    let options = Some(&parts.options).filter(|options| !options.is_empty()).map(|sql| format!(" {sql}"));
    let predicate = parts.predicate.as_ref().map(|sql| format!(" WHERE {sql}"));
    format!(
        "CREATE {unique}INDEX {} ON {}{} ({}){}{}",
        render::quoted(&index.name),
        quoted(table),
        method.unwrap_or_default(),
        keys.join(", "),
        options.unwrap_or_default(),
        predicate.unwrap_or_default()
    )
}
