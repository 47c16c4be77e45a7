//! SQLite's schema, from the texts that it keeps: the pragmas do not tell names of constraints, checks,
//! collations, or what is deferred.

use std::collections::BTreeSet;

use diesel::result::Error;
use diesel::sql_types::Text;
use diesel::{QueryResult, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::sqlite_table;
use crate::ledger::ledgers;
use crate::schema::model::index_text::IndexText;
use crate::schema::model::words::{Language, words};
use crate::schema::model::{Column, Index, MadeBy, Model, Name, View, tidy};
use crate::schema::rebuild::{Cursor, TEMPORARY, quoted};

#[derive(QueryableByName)]
struct Object {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// The table of an index, and of a trigger.
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

#[derive(QueryableByName)]
struct Shadow {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct ViewColumn {
    #[diesel(sql_type = Text)]
    view: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql_type: String,
}

/// The schema of the main database, without the ledger.
///
/// # Errors
///
/// Those of SQLite, and a text of which this does not understand what it says.
pub fn inspect(conn: &mut SqliteConnection) -> QueryResult<Model> {
    let objects = objects(conn)?;
    let mut model = Model::default();
    for object in objects.iter().filter(|object| object.kind == "table") {
        if is_virtual(object) {
            let (name, definition) = (&object.name, behind_name(object));
            model.others.insert(format!("virtual table {name}"), definition);
        } else {
            let table = sqlite_table::read(&object.sql).map_err(|why| not_understood(object, &why))?;
            model.tables.insert(Name::new(&object.name), table);
        }
    }
    model.made_by = objects.iter().map(made_by).collect();
    sqlite_table::resolve_keys(&mut model.tables);
    for object in objects.iter().filter(|object| object.kind == "view") {
        model.views.insert(Name::new(&object.name), view(object));
    }
    for object in &objects {
        match object.kind.as_str() {
            "index" => add_index(&mut model, object)?,
            "trigger" => {
                let name = format!("trigger {} on {}", object.name, object.of);
                model.others.insert(name, behind_name(object));
            }
            _ => {}
        }
    }
    for column in view_columns(conn, &objects)? {
        let name = Name::new(column.view);
        let found =
            Column { name: column.name, sql_type: column.sql_type, nullable: true, ..Column::default() };
        if let Some(view) = model.views.get_mut(&name) {
            view.columns.push(found);
        }
    }
    Ok(model)
}

/// All that has a text, in the order in which it was made.
fn objects(conn: &mut SqliteConnection) -> QueryResult<Vec<Object>> {
    let mut objects: Vec<Object> = sql_query(
        "SELECT type AS kind, name, tbl_name AS of, sql FROM main.sqlite_master WHERE sql IS NOT NULL ORDER BY rowid",
    )
    .load(conn)?;
    let ledgers = ledgers();
    let is_ours =
        |name: &str| ledgers.contains(&name) || name.starts_with(TEMPORARY) || name.starts_with("sqlite_");
    objects.retain(|object| !is_ours(&object.of));
    // What a virtual table keeps its rows in belongs to it.
    if objects.iter().any(is_virtual) {
        let shadows: Vec<Shadow> =
            sql_query("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'")
                .load(conn)?;
        let shadows: BTreeSet<String> = shadows.into_iter().map(|shadow| shadow.name).collect();
        objects.retain(|object| !shadows.contains(&object.of));
    }
    Ok(objects)
}

fn is_virtual(object: &Object) -> bool {
    let words = words(&object.sql, Language::Sqlite);
    object.kind == "table" && words.get(1).is_some_and(|word| word.is("VIRTUAL"))
}

fn not_understood(object: &Object, why: &str) -> Error {
    Error::DeserializationError(
        format!("the text of {} {} in sqlite_master is not understood: {why}", object.kind, object.name)
            .into(),
    )
}

/// Its name in `made_by`, and its text.
fn made_by(object: &Object) -> (String, MadeBy) {
    let Object { kind, name, of, .. } = object;
    let called = match kind.as_str() {
        "trigger" => format!("trigger {name} on {of}"),
        "table" if is_virtual(object) => format!("virtual table {name}"),
        _ => format!("{kind} {name}"),
    };
    let down = format!("DROP {} {}", kind.to_ascii_uppercase(), quoted(name));
    (called, MadeBy { up: vec![object.sql.clone()], down })
}

/// What a `CREATE …` says behind the name, in one line.
fn behind_name(object: &Object) -> String {
    let words = words(&object.sql, Language::Sqlite);
    let mut cursor = Cursor::new(&words);
    while let Some(word) = cursor.next() {
        if word.is_any(&["VIEW", "TRIGGER", "TABLE"]) {
            break;
        }
    }
    cursor.takes(&["IF", "NOT", "EXISTS"]);
    cursor.next();
    if cursor.takes_mark('.') {
        cursor.next();
    }
    tidy(&object.sql[cursor.end()..])
}

fn view(object: &Object) -> View {
    let text = behind_name(object);
    let is_as = text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("AS "));
    let definition = if is_as { text[3..].to_owned() } else { text };
    View { definition, ..View::default() }
}

fn add_index(model: &mut Model, object: &Object) -> QueryResult<()> {
    let definition = tidy(&object.sql);
    let parts = IndexText::read(&definition, Language::Standard)
        .ok_or_else(|| not_understood(object, "it has no columns"))?;
    let index = Index { name: object.name.clone(), definition, parts, valid: true, comment: None };
    let table = model.tables.get_mut(&Name::new(&object.of));
    table.ok_or_else(|| not_understood(object, "there is no such table"))?.indexes.push(index);
    Ok(())
}

/// Those of the views whose queries work. One that does not would take the others with it.
fn view_columns(conn: &mut SqliteConnection, objects: &[Object]) -> QueryResult<Vec<ViewColumn>> {
    let views: Vec<&str> =
        objects.iter().filter(|object| object.kind == "view").map(|object| object.name.as_str()).collect();
    if views.is_empty() {
        return Ok(Vec::new());
    }
    let query = "SELECT m.name AS view, x.name AS name, x.type AS sql_type FROM main.sqlite_master AS m \
                 JOIN pragma_table_xinfo(m.name) AS x WHERE m.type = 'view'";
    if let Ok(columns) = sql_query(format!("{query} ORDER BY m.name, x.cid")).load(conn) {
        return Ok(columns);
    }
    let mut found = Vec::new();
    for view in views {
        let of_view = sql_query(format!("{query} AND m.name = ? ORDER BY x.cid")).bind::<Text, _>(view);
        found.extend(of_view.load::<ViewColumn>(conn).unwrap_or_default());
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
