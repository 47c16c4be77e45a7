//! The registry: the ordered list of a store's migrations, and what `registry!` checks in it while
//! it compiles.

use std::borrow::Cow;
use std::fmt;

use crate::migration::{Migration, UpBody, number_of};

/// The ordered list of a store's migrations, written against the connection type `C`.
///
/// Made by [`registry!`](crate::registry) from modules, or by [`Registry::from_migrations`] from
/// values.
pub struct Registry<C: 'static> {
    entries: Entries<C>,
}

enum Entries<C: 'static> {
    Modules(&'static [Entry<C>]),
    Values(Vec<Migration<C>>),
}

/// One module of a registry. Hidden: `registry!` makes it.
#[doc(hidden)]
pub struct Entry<C> {
    pub name: &'static str,
    pub source: &'static str,
    /// The file that holds the list; the module's own file stands beside it.
    pub list: &'static str,
    pub formerly: &'static [&'static str],
    pub bodies: fn() -> (UpBody<C>, crate::migration::DownBody<C>),
}

impl<C: 'static> Registry<C> {
    #[doc(hidden)]
    pub const fn from_entries(entries: &'static [Entry<C>]) -> Self {
        Self { entries: Entries::Modules(entries) }
    }

    /// A registry of values, in the order in which they run.
    ///
    /// # Panics
    /// Where two migrations have one name, or the numbers in their names do not ascend: the same
    /// that `registry!` rejects while it compiles.
    pub fn from_migrations(migrations: Vec<Migration<C>>) -> Self {
        for pair in migrations.windows(2) {
            let ascends = match (number_of(&pair[0].name), number_of(&pair[1].name)) {
                (Some(before), Some(after)) => before < after,
                _ => pair[0].name < pair[1].name,
            };
            assert!(
                ascends,
                "migration `{}` is out of order: it stands behind `{}`",
                pair[1].name, pair[0].name
            );
        }
        Self { entries: Entries::Values(migrations) }
    }

    /// How many migrations there are.
    pub const fn len(&self) -> usize {
        match &self.entries {
            Entries::Modules(entries) => entries.len(),
            Entries::Values(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn migrations(&self) -> Vec<Migration<C>> {
        match &self.entries {
            Entries::Modules(entries) => entries.iter().map(Entry::migration).collect(),
            Entries::Values(values) => values.clone(),
        }
    }
}

impl<C> Entry<C> {
    fn migration(&self) -> Migration<C> {
        let (up, down) = (self.bodies)();
        let folder = self.list.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
        let file = if folder.is_empty() {
            format!("{}.rs", self.name)
        } else {
            format!("{folder}/{}.rs", self.name)
        };
        Migration {
            name: Cow::Borrowed(self.name),
            source: Cow::Borrowed(self.source),
            language: crate::fingerprint::Language::Rust,
            file: Some(Cow::Owned(file)),
            formerly: self.formerly.iter().map(|hash| Cow::Borrowed(*hash)).collect(),
            up,
            down,
        }
    }
}

impl<C> fmt::Debug for Registry<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("len", &self.len()).finish()
    }
}

/// Declares a store's registry: `registry! { pub static MAIN: AnyConnection = [m0001_a, m0002_b] }`.
///
/// Write it into the file of the modules (`migrations/main/mod.rs`), below their `mod` lines. Each
/// entry is a module with a `pub struct Migration` that implements `Change` (with the feature `schema`), or
/// [`Up`](crate::Up) and [`Down`](crate::Down) or [`Irreversible`](crate::Irreversible), for the registry's
/// connection type or for [`Steps`](crate::Steps) over it.
///
/// An entry may say what its content was before: `m0002_b formerly "sha256-rust-v1:…"`. Databases
/// that have applied it under that hash count it as unchanged. `updown verify --accept` writes it.
///
/// # Compile errors
/// A module with neither `Down` nor `Irreversible`, or with both; one that is written against
/// another connection type; a list that is out of order; two migrations of one number.
#[macro_export]
macro_rules! registry {
    ($(#[$attr:meta])* $vis:vis static $NAME:ident : $C:ty = [
        $($module:ident $(formerly $former:literal)*),* $(,)?
    ] $(;)?) => {
        $(#[$attr])*
        $vis static $NAME: $crate::Registry<$C> = {
            #[allow(unused_imports)]
            use $crate::__private::{Entry, Fallback as _, Has, Messages, Probe, either};
            $crate::__private::assert_ordered(&[$((
                ::core::stringify!($module),
                ::core::concat!("migration `", ::core::stringify!($module), "` has no number: name it `m0001_what_it_does`"),
                ::core::concat!("migration `", ::core::stringify!($module), "` is out of order: a higher number stands before it in the list"),
                ::core::concat!("migration `", ::core::stringify!($module), "` has the number of the one before it: run `updown renumber ", ::core::stringify!($module), "`"),
            )),*]);
            // Each in a constant of its own: the compiler's work on one body grows with its square.
            $(const _: () = {
                type P = Probe<$C, $module::Migration>;
                $crate::__private::assert_bodies::<$C>(
                    Has {
                        up: P::UP.is_some(),
                        up_steps: P::UP_STEPS.is_some(),
                        down: P::DOWN.is_some(),
                        down_steps: P::DOWN_STEPS.is_some(),
                        because: P::BECAUSE.is_some(),
                        change: P::CHANGE.is_some(),
                        change_steps: P::CHANGE_STEPS.is_some(),
                    },
                    &Messages {
                        no_up: ::core::concat!("migration `", ::core::stringify!($module), "` has no `Up` for this registry: write `impl Up<", ::core::stringify!($C), ">` (in a transaction) or `impl Up<Steps<'_, ", ::core::stringify!($C), ">>` (in steps), or a typed `impl Change<", ::core::stringify!($C), ">`"),
                        two_ups: ::core::concat!("migration `", ::core::stringify!($module), "` has two `Up`: keep `impl Up<", ::core::stringify!($C), ">` (in a transaction) or `impl Up<Steps<'_, ", ::core::stringify!($C), ">>` (in steps)"),
                        no_down: ::core::concat!("migration `", ::core::stringify!($module), "` has neither `Down` nor `Irreversible`: write `impl Down<", ::core::stringify!($C), ">`, or `impl Irreversible` with the reason"),
                        both: ::core::concat!("migration `", ::core::stringify!($module), "` has both `Down` and `Irreversible`: keep one of them"),
                        two_downs: ::core::concat!("migration `", ::core::stringify!($module), "` has two `Down`: keep `impl Down<", ::core::stringify!($C), ">` (in a transaction) or `impl Down<Steps<'_, ", ::core::stringify!($C), ">>` (in steps)"),
                        steps_of_steps: ::core::concat!("migration `", ::core::stringify!($module), "` is written against `Steps`, but every statement is a step there already: take `", ::core::stringify!($C), "` itself"),
                        two_changes: ::core::concat!("migration `", ::core::stringify!($module), "` has two `Change`: keep `impl Change<", ::core::stringify!($C), ">` (in a transaction) or `impl Change<Steps<'_, ", ::core::stringify!($C), ">>` (in steps)"),
                        change_and_bodies: ::core::concat!("migration `", ::core::stringify!($module), "` has `Change` beside `Up` or `Down`: a `Change` is both ways; keep it, or write `Up` and `Down` by hand"),
                        change_and_because: ::core::concat!("migration `", ::core::stringify!($module), "` has `Change` beside `Irreversible`: say `.irreversible(\"because\")` of what cannot be undone in it"),
                    },
                );
            };)*
            $crate::Registry::from_entries(&[$({
                const ENTRY: Entry<$C> = Entry {
                name: ::core::stringify!($module),
                source: ::core::include_str!(::core::concat!(::core::stringify!($module), ".rs")),
                list: ::core::file!(),
                formerly: &[$($former),*],
                bodies: || {
                    type P = Probe<$C, $module::Migration>;
                    $crate::__private::bodies(
                        || $module::Migration,
                        either(P::CHANGE, P::CHANGE_STEPS),
                        either(P::UP, P::UP_STEPS),
                        either(P::DOWN, P::DOWN_STEPS),
                        P::BECAUSE,
                    )
                },
            };
                ENTRY
            }),*])
        };
    };
}
