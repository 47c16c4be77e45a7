//! The ledger of another tool: where it is, and what its rows say, whatever they look like.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;

use super::{LEDGER, Tool, quote, timestamp};
use crate::migration::number_of;

/// The ledger of another tool, in a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Foreign {
    /// Whose it is.
    pub tool: Tool,
    /// Its table.
    pub table: String,
    /// Where that is, on databases with schemas: as it is in the catalog.
    #[serde(skip)]
    pub(crate) schema: String,
    /// All columns of it.
    #[serde(skip)]
    pub(crate) columns: Vec<String>,
    /// By what name somebody asked for it, where that was said: the table's, perhaps with its schema.
    #[serde(skip)]
    pub(crate) named: Option<String>,
    /// Whether it has the name, and the place, that our own ledger needs.
    #[serde(skip)]
    pub(crate) is_in_the_way: bool,
}

impl Foreign {
    /// What its table is called afterwards, where it has to make room.
    pub(crate) fn moves_to(&self) -> Option<&'static str> {
        self.tool.table_beside().filter(|_| self.is_in_the_way)
    }

    /// Whether our own ledger takes its place, or has begun to.
    pub(crate) fn makes_room(&self) -> bool {
        self.moves_to().is_some() || Some(self.table.as_str()) == self.tool.table_beside()
    }
}

/// The names that a table of another tool can have, as a list in SQL or CQL; or the one that was said.
pub fn names(named: Option<&str>) -> String {
    named.map_or_else(|| Tool::tables().into_iter().map(quote).collect::<Vec<_>>().join(", "), quote)
}

/// Whose ledgers tables are, of which there are schemas, names and columns. One in the place of our own, which is
/// `own_schema`, goes over others of its tool. Of tables that were found since somebody `named` them, the columns alone
/// say whose they are.
pub fn ledgers(
    columns: impl Iterator<Item = (String, String, String)>,
    own_schema: &str,
    named: Option<&str>,
    is_meant: fn(Tool) -> bool,
) -> Vec<Foreign> {
    let mut tables: Vec<((String, String), Vec<String>)> = Vec::new();
    for (schema, table, column) in columns {
        let key = (schema, table);
        match tables.iter_mut().find(|(known, _)| *known == key) {
            Some((_, columns)) => columns.push(column),
            None => tables.push((key, vec![column])),
        }
    }
    tables.sort_by_key(|((schema, _), _)| schema != own_schema);
    let is_own = |schema: &str, table: &str| table == LEDGER && schema == own_schema;
    let of = |table: &str, columns: &[String]| match named {
        Some(_) => Tool::of_columns(columns),
        None => Tool::of_table(table, columns),
    };
    let is_ours =
        tables.iter().any(|((schema, table), columns)| is_own(schema, table) && of(table, columns).is_none());
    let mut found: Vec<Foreign> = Vec::new();
    for ((schema, table), columns) in tables {
        let tool = of(&table, &columns).filter(|tool| is_meant(*tool));
        let Some(tool) = tool.filter(|tool| found.iter().all(|known| known.tool != *tool)) else { continue };
        // What has made room for a ledger that is there is taken over.
        if is_ours && Some(table.as_str()) == tool.table_beside() {
            continue;
        }
        let is_in_the_way = is_own(&schema, &table);
        let named = named.map(str::to_owned);
        found.push(Foreign { tool, table, schema, columns, named, is_in_the_way });
    }
    found
}

/// One row of it, as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    pub version: Option<String>,
    pub name: Option<String>,
    pub at: Option<String>,
    pub checksum: Option<String>,
    pub flag: Option<String>,
    pub duration: Option<String>,
    pub service: Option<String>,
}

/// A migration that another tool has entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// As it calls it.
    pub version: String,
    /// By what a list can have it, too.
    pub number: Option<i64>,
    pub name: Option<String>,
    /// In UTC, as the ledger writes times.
    pub at: Option<String>,
    /// In hexadecimal digits, or however the tool has it.
    pub checksum: Option<String>,
    /// It ended in the middle, as far as the tool itself knows.
    pub is_dirty: bool,
    /// So many of its statements are done, where the tool counts them.
    pub statements: Option<u64>,
    pub duration_ms: Option<i64>,
}

impl Recorded {
    /// As a person reads it: what it is called there.
    pub fn shown(&self) -> String {
        match &self.name {
            Some(name) if *name != self.version => format!("{} ({name})", self.version),
            _ => self.version.clone(),
        }
    }
}

/// What the rows say, in the order in which the tool has them. `service` is whose they are, where several share the
/// table; empty for the only one. The error is the services that it could be.
pub fn recorded(tool: Tool, mut rows: Vec<Texts>, service: &str) -> Result<Vec<Recorded>, Vec<String>> {
    if tool == Tool::Link {
        rows = of_service(rows, service)?;
    }
    if tool == Tool::Goose {
        rows = newest(rows);
    }
    Ok(rows.into_iter().map(|row| one(tool, row)).collect())
}

fn of_service(rows: Vec<Texts>, service: &str) -> Result<Vec<Texts>, Vec<String>> {
    let of = |row: &Texts| row.service.clone().unwrap_or_default();
    if service.is_empty() {
        let mut services: Vec<String> = rows.iter().map(of).collect();
        services.sort();
        services.dedup();
        return if services.len() > 1 { Err(services) } else { Ok(rows) };
    }
    Ok(rows.into_iter().filter(|row| of(row) == service).collect())
}

/// Older versions of goose enter a rollback as a row of its own; and the first row of all is no migration's.
fn newest(rows: Vec<Texts>) -> Vec<Texts> {
    let mut newest: Vec<Texts> = Vec::new();
    for row in rows {
        newest.retain(|before| before.version != row.version);
        if row.version.as_deref() != Some("0") {
            newest.push(row);
        }
    }
    newest.retain(|row| is_true(row.flag.as_deref()));
    newest
}

fn one(tool: Tool, row: Texts) -> Recorded {
    let flag = row.flag.as_deref();
    let is_dirty = match tool {
        Tool::GolangMigrate => is_true(flag),
        Tool::Sqlx | Tool::Script => flag.is_some() && !is_true(flag),
        _ => false,
    };
    let duration = row.duration.and_then(|duration| duration.trim().parse::<i64>().ok());
    let duration = duration.filter(|duration| *duration >= 0);
    let name = row.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let version = row.version.or_else(|| name.clone()).unwrap_or_default();
    let number = version.parse().ok().or_else(|| i64::try_from(number_of(&version)?).ok());
    Recorded {
        number,
        at: row.at.as_deref().and_then(time),
        checksum: row.checksum.map(|checksum| checksum.trim().to_lowercase()).filter(|sum| !sum.is_empty()),
        is_dirty,
        statements: flag.filter(|_| tool == Tool::Gocqlx).and_then(|done| done.parse().ok()),
        duration_ms: if tool == Tool::Sqlx { duration.map(|nanos| nanos / 1_000_000) } else { duration },
        version,
        name,
    }
}

/// As any of the databases, and any program, writes it.
fn is_true(flag: Option<&str>) -> bool {
    flag.is_some_and(|flag| ["1", "t", "true", "success", "applied"].contains(&flag.to_lowercase().as_str()))
}

/// A time as a database, or a program that wrote it as a text, shows it. One without a zone is in UTC, as
/// `CURRENT_TIMESTAMP` is on SQLite, and on a server that nobody gave another one.
pub fn time(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    if let Ok(number) = text.parse::<i64>() {
        // Seconds, or milliseconds: those of 1971 are seconds of the year 2973.
        let at = if number.abs() < 31_536_000_000 {
            DateTime::from_timestamp(number, 0)
        } else {
            DateTime::from_timestamp_millis(number)
        };
        return at.map(timestamp);
    }
    let zoned = ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z"];
    let zoned = zoned.iter().find_map(|format| DateTime::parse_from_str(text, format).ok());
    let plain = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    let plain = || plain.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let at = zoned
        .map(|at| at.with_timezone(&Utc))
        .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc)))
        .or_else(|| plain().map(|at| at.and_utc()));
    at.map(timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(version: &str, flag: &str) -> Texts {
        Texts { version: Some(version.to_owned()), flag: Some(flag.to_owned()), ..Texts::default() }
    }

    fn versions(tool: Tool, rows: Vec<Texts>) -> Vec<String> {
        recorded(tool, rows, "").unwrap().into_iter().map(|row| row.version).collect()
    }

    fn there(tables: &[(&str, &str, &[&str])]) -> Vec<(Tool, String, bool)> {
        let columns = tables.iter().flat_map(|(schema, table, columns)| {
            columns.iter().map(|column| ((*schema).to_owned(), (*table).to_owned(), (*column).to_owned()))
        });
        let found = ledgers(columns, "public", None, |tool| tool != Tool::Gocqlx).into_iter();
        found.map(|from| (from.tool, format!("{}.{}", from.schema, from.table), from.is_in_the_way)).collect()
    }

    #[test]
    fn a_table_that_has_made_room_is_one_as_long_as_our_ledger_is_not_there() {
        let (golang, ours): (&[&str], &[&str]) = (&["version", "dirty"], &["id", "name", "hash"]);
        let beside = "schema_migrations_golang_migrate";
        let found = |of: &str, is_in_the_way| vec![(Tool::GolangMigrate, of.to_owned(), is_in_the_way)];
        let own = there(&[("public", "schema_migrations", golang)]);
        assert_eq!(own, found("public.schema_migrations", true));
        let other = there(&[("other", "schema_migrations", golang), ("public", "schema_migrations", ours)]);
        assert_eq!(other, found("other.schema_migrations", false), "where ours is in no way");
        let moved = there(&[("public", beside, golang)]);
        assert_eq!(moved, found(&format!("public.{beside}"), false));
        let adopted = there(&[("public", "schema_migrations", ours), ("public", beside, golang)]);
        assert_eq!(adopted, []);
    }

    #[test]
    fn one_in_our_own_schema_goes_over_another() {
        let diesel: &[&str] = &["version", "run_on"];
        let (public, other) =
            (("public", "__diesel_schema_migrations", diesel), ("a", "__diesel_schema_migrations", diesel));
        let wanted = [(Tool::Diesel, "public.__diesel_schema_migrations".to_owned(), false)];
        assert_eq!(there(&[other, public]), wanted);
        let gocqlx: &[&str] = &["name", "checksum", "done", "start_time", "end_time"];
        assert_eq!(there(&[("public", "gocqlx_migrate", gocqlx)]), [], "of another kind of database");
    }

    #[test]
    fn times_are_read_however_they_are_written() {
        let wanted = Some("2024-12-27T10:15:00.000Z".to_owned());
        for text in [
            "2024-12-27 10:15:00",
            "2024-12-27T10:15:00",
            "2024-12-27 10:15:00.000000",
            "2024-12-27 10:15:00+00",
            "2024-12-27 12:15:00.000+02",
            "2024-12-27 12:15:00+02:00",
            "2024-12-27T10:15:00Z",
            "2024-12-27T11:15:00.000+01:00",
            "2024-12-27 10:15:00 +0000 UTC",
            "1735294500",
            "1735294500000",
            " 2024-12-27 10:15:00 ",
        ] {
            assert_eq!(time(text), wanted, "{text}");
        }
        assert_eq!(time("2024-12-27 10:15:00.123456+00").as_deref(), Some("2024-12-27T10:15:00.123Z"));
        for text in ["", "infinity", "manual", "2024-12-27"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn of_goose_the_newest_row_of_a_version_counts_and_zero_is_none() {
        let rows =
            vec![row("0", "1"), row("1", "true"), row("2", "1"), row("1", "f"), row("3", "t"), row("1", "1")];
        assert_eq!(versions(Tool::Goose, rows), ["2", "3", "1"], "in the order of application");
        let undone = vec![row("0", "t"), row("1", "t"), row("1", "f")];
        assert!(versions(Tool::Goose, undone).is_empty());
    }

    #[test]
    fn what_is_dirty_is_said_by_each_tool_in_its_own_way() {
        let is_dirty = |tool, flag: &str| recorded(tool, vec![row("7", flag)], "").unwrap()[0].is_dirty;
        assert!(is_dirty(Tool::GolangMigrate, "true") && is_dirty(Tool::GolangMigrate, "1"));
        assert!(!is_dirty(Tool::GolangMigrate, "0"));
        assert!(is_dirty(Tool::Sqlx, "f") && !is_dirty(Tool::Sqlx, "true"));
        let none = recorded(Tool::Script, vec![Texts { flag: None, ..row("a", "") }], "").unwrap();
        assert!(!none[0].is_dirty, "who does not say it is not dirty");
    }

    #[test]
    fn services_that_share_a_table_are_told_apart() {
        let of =
            |service: &str, version: &str| Texts { service: Some(service.to_owned()), ..row(version, "") };
        let rows = || vec![of("chat", "1"), of("ai", "1"), of("chat", "2")];
        let chat = recorded(Tool::Link, rows(), "chat").unwrap();
        assert_eq!(chat.iter().map(|row| row.number).collect::<Vec<_>>(), [Some(1), Some(2)]);
        assert_eq!(recorded(Tool::Link, rows(), "").unwrap_err(), ["ai", "chat"]);
        assert_eq!(recorded(Tool::Link, vec![of("chat", "1")], "").unwrap().len(), 1);
        assert!(recorded(Tool::Link, rows(), "video").unwrap().is_empty());
    }

    #[test]
    fn durations_are_in_the_units_of_their_tool() {
        let of = |tool, duration: &str| {
            let rows = vec![Texts { duration: Some(duration.to_owned()), ..row("1", "t") }];
            recorded(tool, rows, "").unwrap()[0].duration_ms
        };
        assert_eq!(of(Tool::Sqlx, "12500000"), Some(12));
        assert_eq!(of(Tool::Sqlx, "-1"), None, "it was never entered");
        assert_eq!(of(Tool::Script, "12"), Some(12));
    }
}
