//! The environment: what it is called, what that allows, and where it is inferred from.

use std::fmt;

use crate::error::Error;

/// The environment that a run takes place in (`ENV`).
///
/// `development` and `test` allow what would be dangerous elsewhere; every other name (`uat`,
/// `staging`, …) is treated as `production`. `dev` and `prod` are short for the long names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment(String);

impl Environment {
    /// From a name.
    ///
    /// # Errors
    /// [`Error::Usage`] where the name is empty, or so near to one of the known ones that it is
    /// more likely a typo: a misspelt `production` must not become something weaker.
    pub fn parse(name: &str) -> Result<Self, Error> {
        let name = name.trim().to_ascii_lowercase();
        let name = match name.as_str() {
            "dev" => "development",
            "prod" => "production",
            other => other,
        };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return Err(Error::usage(
                format!("ENV={name:?} is not the name of an environment"),
                "write ENV=development, ENV=test, ENV=production, or a name of letters and digits such as ENV=uat",
            ));
        }
        for known in ["development", "test", "staging", "production"] {
            if name != known && strsim::damerau_levenshtein(name, known) <= 2 {
                return Err(Error::usage(
                    format!("ENV={name} looks like a misspelt {known}"),
                    format!("did you mean `ENV={known}`?"),
                ));
            }
        }
        Ok(Self(name.to_owned()))
    }

    /// Development.
    pub fn development() -> Self {
        Self("development".to_owned())
    }

    /// Production.
    pub fn production() -> Self {
        Self("production".to_owned())
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Development or test: what would be dangerous elsewhere is a warning, or allowed.
    pub fn is_relaxed(&self) -> bool {
        strength(&self.0) < 2
    }

    /// Development.
    pub fn is_development(&self) -> bool {
        self.0 == "development"
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How environments compare: a ledger that was used in a stronger one is not touched under a
/// weaker one.
pub(crate) fn strength(name: &str) -> u8 {
    match name {
        "development" => 0,
        "test" => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (given, name, relaxed) in [
            ("development", "development", true),
            ("dev", "development", true),
            ("Test", "test", true),
            ("prod", "production", false),
            ("staging", "staging", false),
            ("uat", "uat", false),
            ("qa", "qa", false),
        ] {
            let environment = Environment::parse(given).unwrap();
            assert_eq!((environment.name(), environment.is_relaxed()), (name, relaxed));
        }
    }

    #[test]
    fn a_typo_is_no_environment() {
        for given in ["prodution", "productoin", "develpment", "tets", "stagin", "", "a b", "../x"] {
            assert!(Environment::parse(given).is_err(), "{given}");
        }
    }
}
