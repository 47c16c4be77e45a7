//! A migration as the registry lists it, whatever its connection type: what plan and status need.

use std::borrow::Cow;

use crate::fingerprint::{self, Language};
use crate::ledger::{Applied, Direction};
use crate::migration::{DownBody, Migration, UpBody, number_of};
use crate::registry::Registry;
use crate::store::{Database, StoreConnection};

/// One entry of a registry, without its bodies.
#[derive(Clone, Debug)]
pub struct Listed {
    pub name: Cow<'static, str>,
    pub file: Option<Cow<'static, str>>,
    pub up_in_steps: bool,
    pub down_in_steps: bool,
    foreign_keys_off_up: bool,
    foreign_keys_off_down: bool,
    pub irreversible: Option<Cow<'static, str>>,
    /// Where it is a typed change.
    #[cfg(feature = "schema")]
    pub typed: Option<crate::schema::Typed>,
    formerly: Vec<Cow<'static, str>>,
    source: Cow<'static, str>,
    language: Language,
}

impl Listed {
    pub fn of<C>(migration: &Migration<C>) -> Self {
        Self {
            name: migration.name.clone(),
            file: migration.file.clone(),
            up_in_steps: matches!(migration.up, UpBody::Steps(_)),
            down_in_steps: matches!(migration.down, DownBody::Steps(_)),
            foreign_keys_off_up: migration.up.options().foreign_keys_off,
            foreign_keys_off_down: migration.down.options().foreign_keys_off,
            irreversible: match &migration.down {
                DownBody::Irreversible(because) => Some(because.clone()),
                _ => None,
            },
            #[cfg(feature = "schema")]
            typed: None,
            formerly: migration.formerly.clone(),
            source: migration.source.clone(),
            language: migration.language,
        }
    }

    /// The line of its source in which `text` first stands, where it does.
    #[cfg(feature = "schema")]
    pub fn line_with(&self, text: &str) -> Option<u32> {
        let index = self.source.lines().position(|line| line.contains(text))?;
        u32::try_from(index + 1).ok()
    }

    /// On a store without transactions.
    pub fn all_in_steps(self) -> Self {
        Self { up_in_steps: true, down_in_steps: true, ..self }
    }

    /// Whether it is a typed change.
    pub fn is_typed(&self) -> bool {
        #[cfg(feature = "schema")]
        return self.typed.is_some();
        #[cfg(not(feature = "schema"))]
        false
    }

    /// Whether it takes in files whose content is not in its hash.
    #[cfg(feature = "schema")]
    pub fn includes(&self) -> bool {
        ["include_str!", "include_bytes!", "include!"].iter().any(|word| self.source.contains(word))
    }

    pub fn turns_foreign_keys_off(&self, direction: Direction) -> bool {
        match direction {
            Direction::Up => self.foreign_keys_off_up,
            Direction::Down => self.foreign_keys_off_down,
        }
    }

    pub fn number(&self) -> Option<u64> {
        number_of(&self.name)
    }

    pub fn hash(&self) -> String {
        fingerprint::hash(&self.source, self.language)
    }

    pub fn fingerprint(&self) -> String {
        fingerprint::of_bytes(&self.source)
    }

    /// Whether an applied row has other content. The tokens are read only where the bytes differ.
    pub fn differs_from(&self, applied: &Applied) -> bool {
        applied.fingerprint != self.fingerprint()
            && !self.formerly.iter().any(|former| *former == applied.hash)
            && applied.hash != self.hash()
    }
}

/// The migrations of a registry as they are on a database, and what is listed of them.
pub fn on<C: StoreConnection>(
    registry: &Registry<C>,
    database: Database,
    changes_in_steps: bool,
    #[cfg(feature = "schema")] already: &crate::schema::Already,
) -> (Vec<Migration<C>>, Vec<Listed>) {
    let of = |migration: Migration<C>| {
        #[cfg(feature = "schema")]
        let (typed, migration) =
            (migration.typed().cloned(), migration.on(database, changes_in_steps, already));
        #[cfg(not(feature = "schema"))]
        let _ = changes_in_steps;
        let listed = Listed {
            #[cfg(feature = "schema")]
            typed,
            ..Listed::of(&migration)
        };
        // Each statement is a step there.
        let listed = if database == Database::Scylla { listed.all_in_steps() } else { listed };
        (migration, listed)
    };
    registry.migrations().into_iter().map(of).unzip()
}
