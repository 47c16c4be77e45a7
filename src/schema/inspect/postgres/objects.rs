//! What is no table and no view.

use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::queries::Queries;
use super::{name, quoted};
use crate::schema::model::words::{Language, words};
use crate::schema::model::{MadeBy, Model};
use crate::schema::render::quoted as quoted_name;

#[derive(QueryableByName)]
struct TypeRow {
    #[diesel(sql_type = Nullable<Text>)]
    schema: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    base: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    not_null: Option<bool>,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
    /// A check of a domain.
    #[diesel(sql_type = Nullable<Text>)]
    definition: Option<String>,
}

/// Enums and domains.
pub fn add_types(conn: &mut PgConnection, queries: Queries, model: &mut Model) -> QueryResult<()> {
    let rows: Vec<TypeRow> = sql_query(queries.types()).load(conn)?;
    for row in rows {
        let called = name(row.schema, row.name);
        if row.kind == "e" {
            model.enums.entry(called).or_default().extend(row.value);
            continue;
        }
        let domain = model.others.entry(format!("domain {called}")).or_insert_with(|| {
            let mut domain = row.base.unwrap_or_default();
            if let Some(default) = row.default_value {
                domain.push_str(" DEFAULT ");
                domain.push_str(&default);
            }
            if row.not_null == Some(true) {
                domain.push_str(" NOT NULL");
            }
            domain
        });
        if let Some(check) = row.definition {
            domain.push(' ');
            domain.push_str(check.strip_suffix(" NOT VALID").unwrap_or(&check));
        }
        let domain = domain.clone();
        let up = vec![format!("CREATE DOMAIN {} AS {domain}", quoted(&called))];
        let down = format!("DROP DOMAIN {}", quoted(&called));
        model.made_by.insert(format!("domain {called}"), MadeBy { up, down });
    }
    Ok(())
}

#[derive(QueryableByName)]
struct SequenceRow {
    #[diesel(sql_type = Nullable<Text>)]
    schema: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

pub fn add_sequences(conn: &mut PgConnection, queries: Queries, model: &mut Model) -> QueryResult<()> {
    let rows: Vec<SequenceRow> = sql_query(queries.sequences()).load(conn)?;
    for row in rows {
        let called = name(row.schema, row.name);
        let up = vec![format!("CREATE SEQUENCE {} {}", quoted(&called), row.definition)];
        let down = format!("DROP SEQUENCE {}", quoted(&called));
        model.made_by.insert(format!("sequence {called}"), MadeBy { up, down });
        model.others.insert(format!("sequence {called}"), row.definition);
    }
    Ok(())
}

#[derive(QueryableByName)]
struct FunctionRow {
    #[diesel(sql_type = Nullable<Text>)]
    schema: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    arguments: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    definition: Option<String>,
}

pub fn add_functions(conn: &mut PgConnection, queries: Queries, model: &mut Model) -> QueryResult<()> {
    let rows: Vec<FunctionRow> = sql_query(queries.functions()).load(conn)?;
    for row in rows {
        let called = name(row.schema, row.name);
        let what = if row.kind == "p" { "procedure" } else { "function" };
        let definition = behind_name(&row.definition.unwrap_or_default());
        let arguments = row.arguments.unwrap_or_default();
        let (kind, sql) = (what.to_ascii_uppercase(), quoted(&called));
        let up = vec![format!("CREATE {kind} {sql}{definition}")];
        let made = MadeBy { up, down: format!("DROP {kind} {sql}({arguments})") };
        model.made_by.insert(format!("{what} {called}({arguments})"), made);
        model.others.insert(format!("{what} {called}({arguments})"), definition);
    }
    Ok(())
}

/// What a `CREATE …` says behind the name: in another schema, it is the same.
fn behind_name(definition: &str) -> String {
    let words = words(definition, Language::Standard);
    let kind = words.iter().position(|word| word.is_any(&["FUNCTION", "PROCEDURE", "TRIGGER"]));
    let Some([name, next, rest @ ..]) = kind.and_then(|kind| words.get(kind + 1..)) else {
        return definition.to_owned();
    };
    let end = match rest {
        [last, ..] if next.is_mark('.') => last.end(),
        _ => name.end(),
    };
    definition[end..].trim().to_owned()
}

#[derive(QueryableByName)]
struct TriggerRow {
    #[diesel(sql_type = Nullable<Text>)]
    schema: Option<String>,
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
    #[diesel(sql_type = Text)]
    enabled: String,
}

pub fn add_triggers(conn: &mut PgConnection, queries: Queries, model: &mut Model) -> QueryResult<()> {
    let rows: Vec<TriggerRow> = sql_query(queries.triggers()).load(conn)?;
    for row in rows {
        let of = name(row.schema, row.of);
        let how = match row.enabled.as_str() {
            "D" => " (disabled)",
            "R" => " (on replicas)",
            "A" => " (always)",
            _ => "",
        };
        let (table, trigger) = (quoted(&of), quoted_name(&row.name));
        let mut up = vec![row.definition.clone()];
        let enabled = match row.enabled.as_str() {
            "D" => Some("DISABLE"),
            "R" => Some("ENABLE REPLICA"),
            "A" => Some("ENABLE ALWAYS"),
            _ => None,
        };
        up.extend(enabled.map(|how| format!("ALTER TABLE {table} {how} TRIGGER {trigger}")));
        let called = format!("trigger {} on {of}", row.name);
        let down = format!("DROP TRIGGER {trigger} ON {table}");
        model.made_by.insert(called.clone(), MadeBy { up, down });
        model.others.insert(called, format!("{}{how}", behind_name(&row.definition)));
    }
    Ok(())
}

#[derive(QueryableByName)]
struct ExtensionRow {
    #[diesel(sql_type = Text)]
    name: String,
}

/// All but the one that every database has.
pub fn add_extensions(conn: &mut PgConnection, model: &mut Model) -> QueryResult<()> {
    let query = "SELECT extname::TEXT AS name FROM pg_extension WHERE extname <> 'plpgsql'";
    let rows: Vec<ExtensionRow> = sql_query(query).load(conn)?;
    model.extensions.extend(rows.into_iter().map(|row| row.name));
    Ok(())
}
