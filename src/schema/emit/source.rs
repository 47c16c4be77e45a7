//! What is called on `schema` for a change. Only of one that the builder can say ([`super::sayable`]).

mod column;
mod constraint;
mod kind;

pub use column::needs_name;

use super::rust::{Call, Expr};
use crate::schema::op::{Constraint, DefaultValue, Index, IndexColumn, Op};
use crate::schema::recorded::{Operation, Was};

/// The calls, one behind the other.
pub fn calls(operation: &Operation) -> Vec<Call> {
    match operation {
        Operation::Sql(op) => of_sql(op),
        #[cfg(feature = "scylla")]
        Operation::Cql(op) => crate::schema::cql::emit::calls(op),
    }
}

fn of_sql(op: &Op) -> Vec<Call> {
    let text = |text: &String| Expr::text(text);
    let call =
        |method, arguments: &[&String]| Call::new(method, arguments.iter().map(|name| Expr::text(*name)));
    match op {
        Op::CreateTable(table) => {
            vec![Call::new("create_table", [text(&table.name), column::table(table)])]
        }
        Op::DropTable { name, was } => {
            dropped(call("drop_table", &[name]), was, |table| vec![Call::new("was", [column::table(table)])])
        }
        Op::RenameTable { from, to } => vec![call("rename_table", &[from, to])],
        Op::AddColumn { table, column } => {
            let mut what = vec![text(table), text(&column.name), column::untyped(table, column)];
            let to = column::reference(column);
            let method = if to.is_some() { "add_reference" } else { "add_column" };
            what.extend(to.into_iter().flatten());
            vec![Call::new(method, what)]
        }
        Op::DropColumn { table, name, was } => dropped(call("drop_column", &[table, name]), was, |column| {
            vec![Call::new("was", [column::untyped(table, column)])]
        }),
        Op::RenameColumn { table, from, to } => vec![call("rename_column", &[table, from, to])],
        Op::ChangeType { table, column, from, to, using, back_using } => {
            let kinds = [kind::code(from), kind::code(to)].map(Expr::Code);
            let names = [text(table), text(column)];
            let mut calls = vec![Call::new("change_type", names.into_iter().chain(kinds))];
            if let (Some(up), Some(down)) = (using, back_using) {
                calls.push(call("using", &[up, down]));
            }
            calls
        }
        Op::SetNotNull { table, column, by_check } => {
            let set = call("set_not_null", &[table, column]);
            std::iter::once(set).chain(by_check.then(|| Call::plain("by_check"))).collect()
        }
        Op::DropNotNull { table, column, .. } => vec![call("drop_not_null", &[table, column])],
        Op::ChangeDefault { table, column, from, to } => {
            let values = [from, to].map(|value| default(value.as_ref()));
            let names = [text(table), text(column)];
            vec![Call::new("change_default", names.into_iter().chain(values))]
        }
        Op::ChangeComment { table, column, from, to } => {
            let texts = [from, to].map(|value| match value {
                Some(value) => some(Expr::text(value)),
                None => Expr::Code("None".to_owned()),
            });
            let (method, names) = match column {
                Some(column) => ("change_column_comment", vec![text(table), text(column)]),
                None => ("change_table_comment", vec![text(table)]),
            };
            vec![Call::new(method, names.into_iter().chain(texts))]
        }
        Op::CreateIndex(index) => {
            let what = [text(&index.name), text(&index.table), columns(&index.columns)];
            index_calls(Call::new("create_index", what), index, index.concurrently)
        }
        Op::DropIndex { name, concurrently, was } => {
            let mut calls = vec![call("drop_index", &[name])];
            calls.extend(concurrently.then(|| Call::plain("concurrently")));
            match was {
                Was::Known(index) => {
                    let what = [text(&index.table), columns(&index.columns)];
                    calls.extend(index_calls(Call::new("was", what), index, false));
                }
                other => calls.push(irreversible(other)),
            }
            calls
        }
        Op::RenameIndex { from, to } => vec![call("rename_index", &[from, to])],
        Op::AddConstraint { table, constraint, not_valid } => {
            constraint::added(table, constraint, *not_valid)
        }
        Op::DropConstraint { table, name, was } => {
            dropped(call("drop_constraint", &[table, name]), was, |was: &Constraint| constraint::was(was))
        }
        Op::ValidateConstraint { table, name } => vec![call("validate_constraint", &[table, name])],
        Op::CreateEnum { name, values } => vec![Call::new("create_enum", [text(name), Expr::texts(values)])],
        Op::DropEnum { name, was } => {
            dropped(call("drop_enum", &[name]), was, |values| vec![was_values(values)])
        }
        Op::RenameEnum { from, to } => vec![call("rename_enum", &[from, to])],
        Op::AddEnumValue { name, value, after, was } => {
            let mut calls = vec![call("add_enum_value", &[name, value])];
            calls.extend(after.as_ref().map(|after| call("after", &[after])));
            calls.push(match was {
                Was::Known(values) => was_values(values),
                other => irreversible(other),
            });
            calls
        }
        Op::RenameEnumValue { name, from, to } => vec![call("rename_enum_value", &[name, from, to])],
        Op::CreateView { name, select, materialized } => {
            let method = if *materialized { "create_materialized_view" } else { "create_view" };
            vec![call(method, &[name, select])]
        }
        Op::DropView { name, materialized, was } => {
            let method = if *materialized { "drop_materialized_view" } else { "drop_view" };
            dropped(call(method, &[name]), was, |select| vec![call("was", &[select])])
        }
        Op::ChangeView { name, from, to } => vec![call("change_view", &[name, from, to])],
        Op::CreateExtension { name } => vec![call("create_extension", &[name])],
        Op::DropExtension { name } => vec![call("drop_extension", &[name])],
        Op::Raw { up, down } => raw(up, down),
        // No builder says it: it has become SQL.
        Op::RemoveEnumValue { name, value, .. } => {
            let what = format!("the value {value} is taken away from {name}");
            vec![Call::new("raw", [Expr::text("")]), Call::new("irreversible", [Expr::text(what)])]
        }
    }
}

fn raw(up: &[String], down: &Was<Vec<String>>) -> Vec<Call> {
    let sql = up.first().map(String::as_str).unwrap_or_default();
    let back = match down {
        Was::Known(down) => match down.first() {
            Some(down) => Call::new("reverse", [Expr::text(down)]),
            None => Call::plain("nothing_to_reverse"),
        },
        other => irreversible(other),
    };
    vec![Call::new("raw", [Expr::text(sql)]), back]
}

/// What is dropped, and what it was.
fn dropped<T>(drop: Call, was: &Was<T>, say: impl FnOnce(&T) -> Vec<Call>) -> Vec<Call> {
    let was = match was {
        Was::Known(was) => say(was),
        other => vec![irreversible(other)],
    };
    std::iter::once(drop).chain(was).collect()
}

fn irreversible<T>(was: &Was<T>) -> Call {
    let because = match was {
        Was::Irreversible(because) => because.as_str(),
        _ => super::sayable::UNSAID,
    };
    Call::new("irreversible", [Expr::text(because)])
}

fn was_values(values: &[String]) -> Call {
    Call::new("was", [Expr::texts(values)])
}

fn some(what: Expr) -> Expr {
    Expr::Calls(vec![Call::new("Some", [what])])
}

/// Of a default that is changed.
fn default(value: Option<&DefaultValue>) -> Expr {
    let path = "updown::schema::DefaultValue";
    match value {
        None => Expr::Code("None::<&str>".to_owned()),
        Some(DefaultValue::Now) => some(Expr::Code(format!("{path}::Now"))),
        Some(DefaultValue::Expression(sql)) => {
            let text = Expr::Code(format!("{}.to_owned()", super::text::one_line(sql)));
            some(Expr::Calls(vec![Call::new("updown::schema::DefaultValue::Expression", [text])]))
        }
        Some(value) => some(kind::value(value)),
    }
}

/// The columns of an index.
fn columns(columns: &[IndexColumn]) -> Expr {
    let is_plain =
        |column: &IndexColumn| !column.is_expression && !column.descending && column.operator_class.is_none();
    if columns.iter().all(is_plain) {
        return Expr::texts(columns.iter().map(|column| &column.what));
    }
    Expr::List(columns.iter().map(index_column).collect())
}

fn index_column(column: &IndexColumn) -> Expr {
    let (function, desc) = match (column.is_expression, column.descending) {
        (true, desc) => ("expression", desc),
        (false, true) => ("desc", false),
        (false, false) => ("asc", false),
    };
    let mut calls = vec![Call::new(function, [Expr::text(&column.what)])];
    calls.extend(column.operator_class.as_ref().map(|name| Call::new("operator_class", [Expr::text(name)])));
    calls.extend(desc.then(|| Call::plain("desc")));
    Expr::Calls(calls)
}

fn index_calls(first: Call, index: &Index, concurrently: bool) -> Vec<Call> {
    let mut calls = vec![first];
    calls.extend(index.method.as_ref().map(|method| Call::new("using", [Expr::text(method)])));
    calls.extend(index.unique.then(|| Call::plain("unique")));
    if !index.including.is_empty() {
        calls.push(Call::new("including", [Expr::texts(&index.including)]));
    }
    calls.extend(index.only_where.as_ref().map(|sql| Call::new("only_where", [Expr::text(sql)])));
    calls.extend(concurrently.then(|| Call::plain("concurrently")));
    calls
}
