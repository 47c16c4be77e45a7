//! Where values come from: the process's environment, over `.env.{ENV}`, over `.env`, over `updown.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use super::known::KNOWN;
use crate::error::Error;

type Get = dyn Fn(&str) -> Option<String>;

/// One place that says values. Stronger ones stand first.
pub struct Layer {
    /// What it is called where somebody asks where a value comes from.
    pub name: String,
    get: Box<Get>,
    /// Every variable that it has.
    names: Vec<String>,
}

impl Layer {
    fn of(name: impl Into<String>, values: BTreeMap<String, String>) -> Self {
        let names = values.keys().cloned().collect();
        Self { name: name.into(), get: Box::new(move |name| values.get(name).cloned()), names }
    }

    /// What it says, also where that is nothing: it hides what weaker ones say.
    pub fn said(&self, name: &str) -> Option<String> {
        (self.get)(name)
    }

    /// The same, where it is something.
    pub fn get(&self, name: &str) -> Option<String> {
        self.said(name).filter(|value| !value.is_empty())
    }
}

/// Every place, the strongest first.
pub struct Vars {
    pub layers: Vec<Layer>,
}

impl Vars {
    /// What was typed, over the process's environment.
    pub fn of(typed: BTreeMap<String, String>) -> Self {
        let get = |name: &str| std::env::var(name).ok();
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
        let process = Layer { name: "the environment".to_owned(), get: Box::new(get), names };
        Self { layers: vec![Layer::of("the command line", typed), process] }
    }

    /// Adds the file `name` of a directory as the layer with this index; whether there is one.
    pub fn add_file(&mut self, root: &Path, name: &str, at: usize) -> Result<bool, Error> {
        let Some(values) = read(&root.join(name))? else {
            return Ok(false);
        };
        self.layers.insert(at, Layer::of(name, values));
        Ok(true)
    }

    /// Adds values below what is there.
    pub fn add(&mut self, name: &str, values: BTreeMap<String, String>) {
        self.layers.push(Layer::of(name, values));
    }

    pub fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        let Some((text, from)) = self.find(name) else { return Ok(None) };
        match parse(&text) {
            Ok(value) => Ok(Some(value)),
            Err(hint) => Err(Error::usage(format!("{name}={text} makes no sense (from {from})"), hint)),
        }
    }

    /// The strongest place's. Said, and empty, is not set.
    pub fn get(&self, name: &str) -> Option<String> {
        self.find(name).map(|(value, _)| value)
    }

    /// The same, and where it is said.
    pub fn find(&self, name: &str) -> Option<(String, &str)> {
        let (value, layer) =
            self.layers.iter().find_map(|layer| layer.said(name).map(|value| (value, layer)))?;
        Some((value, layer.name.as_str())).filter(|(value, _)| !value.is_empty())
    }

    /// What was probably meant to be one of the variables that decide what is done, and is none: each in a sentence.
    pub fn misspelt(&self) -> Vec<String> {
        // Short names are near to too much that is not ours.
        let ours = || KNOWN.iter().map(|known| known.name).filter(|name| name.len() > 8);
        // At every start there are a hundred variables, nearly all of them of another length: those are not compared.
        let is_near = |name: &str, ours: &str| {
            name.chars().count().abs_diff(ours.len()) <= 2 && strsim::damerau_levenshtein(name, ours) <= 2
        };
        let each = self.layers.iter().flat_map(|layer| layer.names.iter().map(move |name| (name, layer)));
        let unknown = each.filter(|(name, _)| ours().all(|ours| ours != *name));
        unknown
            .filter_map(|(name, layer)| {
                let near = ours().find(|ours| is_near(name, ours))?;
                Some(format!("{name} in {} does nothing: did you mean {near}?", layer.name))
            })
            .collect()
    }
}

/// The values of a file; `None` where there is none.
fn read(path: &Path) -> Result<Option<BTreeMap<String, String>>, Error> {
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(dotenvy::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(dotenvy::Error::Io(source)) => {
            return Err(Error::Io { what: format!("cannot read {}", path.display()), source });
        }
        Err(error) => return Err(Error::usage(format!("{}: {error}", path.display()), "check the file")),
    };
    let each = lines.map(|line| {
        line.map_err(|error| {
            let message = match error {
                // The line itself may hold a password.
                dotenvy::Error::LineParse(_, at) => {
                    format!("{} cannot be read at character {at}", path.display())
                }
                other => format!("{}: {other}", path.display()),
            };
            Error::usage(message, "write one `NAME=value` a line, values with spaces in quotes")
        })
    });
    each.collect::<Result<_, _>>().map(Some)
}

/// `true` or `false`, in the usual ways to write it.
pub fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        other => {
            let near =
                ["true", "false"].into_iter().find(|known| strsim::damerau_levenshtein(other, known) <= 2);
            Err(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write `true` or `false`".to_owned(),
            })
        }
    }
}

#[cfg(test)]
impl Vars {
    pub fn of_tests(process: &[(&str, &str)], file: &[(&str, &str)]) -> Self {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        Self { layers: vec![Layer::of("the environment", map(process)), Layer::of(".env", map(file))] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_place_counts_also_where_it_says_nothing() {
        let vars = Vars::of_tests(&[("A", "1"), ("B", "")], &[("A", "2"), ("B", "2"), ("C", "2")]);
        assert_eq!(vars.find("A"), Some(("1".to_owned(), "the environment")));
        assert_eq!(vars.find("B"), None);
        assert_eq!(vars.find("C"), Some(("2".to_owned(), ".env")));
    }

    #[test]
    fn what_is_misspelt_is_said() {
        let vars = Vars::of_tests(&[("AUTO_MIGRATE", "1")], &[("FORCE_MIGRATON", "true"), ("EN", "x")]);
        assert_eq!(vars.misspelt(), ["FORCE_MIGRATON in .env does nothing: did you mean FORCE_MIGRATION?"]);
    }

    #[test]
    fn a_switch_is_on_or_off_and_never_a_guess() {
        for (text, wanted) in [("true", true), ("TRUE", true), ("1", true), ("yes", true), ("off", false)] {
            assert_eq!(switch(text), Ok(wanted), "{text}");
        }
        for (text, hint) in [
            ("maybe", "write `true` or `false`"),
            ("ture", "did you mean `true`?"),
            ("flase", "did you mean `false`?"),
        ] {
            assert_eq!(switch(text), Err(hint.to_owned()), "{text}");
        }
    }
}
