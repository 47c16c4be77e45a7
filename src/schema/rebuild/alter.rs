//! One edit of the text of a CREATE TABLE.

use super::constraint::{Constraint, Rule};
use super::current::{Current, Referrer};
use super::patch::Patch;
use super::table_text::{ColumnText, Content, TableText};
use super::{Edit, Which, drop_column};
use crate::schema::model::words::{Kind, Language, words};
use crate::schema::model::{one_line, tidy, without_parentheses};

/// The text after the edit.
pub fn alter(table: &TableText<'_>, current: &Current, edit: &Edit) -> Result<String, String> {
    let mut patch = Patch::new(table.sql);
    match edit {
        Edit::AddColumn { definition } => add_column(table, &mut patch, definition)?,
        Edit::DropColumn { name } => drop_column::drop_column(table, current, &mut patch, name)?,
        Edit::SetType { column, sql_type } => {
            let column = find(table, column)?;
            let space = if column.type_at.is_empty() { " " } else { "" };
            patch.replace(column.type_at.clone(), &format!("{space}{sql_type}"));
        }
        Edit::SetNotNull { column, not_null } => set_not_null(table, &mut patch, column, *not_null)?,
        Edit::SetDefault { column, default } => set_default(table, &mut patch, column, default.as_deref())?,
        Edit::AddConstraint { definition } => add_constraint(table, &mut patch, definition)?,
        Edit::DropConstraint { which } => drop_constraint(table, current, &mut patch, which)?,
    }
    Ok(patch.applied())
}

fn find<'t>(table: &'t TableText<'_>, name: &str) -> Result<&'t ColumnText, String> {
    let found = table.column(name).map(|(_, column)| column);
    found.ok_or_else(|| {
        format!("{} has no column {name}; `.schema {}` shows those that it has", table.name, table.name)
    })
}

/// Without what stands around it: a comment could swallow what follows.
fn trimmed(definition: &str) -> &str {
    let words = words(definition, Language::Sqlite);
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => &definition[first.at..last.end()],
        _ => "",
    }
}

fn add_column(table: &TableText<'_>, patch: &mut Patch<'_>, definition: &str) -> Result<(), String> {
    let definition = trimmed(definition);
    let alone = format!("CREATE TABLE t ({definition})");
    let read = TableText::read(&alone).map_err(|why| format!("`{definition}` is no column: {why}"))?;
    let [piece] = &read.pieces[..] else { return Err(format!("`{definition}` is not one column")) };
    let Content::Column(column) = &piece.content else {
        return Err(format!("`{definition}` is a constraint, and no column"));
    };
    if table.column(&column.name).is_some() {
        return Err(format!("{} has a column {} already; alter that one", table.name, column.name));
    }
    let last = table.columns().map(|(piece, _)| piece).last().ok_or("it has no columns")?;
    patch.insert_behind(last, definition);
    Ok(())
}

fn add_constraint(table: &TableText<'_>, patch: &mut Patch<'_>, definition: &str) -> Result<(), String> {
    let definition = trimmed(definition);
    let alone = format!("CREATE TABLE t (a, {definition})");
    let read = TableText::read(&alone).map_err(|why| format!("`{definition}` is no constraint: {why}"))?;
    let mut constraints = read.constraints();
    let (Some((_, constraint)), None, 2) = (constraints.next(), constraints.next(), read.pieces.len()) else {
        return Err(format!("`{definition}` is not one constraint of a table"));
    };
    if constraint.rule.is_primary_key() && !table.primary_key().is_empty() {
        return Err(format!("{} has a primary key already; drop that one first", table.name));
    }
    if let Some(name) = &constraint.name
        && all(table).any(|(_, other)| is_named(other, name))
    {
        return Err(format!(
            "{} has a constraint {name} already; drop that one first, or take another name",
            table.name
        ));
    }
    let last = table.pieces.last().ok_or("it has no columns")?;
    patch.insert_behind(last, definition);
    Ok(())
}

fn set_not_null(
    table: &TableText<'_>,
    patch: &mut Patch<'_>,
    name: &str,
    not_null: bool,
) -> Result<(), String> {
    let column = find(table, name)?;
    let in_key = table.primary_key().iter().any(|key| key.eq_ignore_ascii_case(name));
    let is_rowid = table.rowid_alias().is_some_and(|alias| alias.name == column.name);
    if !not_null && (is_rowid || (in_key && (table.strict || table.without_rowid))) {
        return Err(format!(
            "column {name} of {} is in its primary key, and never NULL there; drop that key first",
            table.name
        ));
    }
    let says = |rule: &Rule| if not_null { *rule == Rule::Null } else { *rule == Rule::NotNull };
    for constraint in column.constraints.iter().filter(|constraint| says(&constraint.rule)) {
        patch.cut_words(constraint.at.clone());
    }
    if not_null && !column.has(|rule| *rule == Rule::NotNull) {
        patch.insert(column.type_at.end, " NOT NULL");
    }
    Ok(())
}

fn set_default(
    table: &TableText<'_>,
    patch: &mut Patch<'_>,
    name: &str,
    default: Option<&str>,
) -> Result<(), String> {
    let column = find(table, name)?;
    let found = column.constraints.iter().find_map(|constraint| match &constraint.rule {
        Rule::Default(at) => Some((constraint, at)),
        _ => None,
    });
    match (found, default) {
        (Some((_, at)), Some(default)) => patch.replace(at.clone(), &in_parentheses(default)),
        (Some((constraint, _)), None) => patch.cut_words(constraint.at.clone()),
        (None, Some(default)) => {
            patch.insert(column.type_at.end, &format!(" DEFAULT {}", in_parentheses(default)));
        }
        (None, None) => {}
    }
    Ok(())
}

/// What is no literal needs parentheses.
fn in_parentheses(default: &str) -> String {
    let default = trimmed(default);
    let words = words(default, Language::Sqlite);
    let is_simple = match &words[..] {
        // SQLite would take any other word for a text.
        [one] => {
            let known = ["NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"];
            matches!(one.kind, Kind::Text | Kind::Number) || one.is_any(&known)
        }
        [sign, number] => sign.kind == Kind::Operator && number.kind == Kind::Number,
        _ => without_parentheses(default) != default,
    };
    if is_simple { default.to_owned() } else { format!("({default})") }
}

/// Every constraint, of columns as well, with the place of its piece.
pub fn all<'t>(table: &'t TableText<'_>) -> impl Iterator<Item = (usize, &'t Constraint)> {
    table.pieces.iter().enumerate().flat_map(|(at, piece)| {
        let constraints = match &piece.content {
            Content::Column(column) => &column.constraints,
            Content::Constraints(constraints) => constraints,
        };
        constraints.iter().map(move |constraint| (at, constraint))
    })
}

fn is_named(constraint: &Constraint, name: &str) -> bool {
    constraint.name.as_ref().is_some_and(|found| found.eq_ignore_ascii_case(name))
}

fn same(some: &[String], others: &[String]) -> bool {
    some.len() == others.len() && some.iter().zip(others).all(|(one, other)| one.eq_ignore_ascii_case(other))
}

fn drop_constraint(
    table: &TableText<'_>,
    current: &Current,
    patch: &mut Patch<'_>,
    which: &Which,
) -> Result<(), String> {
    let is_it = |constraint: &Constraint| match (which, &constraint.rule) {
        (_, Rule::Nothing | Rule::Deferrable(_)) => false,
        (Which::Named(name), _) => is_named(constraint, name),
        (Which::PrimaryKey, rule) => rule.is_primary_key(),
        (Which::Unique(columns), Rule::Unique { columns: found, .. }) => same(columns, found),
        (Which::ForeignKey(columns), Rule::ForeignKey(found)) => same(columns, &found.columns),
        (Which::Check(expression), Rule::Check(at)) => {
            let form = |sql: &str| one_line(without_parentheses(&tidy(sql)));
            form(expression) == form(&table.sql[at.clone()])
        }
        _ => false,
    };
    let found: Vec<_> = all(table).filter(|(_, constraint)| is_it(constraint)).collect();
    let what = match which {
        Which::Named(name) => format!("constraint {name}"),
        Which::PrimaryKey => "primary key".to_owned(),
        Which::Unique(columns) => format!("unique constraint on ({})", columns.join(", ")),
        Which::ForeignKey(columns) => format!("foreign key on ({})", columns.join(", ")),
        Which::Check(expression) => format!("check ({expression})"),
    };
    let (piece, constraint) = match found[..] {
        [one] => one,
        [] => {
            return Err(format!(
                "{} has no {what}; `.schema {}` shows those that it has",
                table.name, table.name
            ));
        }
        _ => return Err(format!("{} has {what} more than once; rebuild it by hand", table.name)),
    };
    may_go(table, current, constraint, &what)?;
    cut(table, patch, piece, constraint);
    Ok(())
}

/// A key that something needs stays.
fn may_go(table: &TableText<'_>, current: &Current, gone: &Constraint, what: &str) -> Result<(), String> {
    let columns = match &gone.rule {
        Rule::PrimaryKey { columns, .. } | Rule::Unique { columns, .. } => columns,
        _ => return Ok(()),
    };
    if gone.rule.is_primary_key() && table.without_rowid {
        return Err(format!(
            "{} is WITHOUT ROWID, and needs its primary key; make another table",
            table.name
        ));
    }
    let among = |some: &[String], others: &[String]| {
        some.iter().all(|one| others.iter().any(|other| other.eq_ignore_ascii_case(one)))
    };
    let is_key_of = |key: &[String]| key.len() == columns.len() && among(key, columns);
    let is_replaced = all(table).any(|(_, other)| match &other.rule {
        Rule::PrimaryKey { columns: key, .. } | Rule::Unique { columns: key, .. } => {
            other.at != gone.at && is_key_of(key)
        }
        _ => false,
    });
    let referrer = current.referrers.iter().find(|referrer| {
        let is_default = referrer.columns.is_empty() && gone.rule.is_primary_key();
        is_default || (!is_replaced && is_key_of(&referrer.columns))
    });
    match referrer {
        Some(Referrer { table: other, .. }) => Err(format!(
            "{what} of {} is what a foreign key of {other} refers to; drop that foreign key first",
            table.name
        )),
        None => Ok(()),
    }
}

/// Cuts a constraint, and its piece where nothing else is in it.
pub fn cut(table: &TableText<'_>, patch: &mut Patch<'_>, piece: usize, constraint: &Constraint) {
    match &table.pieces[piece].content {
        Content::Constraints(constraints) if constraints.len() == 1 => patch.cut_pieces(table, &[piece]),
        _ => patch.cut_words(constraint.at.clone()),
    }
}
