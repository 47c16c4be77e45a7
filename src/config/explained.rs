//! Each value of the configuration, and where it comes from, without secrets.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Config;
use super::known::{KNOWN, Known};
use super::load::root;
use super::vars::Vars;
use crate::error::Error;
use crate::project::{Project, StoreEntry};
use crate::report::masked;
use crate::store::url::shown;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The variable that says it.
    pub name: String,
    /// What is said, or follows from what is; `None` where nothing is.
    pub value: Option<String>,
    /// What counts where nobody says anything, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<&'static str>,
    /// Where it is said, or why it counts where it is not.
    pub from: String,
}

/// Every value, as [`Config::load`] would have it with what was typed.
pub fn explain(project: &Project, typed: BTreeMap<String, String>) -> Result<Vec<Explained>, Error> {
    let root = root(project.manifest_dir)?;
    let vars = Config::vars(&root, project, typed)?;
    let config = Config::of(root, project, &vars)?;
    let each = project.stores.iter().enumerate();
    let stores = each.map(|(index, store)| of_store(store, index == 0, &vars, &config));
    Ok(stores.chain(KNOWN.iter().map(|known| of_known(known, &vars, &config))).collect())
}

fn of_store(store: &StoreEntry, is_first: bool, vars: &Vars, config: &Config) -> Explained {
    let name = store.url_var.clone();
    if let Some((why, _)) = config.unclear.get(&store.name) {
        return Explained { name, value: None, default: None, from: why.clone() };
    }
    let host_var = format!("{}_HOST", store.prefix);
    let from = match (vars.find(&store.url_var), vars.find(&host_var)) {
        (Some((_, from)), _) => from.to_owned(),
        (None, Some((_, from))) => format!("{host_var} and the other parts, from {from}"),
        (None, None) => String::new(),
    };
    let value = config.url_of(&store.name, store.default_url.filter(|_| is_first)).map(|url| shown(&url));
    let from = match &value {
        Some(_) if from.is_empty() => "the default of development".to_owned(),
        Some(_) => from,
        None => "not set".to_owned(),
    };
    Explained { name, value, default: None, from }
}

fn of_known(known: &Known, vars: &Vars, config: &Config) -> Explained {
    let said = vars.find(known.name);
    let from = match &said {
        Some((_, from)) => (*from).to_owned(),
        None if known.name == "ENV" && config.environment.is_development() => {
            "nobody says it, and every database is local".to_owned()
        }
        None if known.name == "ENV" => "nobody says it, and a database is not local".to_owned(),
        None if known.name == "SERVICE" && !config.service.is_empty() => "the project".to_owned(),
        None if known.name == "AUTO_MIGRATE" => format!("default in {}", config.environment),
        None => "default".to_owned(),
    };
    let value = match known.name {
        "ENV" => Some(config.environment.name().to_owned()),
        "SERVICE" if !config.service.is_empty() => Some(config.service.clone()),
        "AUTO_MIGRATE" => Some(config.mode(false).is_auto().to_string()),
        _ => said.map(|(value, _)| masked(&value)),
    };
    let default = value.is_none().then_some(known.default);
    Explained { name: known.name.to_owned(), value, default, from }
}
