//! PostgreSQL, and CockroachDB: typed changes where they say what there is, and beside them SQL for what they
//! cannot say.

mod indexes;
mod tables;

use std::collections::BTreeSet;

use super::mention::{Known, table_id};
use super::order::{Changes, Piece, in_order};
use super::{made, raw};
use crate::schema::diff::from_model::FromModel;
use crate::schema::inspect::Beyond;
use crate::schema::model::words::{Language, words};
use crate::schema::model::{Model, Name, View};
use crate::schema::op::Op;
use crate::schema::render;
use crate::store::Database;

/// What is written of.
struct Whole<'a> {
    from: FromModel<'a>,
    beyond: &'a Beyond,
    known: Known,
}

pub fn whole(database: Database, model: &Model, beyond: &Beyond) -> Vec<Op> {
    let from = FromModel { database, model };
    let whole = Whole { from, beyond, known: Known::of(model) };
    let mut ops = whole.first();
    ops.extend(in_order(whole.pieces()));
    for (called, by) in &model.made_by {
        if called.starts_with("trigger ") {
            ops.extend(made(by));
        }
    }
    ops.extend(whole.view_comments());
    ops.extend(beyond.statements.iter().map(|(up, down)| raw(up, down)));
    ops
}

/// A name in SQL, whatever is in it.
fn quoted(name: &Name) -> String {
    let schema = name.schema.iter().map(|schema| format!("{}.", render::quoted(schema)));
    schema.chain([render::quoted(&name.name)]).collect()
}

/// Whether a change can have it: a dot ends the name of a schema there.
fn is_plain(name: &Name) -> bool {
    !name.name.contains('.') && !name.schema.as_ref().is_some_and(|schema| schema.contains('.'))
}

impl Whole<'_> {
    /// What everything else may need.
    fn first(&self) -> Vec<Op> {
        let model = self.from.model;
        let mut ops = Vec::new();
        for schema in &self.beyond.schemas {
            let name = render::quoted(schema);
            ops.push(raw(format!("CREATE SCHEMA {name}"), format!("DROP SCHEMA {name}")));
        }
        for name in &model.extensions {
            ops.push(match self.beyond.extensions.get(name) {
                Some(schema) => {
                    let (quoted, schema) = (render::quoted(name), render::quoted(schema));
                    raw(
                        format!("CREATE EXTENSION {quoted} WITH SCHEMA {schema}"),
                        format!("DROP EXTENSION {quoted}"),
                    )
                }
                None => Op::CreateExtension { name: name.clone() },
            });
        }
        let in_sql = |definition: &String| {
            let words = words(definition, Language::Standard);
            words.windows(2).any(|two| two[0].is("LANGUAGE") && two[1].is("sql"))
        };
        // What a function in SQL is about may come behind it.
        if self.from.database == Database::Postgres && model.others.values().any(in_sql) {
            ops.push(raw("SET LOCAL check_function_bodies = off", ""));
        }
        ops
    }

    fn pieces(&self) -> Vec<Piece> {
        let model = self.from.model;
        let mut pieces = Vec::new();
        for (name, values) in &model.enums {
            let ops = match is_plain(name) {
                true => vec![Op::CreateEnum { name: name.to_string(), values: values.clone() }],
                false => {
                    let texts: Vec<String> = values.iter().map(|value| render::text(value)).collect();
                    let up = format!("CREATE TYPE {} AS ENUM ({})", quoted(name), texts.join(", "));
                    vec![raw(up, format!("DROP TYPE {}", quoted(name)))]
                }
            };
            pieces.push(piece(format!("enum {name}"), ops));
        }
        for kind in ["domain ", "type ", "sequence ", "function ", "procedure "] {
            for (called, by) in model.made_by.iter().filter(|(called, _)| called.starts_with(kind)) {
                let mut needs = BTreeSet::new();
                if let Some(definition) = model.others.get(called) {
                    self.known.signature(signature(definition), &mut needs);
                }
                needs.remove(called);
                pieces.push(Piece { needs, ..piece(called.clone(), made(by)) });
            }
        }
        for (name, table) in &model.tables {
            pieces.push(self.table_piece(name, table));
        }
        for (name, view) in &model.views {
            pieces.push(self.view(name, view));
        }
        pieces
    }

    fn view(&self, name: &Name, view: &View) -> Piece {
        let select = view.definition.trim().trim_end_matches(';').to_owned();
        let mut needs = BTreeSet::new();
        // The catalog knows what its words may not tell.
        let reads = self.beyond.reads.get(name);
        self.known.mentioned(&select, reads.is_none(), &mut needs);
        let id = |name: &Name| match self.from.model.views.contains_key(name) {
            true => format!("view {name}"),
            false => table_id(name),
        };
        needs.extend(reads.into_iter().flatten().map(id));
        needs.remove(&format!("view {name}"));
        let mut ops = match is_plain(name) {
            true => {
                vec![Op::CreateView { name: name.to_string(), select, materialized: view.materialized }]
            }
            false => {
                let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
                let sql = quoted(name);
                vec![raw(format!("CREATE {kind} {sql} AS {select}"), format!("DROP {kind} {sql}"))]
            }
        };
        for index in &view.indexes {
            ops.extend(self.index(name, index));
        }
        Piece { needs, ..piece(format!("view {name}"), ops) }
    }

    /// They go with the views.
    fn view_comments(&self) -> Vec<Op> {
        let mut ops = Vec::new();
        for (name, view) in &self.from.model.views {
            let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
            let of_view =
                view.comment.iter().map(|text| format!("{kind} {} IS {}", quoted(name), render::text(text)));
            let of_columns = view.columns.iter().filter_map(|column| {
                let text = render::text(column.comment.as_ref()?);
                Some(format!("COLUMN {}.{} IS {text}", quoted(name), render::quoted(&column.name)))
            });
            ops.extend(of_view.chain(of_columns).map(|what| raw(format!("COMMENT ON {what}"), "")));
        }
        ops
    }
}

/// What of a function has to be understood when it is made: all before its body, and a body that is no text.
fn signature(definition: &str) -> &str {
    use crate::schema::model::words::Kind;
    let words = words(definition, Language::Standard);
    let body = words.windows(2).find(|two| two[0].is("AS") && two[1].kind == Kind::Text);
    body.map_or(definition, |two| &definition[..two[0].at])
}

fn piece(id: String, ops: Vec<Op>) -> Piece {
    Piece { id, needs: BTreeSet::new(), refers: BTreeSet::new(), changes: Changes::Ops(ops) }
}
