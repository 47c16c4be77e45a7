//! A migration as the registry lists it, whatever its connection type: what plan and status need.

use std::borrow::Cow;
use std::sync::Arc;

use crate::fingerprint::{self, Language};
use crate::ledger::{Applied, Direction};
use crate::migration::{DownBody, Migration, UpBody, number_of};
use crate::registry::{BadList, Registry};
use crate::source::SqlText;
use crate::store::{Database, StoreConnection};
use crate::traits::Options;

/// One entry of a registry, without its bodies.
#[derive(Clone, Debug)]
pub struct Listed {
    pub name: Cow<'static, str>,
    pub file: Option<Cow<'static, str>>,
    up: Way,
    down: Way,
    pub irreversible: Option<Cow<'static, str>>,
    /// Whether it runs again when its content has changed.
    pub is_repeatable: bool,
    /// The names of those that it took the place of.
    pub replaces: Vec<Cow<'static, str>>,
    /// Whether a rollback takes away its row alone.
    pub is_undone_by_nothing: bool,
    /// Where it is a typed change.
    #[cfg(feature = "schema")]
    pub typed: Option<crate::schema::Typed>,
    formerly: Vec<Cow<'static, str>>,
    source: Cow<'static, str>,
    language: Language,
}

/// How one way of it runs.
#[derive(Clone, Debug)]
enum Way {
    Known {
        in_steps: bool,
        foreign_keys_off: bool,
    },
    /// That is in the text, which is not read before somebody asks.
    Sql(Arc<SqlText>, Database, bool),
}

impl Way {
    fn up<C>(body: &UpBody<C>, database: Database, all_in_steps: bool) -> Self {
        match body {
            UpBody::Sql(text) => Self::Sql(text.clone(), database, all_in_steps),
            body => Self::known(matches!(body, UpBody::Steps(_)), body.options()),
        }
    }

    fn down<C>(body: &DownBody<C>, database: Database, all_in_steps: bool) -> Self {
        match body {
            DownBody::Sql(text) => Self::Sql(text.clone(), database, all_in_steps),
            body => Self::known(matches!(body, DownBody::Steps(_)), body.options()),
        }
    }

    fn known(in_steps: bool, options: Options) -> Self {
        Self::Known { in_steps, foreign_keys_off: options.foreign_keys_off }
    }
}

impl Listed {
    /// On a kind of database. `migration` has its bodies for it, but for those that are text.
    pub fn of<C>(migration: &Migration<C>, database: Database, all_in_steps: bool) -> Self {
        Self {
            name: migration.name.clone(),
            file: migration.file.clone(),
            up: Way::up(&migration.up, database, all_in_steps),
            down: Way::down(&migration.down, database, all_in_steps),
            irreversible: match &migration.down {
                DownBody::Irreversible(because) => Some(because.clone()),
                _ => None,
            },
            is_repeatable: migration.is_repeatable,
            replaces: migration.replaces.clone(),
            is_undone_by_nothing: matches!(migration.down, DownBody::Nothing),
            #[cfg(feature = "schema")]
            typed: None,
            formerly: migration.formerly.clone(),
            source: migration.source.clone(),
            language: migration.language,
        }
    }

    /// Whether it runs outside a transaction, in steps.
    pub fn in_steps(&self, direction: Direction) -> bool {
        match self.way(direction) {
            Way::Known { in_steps, .. } => *in_steps,
            Way::Sql(text, database, all_in_steps) => *all_in_steps || text.is_in_steps(*database),
        }
    }

    fn way(&self, direction: Direction) -> &Way {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }

    /// Whether it is text, of whatever language, and not code.
    pub fn sql(&self, direction: Direction) -> Option<&Arc<SqlText>> {
        match self.way(direction) {
            Way::Sql(text, ..) => Some(text),
            Way::Known { .. } => None,
        }
    }

    /// The line of its source in which `text` first stands, where it does.
    #[cfg(feature = "schema")]
    pub fn line_with(&self, text: &str) -> Option<u32> {
        let index = self.source.lines().position(|line| line.contains(text))?;
        u32::try_from(index + 1).ok()
    }

    /// The text of what is applied, as another tool has it: nothing where it is a module.
    pub fn up_text(&self) -> Option<&str> {
        (self.language != Language::Rust).then_some(self.source.as_ref())
    }

    /// On a store without transactions.
    fn all_in_steps(self) -> Self {
        let steps = |way: Way| match way {
            Way::Known { foreign_keys_off, .. } => Way::Known { in_steps: true, foreign_keys_off },
            way => way,
        };
        Self { up: steps(self.up), down: steps(self.down), ..self }
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
        match self.way(direction) {
            Way::Known { foreign_keys_off, .. } => *foreign_keys_off,
            Way::Sql(text, database, _) => text.options(*database).foreign_keys_off,
        }
    }

    pub fn number(&self) -> Option<u64> {
        number_of(&self.name)
    }

    pub fn hash(&self) -> String {
        fingerprint::hash(&self.source, self.language)
    }

    pub fn fingerprint(&self) -> String {
        fingerprint::of_migration(&self.source, self.is_repeatable)
    }

    /// Whether it runs again over what it has made: it is repeatable, and its content has changed.
    pub fn runs_again(&self, applied: &Applied) -> bool {
        self.is_repeatable && self.differs_from(applied)
    }

    /// Whether an applied row is not what it must stay: of what is not repeatable.
    pub fn is_changed(&self, applied: &Applied) -> bool {
        !self.is_repeatable && self.differs_from(applied)
    }

    /// Whether an applied row has other content. The tokens are read only where the bytes differ.
    pub fn differs_from(&self, applied: &Applied) -> bool {
        applied.fingerprint != self.fingerprint()
            && !self.formerly.iter().any(|former| *former == applied.hash)
            && applied.hash != self.hash()
    }
}

/// The migrations of a registry as they are on a database, and what is listed of them.
///
/// Text is read when it is carried out, or somebody asks: a thousand files need not be divided into statements to learn
/// that there is nothing to do.
pub fn on<C: StoreConnection>(
    registry: &Registry<C>,
    how: Listing,
    #[cfg(feature = "schema")] already: &crate::schema::Already,
) -> Result<(Vec<Migration<C>>, Vec<Listed>), BadList> {
    let Listing { database, in_steps, sql_in_steps } = how;
    let of = |migration: Migration<C>| {
        #[cfg(feature = "schema")]
        let (typed, migration) = match migration.typed().cloned() {
            Some(typed) => (Some(typed), migration.on(database, in_steps, already)),
            None => (None, migration),
        };
        let listed = Listed {
            #[cfg(feature = "schema")]
            typed,
            ..Listed::of(&migration, database, in_steps || sql_in_steps)
        };
        // Each statement is a step there.
        let listed = if database == Database::Scylla { listed.all_in_steps() } else { listed };
        (migration, listed)
    };
    Ok(registry.migrations()?.into_iter().map(of).unzip())
}

/// For what a registry is listed.
#[derive(Clone, Copy)]
pub struct Listing {
    pub database: Database,
    /// Whether each change of the schema is a step.
    pub in_steps: bool,
    /// Whether each statement of SQL files is.
    pub sql_in_steps: bool,
}
