//! Whether what a change adds is there already, with the same shape.

use super::from_model::{FromModel, loose};
use super::lookup::Names;
use crate::schema::model::{Model, Name, Table, type_name};
use crate::schema::op::{Column, Constraint, DefaultValue, Generated, Index, Op};
use crate::schema::render::sql_type;
use crate::store::Database;

/// Whether it is one of those that sync makes.
pub fn adds(op: &Op) -> bool {
    matches!(
        op,
        Op::CreateTable(_)
            | Op::AddColumn { .. }
            | Op::CreateIndex(_)
            | Op::AddConstraint { not_valid: false, .. }
            | Op::CreateEnum { .. }
    )
}

/// Whether all that the change makes is there, as the change makes it.
pub fn is_there(op: &Op, model: &Model, database: Database) -> bool {
    let there = There { database, names: Names::new(database, model), from: FromModel { database, model } };
    match op {
        Op::CreateTable(table) => there.table(&table.name).is_some_and(|(name, found)| {
            let is = there.from.table(name, found);
            let columns = is.columns.len() == table.columns.len()
                && table.columns.iter().all(|column| there.has_column(name, found, column));
            let constraints = is.all_constraints().count() == table.all_constraints().count()
                && table.all_constraints().all(|constraint| there.has(name, found, constraint));
            columns
                && constraints
                && there.from.unsaid(name, found).is_empty()
                && (is.comment, is.strict, is.without_rowid)
                    == (table.comment.clone(), table.strict, table.without_rowid)
        }),
        Op::AddColumn { table, column } => there.table(table).is_some_and(|(name, found)| {
            there.has_column(name, found, column)
                && column.constraints.iter().all(|constraint| there.has(name, found, constraint))
        }),
        Op::CreateIndex(index) => there.table(&index.table).is_some_and(|(name, found)| {
            found.indexes.iter().any(|other| {
                other.valid
                    && there.names.is_same(&other.name, &index.name)
                    && there.from.index(name, other).is_some_and(|other| same_index(&other, index))
            })
        }),
        Op::AddConstraint { table, constraint, not_valid: false } => {
            there.table(table).is_some_and(|(name, found)| there.has(name, found, constraint))
        }
        Op::CreateEnum { name, values } => {
            model.enums.iter().any(|(other, found)| other.to_string() == *name && found == values)
        }
        _ => false,
    }
}

struct There<'a> {
    database: Database,
    names: Names,
    from: FromModel<'a>,
}

impl<'a> There<'a> {
    fn table(&self, name: &str) -> Option<(&'a Name, &'a Table)> {
        let wanted = self.names.key_of(&self.names.parse(name));
        self.from.model.tables.iter().find(|(name, _)| self.names.key_of(name) == wanted)
    }

    fn has_column(&self, name: &Name, table: &Table, column: &Column) -> bool {
        let Some(found) = table.columns.iter().find(|found| self.names.is_same(&found.name, &column.name))
        else {
            return false;
        };
        let is_key = table.primary_key.as_ref().is_some_and(|key| key.columns.contains(&found.name));
        let is = self.from.column(name, table, found);
        self.kind(&is) == self.kind(column)
            && (is.not_null == column.not_null || is_key)
            && default(&is) == default(column)
            && generated(&is) == generated(column)
            && is.identity == column.identity
            && is.collation == column.collation
            && is.comment == column.comment
    }

    /// The same names in the same order.
    fn same_list(&self, some: &[String], others: &[String]) -> bool {
        some.len() == others.len()
            && some.iter().zip(others).all(|(one, other)| self.names.is_same(one, other))
    }

    /// As this database writes it.
    fn kind(&self, column: &Column) -> Option<String> {
        sql_type(&column.kind, self.database, false).ok().map(|sql| type_name(&sql).to_lowercase())
    }

    /// Under the name that the change gives it, so that its way back finds it.
    fn has(&self, name: &Name, table: &Table, constraint: &Constraint) -> bool {
        let table_name = &name.name;
        self.from.constraints(name, table).iter().any(|found| {
            let named = found.name().is_none()
                || matches!(found, Constraint::PrimaryKey { .. })
                || found.name_on(table_name) == constraint.name_on(table_name);
            named && self.same(found, constraint)
        })
    }

    fn same(&self, one: &Constraint, other: &Constraint) -> bool {
        match (one, other) {
            (Constraint::PrimaryKey { columns, .. }, Constraint::PrimaryKey { columns: others, .. })
            | (Constraint::Unique { columns, .. }, Constraint::Unique { columns: others, .. }) => {
                self.same_list(columns, others)
            }
            (Constraint::Check { expression, .. }, Constraint::Check { expression: other, .. }) => {
                loose(expression) == loose(other)
            }
            (Constraint::ForeignKey(key), Constraint::ForeignKey(other)) => {
                self.same_list(&key.columns, &other.columns)
                    && self.names.is_same(&key.to_table, &other.to_table)
                    && self.same_list(&key.to_columns, &other.to_columns)
                    && (key.on_delete, key.on_update, key.deferrable)
                        == (other.on_delete, other.on_update, other.deferrable)
            }
            _ => false,
        }
    }
}

fn default(column: &Column) -> Option<String> {
    column.default.as_ref().map(|default| match default {
        DefaultValue::Expression(sql) => loose(sql),
        value => format!("{value:?}"),
    })
}

fn generated(column: &Column) -> Option<(String, bool)> {
    column.generated.as_ref().map(|Generated { expression, stored }| (loose(expression), *stored))
}

fn same_index(one: &Index, other: &Index) -> bool {
    let columns = |index: &Index| -> Vec<(String, bool, Option<String>)> {
        let column = |column: &crate::schema::op::IndexColumn| {
            let what = if column.is_expression { loose(&column.what) } else { column.what.clone() };
            (what, column.descending, column.operator_class.clone())
        };
        index.columns.iter().map(column).collect()
    };
    let method = |index: &Index| index.method.clone().filter(|method| method != "btree");
    columns(one) == columns(other)
        && (one.unique, &one.including, method(one)) == (other.unique, &other.including, method(other))
        && one.only_where.as_deref().map(loose) == other.only_where.as_deref().map(loose)
}
