//! Tables.

use std::collections::BTreeSet;

use super::{Whole, is_plain, piece, quoted};
use crate::schema::NoCatalog;
use crate::schema::diff::from_model::{self, FromModel};
use crate::schema::emit::whole::mention::table_id;
use crate::schema::emit::whole::order::{self, Changes, Piece};
use crate::schema::emit::whole::raw;
use crate::schema::inspect::Owned;
use crate::schema::model::words::{Language, words};
use crate::schema::model::{self, Name, Table, one_line, type_name};
use crate::schema::op::{self, Constraint, DefaultValue, Op, Type};
use crate::schema::render;
use crate::store::Database;

impl Whole<'_> {
    pub fn table_piece(&self, name: &Name, table: &Table) -> Piece {
        let mut needs = BTreeSet::new();
        let indexes = table.indexes.iter().map(|index| &index.definition);
        let checks = table.checks.iter().map(|check| &check.expression);
        let others = table.exclusions.iter().map(|exclusion| &exclusion.definition);
        let columns = table.columns.iter().flat_map(|column| {
            let generated = column.generated.as_ref().map(|generated| &generated.expression);
            [Some(&column.sql_type), column.default.as_ref(), generated].into_iter().flatten()
        });
        let texts = indexes.chain(checks).chain(others).chain(columns);
        for sql in texts.chain(table.partition_key.as_ref()) {
            self.known.mentioned(sql, false, &mut needs);
        }
        needs.extend(table.partition_of.as_ref().map(|part| table_id(&part.of)));
        let refers = table.foreign_keys.iter().map(|key| table_id(&key.to)).collect();
        let made = self.table(name, table);
        let changes = Changes::Table(Box::new(move |there| made.with(there)));
        Piece { needs, refers, changes, ..piece(table_id(name), Vec::new()) }
    }

    fn table(&self, name: &Name, table: &Table) -> Made {
        let parent = table.partition_of.as_ref().and_then(|part| self.from.model.tables.get(&part.of));
        let mut made = Made::of(self.columns(name, table));
        made.is_typed = table.partition_of.is_none()
            && table.partition_key.is_none()
            && !table.columns.is_empty()
            && is_plain(name);
        self.sequences(name, table, &mut made);
        let has = |constraint: &str| parent.is_some_and(|parent| has_constraint(parent, constraint));
        if let Some(key) = &table.primary_key
            && parent.is_none_or(|parent| parent.primary_key.is_none())
        {
            let plain = format!("PRIMARY KEY ({})", render::list(&key.columns));
            match one_line(&key.definition) == one_line(&plain) {
                true => made.add(name, self.from.primary_key(name, key), &key.definition),
                false => made.add_raw(name, key.name.as_deref().unwrap_or_default(), &key.definition),
            }
        }
        for key in table.uniques.iter().filter(|key| !has(key.name.as_deref().unwrap_or_default())) {
            match from_model::unique(key) {
                Some(unique) => made.add(name, unique, &key.definition),
                None => made.add_raw(name, key.name.as_deref().unwrap_or_default(), &key.definition),
            }
        }
        for check in table.checks.iter().filter(|check| !has(check.name.as_deref().unwrap_or_default())) {
            match from_model::check(check) {
                Some(constraint) if check.validated => {
                    made.add(name, constraint, &format!("CHECK ({})", check.expression));
                }
                Some(constraint) if is_plain(name) => {
                    made.behind.push(Op::AddConstraint {
                        table: name.to_string(),
                        constraint,
                        not_valid: true,
                    });
                }
                _ => {
                    let inherit = if check.no_inherit { " NO INHERIT" } else { "" };
                    let valid = if check.validated { "" } else { " NOT VALID" };
                    let definition = format!("CHECK ({}){inherit}{valid}", check.expression);
                    made.add_raw(name, check.name.as_deref().unwrap_or_default(), &definition);
                }
            }
        }
        for exclusion in &table.exclusions {
            made.add_raw(name, &exclusion.name, &exclusion.definition);
        }
        for key in table.foreign_keys.iter().filter(|key| !has(key.name.as_deref().unwrap_or_default())) {
            made.foreign.push(self.foreign_key(name, key));
        }
        if !made.is_typed {
            made.instead = self.in_sql(name, table, &made.table);
        }
        if table.unlogged {
            made.behind.insert(0, raw(format!("ALTER TABLE {} SET UNLOGGED", quoted(name)), ""));
        }
        for index in &table.indexes {
            made.behind.extend(self.index(name, index));
        }
        made
    }

    /// The table with its columns, without constraints.
    fn columns(&self, name: &Name, table: &Table) -> op::Table {
        let column = |column: &model::Column| {
            let mut made = self.from.column(name, table, column);
            let owned = self.beyond.sequences.get(&(name.clone(), column.name.clone()));
            let is_serial = column.default.is_some() && made.default.is_none();
            if let Some(sql) = &column.default
                && (!is_serial || column.nullable || owned.is_some_and(|owned| !owned.is_usual))
            {
                made.kind = self.from.kind(&column.sql_type, false);
                made.default = Some(default(&self.from, sql, &made.kind, &column.sql_type));
            }
            made
        };
        op::Table {
            columns: table.columns.iter().map(column).collect(),
            comment: table.comment.clone(),
            ..op::Table::nothing(&name.to_string())
        }
    }

    /// Those of its columns that no type and no word makes as they are.
    fn sequences(&self, name: &Name, table: &Table, made: &mut Made) {
        for (column, made_column) in table.columns.iter().zip(&made.table.columns) {
            let key = (name.clone(), column.name.clone());
            let Some(owned) = self.beyond.sequences.get(&key) else { continue };
            let (sequence, column) = (quoted(&owned.name), render::quoted(&column.name));
            let Owned { is_identity, is_usual, definition, .. } = owned;
            if *is_identity && !is_usual {
                let usual =
                    Name { schema: name.schema.clone(), name: format!("{}_{}_seq", name.name, key.1) };
                if usual != owned.name {
                    let to = render::quoted(&owned.name.name);
                    made.behind.push(raw(format!("ALTER SEQUENCE {} RENAME TO {to}", quoted(&usual)), ""));
                }
                made.behind.push(raw(format!("ALTER SEQUENCE {sequence} {definition} RESTART"), ""));
            } else if !is_identity
                && !matches!(&made_column.kind, Type::Custom(kind) if kind.ends_with("serial"))
            {
                let drop = format!("DROP SEQUENCE IF EXISTS {sequence}");
                made.before.push(raw(format!("CREATE SEQUENCE {sequence} {definition}"), drop));
                let owner = format!("ALTER SEQUENCE {sequence} OWNED BY {}.{column}", quoted(name));
                made.behind.push(raw(owner, ""));
            }
        }
    }

    fn foreign_key(&self, name: &Name, key: &model::ForeignKey) -> Foreign {
        let target = self.from.model.tables.get(&key.to);
        let these: BTreeSet<&String> = key.to_columns.iter().collect();
        let has_key = target.is_some_and(|target| {
            let uniques = target.uniques.iter().filter(|unique| from_model::unique(unique).is_some());
            let mut keys = target.primary_key.iter().chain(uniques);
            keys.any(|other| other.columns.iter().collect::<BTreeSet<_>>() == these)
        });
        // `ON DELETE SET NULL (column)`.
        let definition = one_line(&key.definition);
        let sets_some =
            ["SET NULL (", "SET DEFAULT (", "NULL(", "DEFAULT("].iter().any(|some| definition.contains(some));
        let typed = from_model::foreign_key(key)
            .filter(|_| has_key && !sets_some && is_plain(name) && is_plain(&key.to));
        let valid = if key.validated { "" } else { " NOT VALID" };
        let called = key.name.as_deref().unwrap_or_default();
        Foreign {
            to: table_id(&key.to),
            typed,
            is_valid: key.validated,
            sql: add_constraint(name, called, &format!("{}{valid}", key.definition)),
        }
    }

    /// A table that is partitioned, or a part, or has no columns, or a name with a dot.
    fn in_sql(&self, name: &Name, table: &Table, made: &op::Table) -> Vec<Op> {
        let drop = format!("DROP TABLE {}", quoted(name));
        if let Some(part) = &table.partition_of {
            let parent = self.from.model.tables.get(&part.of);
            let same = |parent: &Table| {
                let what = |table: &Table| {
                    let columns = table.columns.iter();
                    columns
                        .map(|column| {
                            let generated = column.generated.clone();
                            (
                                column.name.clone(),
                                column.sql_type.clone(),
                                column.default.clone(),
                                column.nullable,
                                generated,
                            )
                        })
                        .collect::<Vec<_>>()
                };
                what(parent) == what(table)
            };
            let by =
                table.partition_key.as_ref().map(|key| format!(" PARTITION BY {key}")).unwrap_or_default();
            if parent.is_some_and(same) {
                let sql = quoted(name);
                let up = format!("CREATE TABLE {sql} PARTITION OF {} {}{by}", quoted(&part.of), part.bound);
                return with_comments(raw(up, drop), name, made);
            }
            let attach =
                format!("ALTER TABLE {} ATTACH PARTITION {} {}", quoted(&part.of), quoted(name), part.bound);
            let up = format!("{}{by}", create(name, made));
            return with_comments(raw(up, drop), name, made).into_iter().chain([raw(attach, "")]).collect();
        }
        let by = table.partition_key.as_ref().map(|key| format!(" PARTITION BY {key}")).unwrap_or_default();
        with_comments(raw(format!("{}{by}", create(name, made)), drop), name, made)
    }
}

fn with_comments(first: Op, name: &Name, table: &op::Table) -> Vec<Op> {
    let of_table =
        table.comment.iter().map(|text| format!("TABLE {} IS {}", quoted(name), render::text(text)));
    let of_columns = table.columns.iter().filter_map(|column| {
        let text = render::text(column.comment.as_ref()?);
        Some(format!("COLUMN {}.{} IS {text}", quoted(name), render::quoted(&column.name)))
    });
    let comments = of_table.chain(of_columns).map(|what| raw(format!("COMMENT ON {what}"), ""));
    std::iter::once(first).chain(comments).collect()
}

/// `CREATE TABLE` alone.
fn create(name: &Name, table: &op::Table) -> String {
    if table.columns.is_empty() {
        return format!("CREATE TABLE {} ()", quoted(name));
    }
    let table = op::Table { comment: None, ..table.clone() };
    let written = format!("CREATE TABLE {}", render::qualified(&table.name));
    let statements = render::statements(&Op::CreateTable(table), Database::Postgres, &mut NoCatalog);
    let sql = statements.unwrap_or_default().into_iter().next().unwrap_or_default();
    sql.strip_prefix(&written).map_or(sql.clone(), |rest| format!("CREATE TABLE {}{rest}", quoted(name)))
}

fn add_constraint(table: &Name, name: &str, definition: &str) -> Op {
    let (table, name) = (quoted(table), render::quoted(name));
    raw(
        format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"),
        format!("ALTER TABLE {table} DROP CONSTRAINT {name}"),
    )
}

fn has_constraint(table: &Table, name: &str) -> bool {
    let keys = table.uniques.iter().map(|key| &key.name);
    let checks = table.checks.iter().map(|check| &check.name);
    let foreign = table.foreign_keys.iter().map(|key| &key.name);
    keys.chain(checks).chain(foreign).flatten().any(|other| other == name)
}

/// What rendering it makes of it again; else as it is.
fn default(from: &FromModel<'_>, sql: &str, kind: &Type, sql_type: &str) -> DefaultValue {
    let exact = DefaultValue::Expression(sql.to_owned());
    let value = from.default(sql, kind);
    let found = words(sql, Language::Standard);
    let cast = found.iter().position(|word| word.text == "::").map(|at| type_name(&sql[found[at].end()..]));
    // What is cast to the type of the column is cast so without being told.
    let base = |written: &str| type_name(written.split('(').next().unwrap_or_default().trim_end());
    let is_own = |cast: &str| {
        cast == base(sql_type)
            || cast == type_name(sql_type)
            || (cast == "bpchar" && base(sql_type) == "character")
    };
    match (&value, cast) {
        (DefaultValue::Text(_), Some(cast)) if is_own(&cast) => value,
        (DefaultValue::Integer(number), Some(cast)) if *number < 0 && cast == "integer" => value,
        (DefaultValue::Integer(_) | DefaultValue::Boolean(_) | DefaultValue::Now, None) => value,
        _ => exact,
    }
}

/// What makes a table.
#[derive(Debug)]
struct Made {
    before: Vec<Op>,
    /// With all that can be said of it.
    table: op::Table,
    is_typed: bool,
    /// In the place of a typed table.
    instead: Vec<Op>,
    /// Constraints of a table in SQL, or that no change says.
    raw: Vec<Op>,
    behind: Vec<Op>,
    foreign: Vec<Foreign>,
}

/// A foreign key.
#[derive(Debug)]
struct Foreign {
    to: String,
    typed: Option<Constraint>,
    is_valid: bool,
    sql: Op,
}

impl Made {
    fn of(table: op::Table) -> Self {
        let (before, instead, raw, behind, foreign) = Default::default();
        Self { before, table, is_typed: false, instead, raw, behind, foreign }
    }

    /// Behind its column where it is about one, and in SQL where the table is.
    fn add(&mut self, table: &Name, constraint: Constraint, definition: &str) {
        let called = constraint.name_on(&table.name);
        if !self.is_typed {
            self.add_raw(table, &called, definition);
            return;
        }
        let own = self.table.columns.iter_mut().find(|column| match &constraint {
            Constraint::PrimaryKey { name: Some(_), .. } | Constraint::ForeignKey(_) => false,
            Constraint::Check { .. } => called == format!("{}_{}_check", table.name, column.name),
            keyed => *keyed.columns() == [column.name.clone()],
        });
        match own {
            Some(column) => column.constraints.push(constraint),
            None => self.table.constraints.push(constraint),
        }
    }

    fn add_raw(&mut self, table: &Name, name: &str, definition: &str) {
        self.raw.push(add_constraint(table, name, definition));
    }

    /// With the foreign keys to what is there. Those to other tables wait, and so do those to what is unique by an
    /// index.
    fn with(&self, there: &BTreeSet<String>) -> order::Table {
        let mut made = order::Table::default();
        let mut table = self.table.clone();
        for key in &self.foreign {
            let is_there = there.contains(&key.to);
            match &key.typed {
                Some(constraint) if is_there && key.is_valid && self.is_typed => {
                    let own = match constraint.columns() {
                        [only] => table.columns.iter_mut().find(|column| column.name == *only),
                        _ => None,
                    };
                    let is_first = |column: &op::Column| {
                        !column.constraints.iter().any(|one| matches!(one, Constraint::ForeignKey(_)))
                    };
                    match own {
                        Some(column) if is_first(column) => column.constraints.push(constraint.clone()),
                        _ => table.constraints.push(constraint.clone()),
                    }
                }
                Some(constraint) => made.later.push(Op::AddConstraint {
                    table: self.table.name.clone(),
                    constraint: constraint.clone(),
                    not_valid: !key.is_valid,
                }),
                None => made.later.push(key.sql.clone()),
            }
        }
        made.now.extend(self.before.iter().cloned());
        match self.is_typed {
            true => made.now.push(Op::CreateTable(table)),
            false => made.now.extend(self.instead.iter().cloned()),
        }
        made.now.extend(self.raw.iter().chain(&self.behind).cloned());
        made
    }
}
