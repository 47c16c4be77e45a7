//! `updown.toml`: what a project says once for everybody who runs it. Secrets do not belong there.

use std::collections::BTreeMap;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, Value};

use super::known::{KNOWN, nearest};
use crate::error::Error;
use crate::project::{Project, StoreEntry};

pub const NAME: &str = "updown.toml";

/// What stands under `[stores.NAME]`, and how the variable of it ends.
const OF_A_STORE: &[&str] = &["url", "host", "port", "user", "name", "sslmode"];

/// What the file of a directory says, by the variable that it is said for; nothing where there is no file.
///
/// # Errors
/// [`Error::Usage`] for what is not TOML, a key that nobody knows, and a password.
pub fn read(root: &Path, project: &Project) -> Result<BTreeMap<String, String>, Error> {
    let path = root.join(NAME);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(Error::Io { what: format!("cannot read {}", path.display()), source }),
    };
    values(&text, project)
}

fn values(text: &str, project: &Project) -> Result<BTreeMap<String, String>, Error> {
    let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        Error::usage(format!("{NAME} is not TOML: {}", error.to_string().trim_end()), "mend it there")
    })?;
    let mut values = BTreeMap::new();
    for (key, item) in document.iter() {
        if key == "stores" {
            let stores = item.as_table().ok_or_else(|| wrong("stores", "write `[stores.main]`"))?;
            for (name, item) in stores.iter() {
                let of = format!("stores.{name}");
                let Some(store) = project.stores.iter().find(|store| store.name == name) else {
                    let names = project.stores.iter().map(|store| store.name.as_str());
                    return Err(unknown(&of, nearest(name, names).map(|near| format!("stores.{near}"))));
                };
                let table = item.as_table().ok_or_else(|| wrong(&of, "write `[stores.main]`"))?;
                of_a_store(table, &of, store, &mut values)?;
            }
            continue;
        }
        let Some(known) = KNOWN.iter().find(|known| known.key == key) else {
            let keys = KNOWN.iter().map(|known| known.key).chain(["stores"]);
            return Err(unknown(key, nearest(key, keys).map(str::to_owned)));
        };
        values.insert(known.name.to_owned(), value(key, item)?);
    }
    Ok(values)
}

fn of_a_store(
    table: &Table,
    of: &str,
    store: &StoreEntry,
    values: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    for (key, item) in table.iter() {
        let whole = format!("{of}.{key}");
        if key == "password" {
            return Err(secret(&whole, &format!("{}_PASSWORD", store.prefix)));
        }
        if !OF_A_STORE.contains(&key) {
            return Err(unknown(
                &whole,
                nearest(key, OF_A_STORE.iter().copied()).map(|near| format!("{of}.{near}")),
            ));
        }
        let text = value(&whole, item)?;
        if key != "url" {
            values.insert(format!("{}_{}", store.prefix, key.to_ascii_uppercase()), text);
        } else if crate::report::masked(&text) != text {
            return Err(secret(&whole, &store.url_var));
        } else {
            values.insert(store.url_var.clone(), text);
        }
    }
    Ok(())
}

/// A value as a variable would have it.
fn value(key: &str, item: &Item) -> Result<String, Error> {
    match item.as_value() {
        Some(Value::String(text)) => Ok(text.value().clone()),
        Some(Value::Integer(number)) => Ok(number.value().to_string()),
        Some(Value::Boolean(switch)) => Ok(switch.value().to_string()),
        _ => Err(wrong(key, "write a text, a number, true or false")),
    }
}

fn wrong(key: &str, hint: &str) -> Error {
    Error::usage(format!("`{key}` in {NAME} makes no sense"), hint)
}

fn unknown(key: &str, near: Option<String>) -> Error {
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "there is: {}, and [stores.NAME] with {}",
            KNOWN.iter().map(|known| known.key).collect::<Vec<_>>().join(", "),
            OF_A_STORE.join(", ")
        ),
    };
    Error::usage(format!("`{key}` in {NAME} is not known"), hint)
}

fn secret(key: &str, variable: &str) -> Error {
    Error::usage(
        format!("`{key}` in {NAME} has a password, and that file is for everybody to read"),
        format!("put `{variable}` into the environment or into .env"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<BTreeMap<String, String>, (String, String)> {
        let project = Project::at("", "").placeholder("main", "x").placeholder("audit", "x");
        values(text, &project).map_err(|error| (error.to_string(), error.hint().unwrap_or_default()))
    }

    #[test]
    fn keys_are_variables() {
        let values = said(
            "env = \"uat\"\nauto-migrate = false\nlock-retries = 3\nlock-timeout = \"2s\"\n\
             [stores.main]\nhost = \"db\"\nport = 5433\nname = \"x\"\n[stores.audit]\nurl = \"postgres://a@db/x\"\n",
        )
        .unwrap();
        let values: Vec<_> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            values,
            [
                "AUDIT_URL=postgres://a@db/x",
                "AUTO_MIGRATE=false",
                "DB_HOST=db",
                "DB_NAME=x",
                "DB_PORT=5433",
                "ENV=uat",
                "UPDOWN_LOCK_RETRIES=3",
                "UPDOWN_LOCK_TIMEOUT=2s",
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_what_was_meant() {
        for (text, message, hint) in [
            (
                "auto_migrate = true",
                "`auto_migrate` in updown.toml is not known",
                "did you mean `auto-migrate`?",
            ),
            (
                "[stores.mian]\nurl = \"x\"",
                "`stores.mian` in updown.toml is not known",
                "did you mean `stores.main`?",
            ),
            (
                "[stores.main]\nulr = \"x\"",
                "`stores.main.ulr` in updown.toml is not known",
                "did you mean `stores.main.url`?",
            ),
            ("env = [1]", "`env` in updown.toml makes no sense", "write a text, a number, true or false"),
            (
                "[stores.main]\npassword = \"s3cret\"",
                "`stores.main.password` in updown.toml has a password, and that file is for everybody to read",
                "put `DB_PASSWORD` into the environment or into .env",
            ),
            (
                "[stores.main]\nurl = \"postgres://a:s3cret@db/x\"",
                "`stores.main.url` in updown.toml has a password, and that file is for everybody to read",
                "put `DATABASE_URL` into the environment or into .env",
            ),
        ] {
            assert_eq!(said(text).unwrap_err(), (message.to_owned(), hint.to_owned()), "{text}");
        }
        assert!(said("env = ").unwrap_err().0.starts_with("updown.toml is not TOML: "));
    }
}
