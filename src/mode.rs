//! The environment: what it is called, what that allows, and what a start-up does in it.

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

/// What a start-up was told.
#[derive(Clone, Debug)]
pub(crate) struct Mode {
    pub environment: Environment,
    /// `AUTO_MIGRATE`; `None` where nobody says it.
    pub auto_migrate: Option<bool>,
    /// `FORCE_MIGRATION`.
    pub force_migration: bool,
    /// Whether nobody said which environment it is, and a database is another one than the default of development.
    pub is_guessed: bool,
}

impl Mode {
    /// Whether `AUTO_MIGRATE` is on: by default in development.
    pub fn is_auto(&self) -> bool {
        self.auto_migrate.unwrap_or_else(|| self.environment.is_development())
    }

    /// What a start-up does. Pure: the whole of the table is its test.
    pub fn decide(&self) -> Decision {
        let (is_auto, is_forced) = (self.is_auto(), self.force_migration);
        let has_sync = self.environment.is_relaxed() && !self.is_guessed;
        let because = match (is_auto, is_forced) {
            (true, _) if !self.environment.is_relaxed() => Some(Because::NotHere),
            (true, _) if self.is_guessed => Some(Because::Guessed),
            (false, false) if has_sync => Some(Because::Off),
            (false, false) => Some(Because::NotForced),
            _ => None,
        };
        let syncs = has_sync && is_auto;
        Decision {
            others: match (is_forced, syncs) {
                (true, _) => Others::Migrate,
                (false, true) => Others::WithinSync,
                (false, false) => Others::Stay,
            },
            syncs,
            because,
        }
    }
}

/// What a start-up does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// The first store is migrated where the others are not left as they are.
    pub others: Others,
    /// Whether every store is brought to its declared schema.
    pub syncs: bool,
    /// Why something is not done that one may have expected.
    pub because: Option<Because>,
}

/// The stores behind the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    Stay,
    Migrate,
    /// What is pending is applied before the declared schema is looked at.
    WithinSync,
}

/// Why something is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Because {
    /// `AUTO_MIGRATE` is on, and has no effect in this environment.
    NotHere,
    /// `AUTO_MIGRATE` would be on, and nobody said that this is development.
    Guessed,
    /// `AUTO_MIGRATE` is off in development or test.
    Off,
    /// Neither is on, outside development and test.
    NotForced,
}

impl Decision {
    pub fn migrates(&self) -> bool {
        self.others != Others::Stay
    }

    /// What it leads to, and why, for people.
    pub fn in_words(&self, environment: &Environment) -> Vec<String> {
        let does = match (self.migrates(), self.syncs) {
            (true, true) => "every store is migrated, then brought to its declared schema",
            (true, false) => "every store is migrated",
            (false, _) => "nothing is migrated",
        };
        let because = self.because.map(|because| match because {
            Because::NotHere => format!("AUTO_MIGRATE has no effect in {environment}"),
            Because::Guessed => {
                "nobody said that this is development: AUTO_MIGRATE needs ENV=development".to_owned()
            }
            Because::Off => "AUTO_MIGRATE is off; FORCE_MIGRATION=true applies what is pending".to_owned(),
            Because::NotForced => format!("in {environment} it takes FORCE_MIGRATION=true"),
        });
        [does.to_owned()].into_iter().chain(because).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table: at start-up, the first store's migrations, the others', and sync.
    #[test]
    fn what_a_start_up_does() {
        use Others::{Migrate, Stay, WithinSync};
        for (environment, auto, force, first, others, syncs) in [
            ("development", None, false, true, WithinSync, true),
            ("development", Some(true), false, true, WithinSync, true),
            ("development", Some(false), false, false, Stay, false),
            ("test", None, false, false, Stay, false),
            ("test", Some(false), false, false, Stay, false),
            ("test", Some(true), false, true, WithinSync, true),
            ("development", None, true, true, Migrate, true),
            ("development", Some(true), true, true, Migrate, true),
            ("development", Some(false), true, true, Migrate, false),
            ("test", None, true, true, Migrate, false),
            ("test", Some(true), true, true, Migrate, true),
            ("test", Some(false), true, true, Migrate, false),
            ("production", None, false, false, Stay, false),
            ("production", Some(false), false, false, Stay, false),
            ("production", Some(true), false, false, Stay, false),
            ("production", None, true, true, Migrate, false),
            ("production", Some(false), true, true, Migrate, false),
            ("production", Some(true), true, true, Migrate, false),
            ("uat", Some(true), false, false, Stay, false),
            ("uat", None, true, true, Migrate, false),
        ] {
            let environment = Environment::parse(environment).unwrap();
            let mode = Mode { environment, auto_migrate: auto, force_migration: force, is_guessed: false };
            let decision = mode.decide();
            assert_eq!(
                (decision.migrates(), decision.others, decision.syncs),
                (first, others, syncs),
                "{mode:?}"
            );
            // What is not done is said with its reason.
            let is_whole = decision.migrates() && (decision.syncs || !mode.is_auto());
            assert_eq!(decision.because.is_none(), is_whole, "{mode:?}");
        }
    }

    /// A development that nobody named has what is local alone: a tunnel to production is local too.
    #[test]
    fn what_is_guessed_is_migrated_where_it_is_forced_alone() {
        for (auto, force, first, because) in [
            (None, false, false, Some(Because::Guessed)),
            (Some(true), false, false, Some(Because::Guessed)),
            (Some(false), false, false, Some(Because::NotForced)),
            (None, true, true, Some(Because::Guessed)),
            (Some(false), true, true, None),
        ] {
            let environment = Environment::development();
            let mode = Mode { environment, auto_migrate: auto, force_migration: force, is_guessed: true };
            let decision = mode.decide();
            assert_eq!(
                (decision.migrates(), decision.syncs, decision.because),
                (first, false, because),
                "{mode:?}"
            );
        }
    }

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
