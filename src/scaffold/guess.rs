//! What a migration is to do, as far as its name says so.

/// One change that a name says clearly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// `create_videos`, `create_videos_table`.
    CreateTable { table: String },
    /// `rename_videos_to_films`.
    RenameTable { from: String, to: String },
    /// `add_slug_to_videos`.
    AddColumn { table: String, column: String },
    /// `drop_slug_from_videos`, `remove_slug_from_videos`.
    DropColumn { table: String, column: String },
    /// `rename_title_to_headline_in_videos`.
    RenameColumn { table: String, from: String, to: String },
    /// `add_index_on_slug_to_videos`, `create_unique_index_videos_on_slug`; several columns with `_and_`.
    CreateIndex { table: String, columns: Vec<String>, unique: bool },
}

/// What is made, too, and is no table.
const NO_TABLE: [&str; 15] = [
    "constraint",
    "enum",
    "extension",
    "foreign",
    "function",
    "index",
    "keyspace",
    "materialized",
    "schema",
    "sequence",
    "table",
    "trigger",
    "type",
    "unique",
    "view",
];

/// A word of a name that is not one column's.
const NO_COLUMN: [&str; 10] =
    ["and", "check", "columns", "constraint", "default", "index", "key", "null", "unique", "value"];

impl Guess {
    /// What the name says, where it says enough.
    pub fn of(name: &str) -> Option<Self> {
        let (verb, rest) = name.split_once('_')?;
        match verb {
            "create" => index(rest).or_else(|| table(rest)),
            "add" => index(rest).or_else(|| {
                let (column, table) = column_of(rest, "_to_")?;
                Some(Self::AddColumn { table, column })
            }),
            "drop" | "remove" => {
                let (column, table) = column_of(rest, "_from_")?;
                Some(Self::DropColumn { table, column })
            }
            "rename" => renamed(rest),
            _ => None,
        }
    }
}

fn table(rest: &str) -> Option<Guess> {
    let table = rest.strip_suffix("_table").unwrap_or(rest);
    let is_other = table.split('_').next().is_none_or(|first| NO_TABLE.contains(&first));
    (!is_other).then(|| Guess::CreateTable { table: table.to_owned() })
}

/// The column before the last such word, and the table behind it.
fn column_of(rest: &str, between: &str) -> Option<(String, String)> {
    let (column, table) = rest.rsplit_once(between)?;
    let is_other = column.split('_').any(|word| NO_COLUMN.contains(&word));
    (!is_other && !column.is_empty()).then(|| (column.to_owned(), without_table(table)))
}

fn index(rest: &str) -> Option<Guess> {
    let (rest, unique) = match rest.strip_prefix("unique_") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let rest = rest.strip_prefix("index_")?;
    let (columns, table) = match rest.strip_prefix("on_") {
        Some(rest) => rest.rsplit_once("_to_")?,
        None => {
            let (table, columns) = rest.strip_prefix("to_").unwrap_or(rest).split_once("_on_")?;
            (columns, table)
        }
    };
    let columns = columns.split("_and_").map(str::to_owned).collect();
    Some(Guess::CreateIndex { table: without_table(table), columns, unique })
}

fn renamed(rest: &str) -> Option<Guess> {
    let rest = rest.strip_prefix("column_").unwrap_or(rest);
    let (from, to) = rest.split_once("_to_")?;
    let to_and_table = ["_in_", "_on_", "_of_"].iter().find_map(|between| to.rsplit_once(between));
    let is_other = from.split('_').next().is_none_or(|first| NO_TABLE.contains(&first));
    match to_and_table {
        _ if is_other => None,
        Some((to, table)) => Some(Guess::RenameColumn {
            table: without_table(table),
            from: from.to_owned(),
            to: to.to_owned(),
        }),
        None => Some(Guess::RenameTable { from: without_table(from), to: without_table(to) }),
    }
}

fn without_table(name: &str) -> String {
    name.strip_suffix("_table").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_it_does() {
        let text = str::to_owned;
        let index = |unique, table: &str, columns: &[&str]| Guess::CreateIndex {
            table: text(table),
            columns: columns.iter().copied().map(text).collect(),
            unique,
        };
        for (name, said) in [
            ("create_videos", Guess::CreateTable { table: text("videos") }),
            ("create_videos_table", Guess::CreateTable { table: text("videos") }),
            ("add_avatar_to_users", Guess::AddColumn { table: text("users"), column: text("avatar") }),
            (
                "add_ready_to_ship_to_users",
                Guess::AddColumn { table: text("users"), column: text("ready_to_ship") },
            ),
            ("drop_slug_from_videos", Guess::DropColumn { table: text("videos"), column: text("slug") }),
            ("remove_slug_from_videos", Guess::DropColumn { table: text("videos"), column: text("slug") }),
            ("rename_videos_to_films", Guess::RenameTable { from: text("videos"), to: text("films") }),
            ("rename_videos_table_to_films", Guess::RenameTable { from: text("videos"), to: text("films") }),
            (
                "rename_title_to_headline_in_videos",
                Guess::RenameColumn { table: text("videos"), from: text("title"), to: text("headline") },
            ),
            ("add_index_on_slug_to_videos", index(false, "videos", &["slug"])),
            ("add_index_to_videos_on_slug", index(false, "videos", &["slug"])),
            ("create_unique_index_videos_on_slug_and_title", index(true, "videos", &["slug", "title"])),
        ] {
            assert_eq!(Guess::of(name), Some(said), "{name}");
        }
    }

    #[test]
    fn a_name_that_says_too_little_says_nothing() {
        for name in [
            "create",
            "create_index_on_users",
            "create_enum_mood",
            "create_materialized_view_x",
            "add_index_to_users",
            "add_unique_key_to_users",
            "add_title_and_slug_to_videos",
            "add_user_avatar",
            "drop_videos",
            "drop_index_from_videos",
            "rename_index_a_to_b",
            "rename_x",
            "split_names",
        ] {
            assert_eq!(Guess::of(name), None, "{name}");
        }
    }
}
