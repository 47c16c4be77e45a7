//! A model as facts. The order of columns is none: a column that is dropped and added again stands at the
//! end. Nor is whether a constraint is validated.

use super::canonical::{one_line, type_name, without_parentheses};
use super::words::{Language, words};
use super::{Column, Facts, Generated, Identity, Index, Key, Model, Name, Table, View};
use crate::ledger::quote_name as quoted;

impl Model {
    /// One fact for each thing, with its definition in a form that does not depend on how it was written.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        for (name, table) in &self.tables {
            of_table(&mut facts, name, table);
        }
        for (name, view) in &self.views {
            of_view(&mut facts, name, view);
        }
        for (name, values) in &self.enums {
            let values: Vec<String> = values.iter().map(|value| crate::ledger::quote(value)).collect();
            insert(&mut facts, format!("enum {name}"), values.join(", "));
        }
        for extension in &self.extensions {
            insert(&mut facts, format!("extension {extension}"), String::new());
        }
        for (name, definition) in &self.others {
            insert(&mut facts, name.clone(), one_line(definition));
        }
        facts
    }
}

/// SQLite lets two unnamed constraints say the same.
fn insert(facts: &mut Facts, object: String, definition: String) {
    let mut key = object.clone();
    let mut number = 2;
    while facts.contains_key(&key) {
        key = format!("{object} ({number})");
        number += 1;
    }
    facts.insert(key, definition);
}

fn comment(facts: &mut Facts, object: &str, comment: Option<&str>) {
    if let Some(comment) = comment {
        insert(facts, format!("comment on {object}"), crate::ledger::quote(comment).replace('\n', "\\n"));
    }
}

fn of_table(facts: &mut Facts, name: &Name, table: &Table) {
    let mut is: Vec<String> = Vec::new();
    is.extend(table.unlogged.then(|| "unlogged".to_owned()));
    is.extend(table.strict.then(|| "strict".to_owned()));
    is.extend(table.without_rowid.then(|| "without rowid".to_owned()));
    is.extend(table.partition_key.as_deref().map(|key| format!("partitioned by {}", one_line(key))));
    is.extend(
        table.partition_of.as_ref().map(|part| format!("partition of {} {}", part.of, one_line(&part.bound))),
    );
    insert(facts, format!("table {name}"), is.join(", "));
    comment(facts, &format!("table {name}"), table.comment.as_deref());
    for column in &table.columns {
        let object = format!("column {name}.{}", column.name);
        comment(facts, &object, column.comment.as_deref());
        insert(facts, object, of_column(column));
    }
    if let Some(key) = &table.primary_key {
        let called = key.name.as_deref().map_or(String::new(), |name| format!("{name} "));
        let definition = format!("{called}{}", without_kind(&key.definition, "PRIMARY KEY"));
        insert(facts, format!("primary key of {name}"), definition);
    }
    for unique in &table.uniques {
        of_unique(facts, name, unique);
    }
    for check in &table.checks {
        let mut expression = one_line(without_parentheses(&check.expression));
        expression.push_str(if check.no_inherit { " NO INHERIT" } else { "" });
        match &check.name {
            Some(called) => insert(facts, format!("check {called} on {name}"), expression),
            None => insert(facts, format!("check ({expression}) on {name}"), String::new()),
        }
    }
    for key in &table.foreign_keys {
        let called = key.name.clone().unwrap_or_else(|| format!("({})", key.columns.join(", ")));
        let definition = without_kind(&key.definition, "FOREIGN KEY");
        insert(facts, format!("foreign key {called} on {name}"), definition);
    }
    for exclusion in &table.exclusions {
        let definition = without_kind(&exclusion.definition, "EXCLUDE");
        insert(facts, format!("exclusion {} on {name}", exclusion.name), definition);
    }
    of_indexes(facts, name, &table.indexes);
}

fn of_unique(facts: &mut Facts, table: &Name, unique: &Key) {
    let definition = without_kind(&unique.definition, "UNIQUE");
    let columns = format!("({})", unique.columns.join(", "));
    match &unique.name {
        Some(called) => insert(facts, format!("unique {called} on {table}"), definition),
        // What the name says already is no definition.
        None => {
            let same = format!(
                "({})",
                unique.columns.iter().map(|column| one_line(&quoted(column))).collect::<Vec<_>>().join(", ")
            );
            let definition = definition.strip_prefix(&same).unwrap_or(&definition).trim_start().to_owned();
            insert(facts, format!("unique {columns} on {table}"), definition);
        }
    }
}

fn of_indexes(facts: &mut Facts, table: &Name, indexes: &[Index]) {
    for index in indexes {
        let invalid = if index.valid { "" } else { " (invalid)" };
        let object = format!("index {} on {table}", index.name);
        comment(facts, &object, index.comment.as_deref());
        insert(facts, object, format!("{}{invalid}", index.parts.one_line()));
    }
}

fn of_view(facts: &mut Facts, name: &Name, view: &View) {
    let kind = if view.materialized { "materialized view" } else { "view" };
    let object = format!("{kind} {name}");
    comment(facts, &object, view.comment.as_deref());
    let definition = one_line(&view.definition);
    insert(facts, object, definition.trim_end_matches(';').to_owned());
    of_indexes(facts, name, &view.indexes);
}

fn of_column(column: &Column) -> String {
    let mut is = vec![type_name(&column.sql_type)];
    is.extend(column.collation.as_deref().map(|name| format!("COLLATE {}", one_line(&quoted(name)))));
    if !column.nullable {
        let conflict = column.not_null_conflict.as_deref();
        is.push("NOT NULL".to_owned());
        is.extend(conflict.map(|how| format!("ON CONFLICT {how}")));
    }
    is.extend(
        column
            .default
            .as_deref()
            .map(|default| format!("DEFAULT {}", one_line(without_parentheses(default)))),
    );
    if let Some(Generated { expression, stored }) = &column.generated {
        let how = if *stored { "STORED" } else { "VIRTUAL" };
        is.push(format!("GENERATED ALWAYS AS ({}) {how}", one_line(without_parentheses(expression))));
    }
    is.extend(column.identity.map(|identity| {
        match identity {
            Identity::Always => "GENERATED ALWAYS AS IDENTITY",
            Identity::ByDefault => "GENERATED BY DEFAULT AS IDENTITY",
            Identity::Autoincrement => "AUTOINCREMENT",
        }
        .to_owned()
    }));
    is.retain(|part| !part.is_empty());
    is.join(" ")
}

/// The object's name says which kind of constraint it is.
fn without_kind(definition: &str, kind: &str) -> String {
    let words = words(definition, Language::Standard);
    let kinds: Vec<&str> = kind.split(' ').collect();
    let is_kind = words.len() > kinds.len() && kinds.iter().zip(&words).all(|(kind, word)| word.is(kind));
    one_line(if is_kind { &definition[words[kinds.len()].at..] } else { definition })
}
