//! The registry: the ordered list of a store's migrations, and what `registry!` checks in it while
//! it compiles.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::error::{Error, StoreError};
use crate::fingerprint::Language;
use crate::migration::{DownBody, Migration, UpBody, number_of};
use crate::source::{self, SqlDirectory, SqlText};
use crate::store::StoreConnection;

/// The ordered list of a store's migrations, written against the connection type `C`.
///
/// Made by [`registry!`](crate::registry) from modules, or by [`Registry::from_migrations`] from
/// values.
pub struct Registry<C: 'static> {
    entries: Entries<C>,
}

enum Entries<C: 'static> {
    Listed {
        /// What comes before the modules: a directory of SQL.
        files: Option<fn() -> SqlDirectory>,
        entries: &'static [Entry<C>],
    },
    Values(Vec<Migration<C>>),
}

/// One entry of a registry. Hidden: `registry!` makes it.
#[doc(hidden)]
pub struct Entry<C> {
    pub name: &'static str,
    pub source: &'static str,
    /// The file that holds the list; the entry's own file stands beside it.
    pub list: &'static str,
    /// What its file has behind the name.
    pub extension: &'static str,
    pub language: Language,
    pub formerly: &'static [&'static str],
    pub replaces: &'static [&'static str],
    pub is_repeatable: bool,
    pub bodies: Bodies<C>,
}

/// What an entry does. Hidden: `registry!` names it.
#[doc(hidden)]
pub enum Bodies<C> {
    Module(fn() -> (UpBody<C>, DownBody<C>)),
    /// The text of the way back; a repeatable one is a single file.
    Sql(Option<&'static str>),
}

impl<C: 'static> Registry<C> {
    #[doc(hidden)]
    pub const fn from_entries(files: Option<fn() -> SqlDirectory>, entries: &'static [Entry<C>]) -> Self {
        Self { entries: Entries::Listed { files, entries } }
    }

    /// A registry of values, in the order in which they run.
    ///
    /// # Panics
    /// Where two migrations have one name, or the numbers in their names do not ascend: the same
    /// that `registry!` rejects while it compiles.
    pub fn from_migrations(migrations: Vec<Migration<C>>) -> Self {
        match ordered(migrations) {
            Ok(migrations) => Self { entries: Entries::Values(migrations) },
            Err(wrong) => panic!("{}", wrong.message),
        }
    }

    /// Of migrations whose order was checked where they were read.
    pub(crate) fn of_ordered(migrations: Vec<Migration<C>>) -> Self {
        Self { entries: Entries::Values(migrations) }
    }

    /// The migrations, in the order in which they run: repeatable ones behind the others.
    pub(crate) fn migrations(&self) -> Result<Vec<Migration<C>>, BadList>
    where
        C: StoreConnection,
    {
        let migrations = match &self.entries {
            Entries::Listed { files, entries } => {
                let mut migrations = match files {
                    Some(files) => files().migrations()?,
                    None => Vec::with_capacity(entries.len()),
                };
                let has_files = !migrations.is_empty();
                migrations.extend(entries.iter().map(Entry::migration));
                // The compiler has seen to the modules' own numbers.
                let has_others = has_files || entries.iter().any(|entry| entry.is_repeatable);
                if has_others { ordered(migrations)? } else { migrations }
            }
            Entries::Values(values) => values.clone(),
        };
        check_replaced(&migrations)?;
        Ok(migrations)
    }
}

/// A list that makes no sense.
#[derive(Clone, Debug)]
pub struct BadList {
    pub message: String,
    pub hint: String,
}

impl From<BadList> for Error {
    fn from(bad: BadList) -> Self {
        Self::usage(bad.message, bad.hint)
    }
}

impl From<BadList> for StoreError {
    fn from(BadList { message, hint }: BadList) -> Self {
        Self::List { message, hint }
    }
}

/// With the repeatable ones at the end; or which of the others are out of order.
pub fn ordered<C>(mut migrations: Vec<Migration<C>>) -> Result<Vec<Migration<C>>, BadList> {
    migrations.sort_by_key(|migration| migration.is_repeatable);
    unique(&migrations)?;
    for pair in migrations.windows(2) {
        let [before, after] = pair else { continue };
        let numbers = (number_of(&before.name), number_of(&after.name));
        let ascends = match numbers {
            _ if after.is_repeatable => true,
            (Some(before), Some(after)) => before < after,
            _ => before.name < after.name,
        };
        if let (false, (Some(number), Some(other))) = (ascends, numbers)
            && number == other
        {
            return Err(BadList {
                message: format!("{} and {} have the same number, {number}", before.shown(), after.shown()),
                hint: "give the one that is not applied yet the next number".to_owned(),
            });
        }
        if !ascends {
            return Err(BadList {
                message: format!(
                    "migration `{}` is out of order: it stands behind `{}`",
                    after.name, before.name
                ),
                hint: "give it a higher number than all that stand before it; \
                       one that is applied keeps its name"
                    .to_owned(),
            });
        }
    }
    Ok(migrations)
}

/// What was replaced is gone from the list, and one migration alone took its place.
fn check_replaced<C>(migrations: &[Migration<C>]) -> Result<(), BadList> {
    let mut replaced: HashMap<&str, &str> = HashMap::new();
    for migration in migrations.iter().filter(|migration| !migration.replaces.is_empty()) {
        let name = migration.name.as_ref();
        if migration.is_repeatable {
            return Err(BadList {
                message: format!("{name} is repeatable, and replaces others"),
                hint: "what replaces others runs once: take one of the two marks away".to_owned(),
            });
        }
        for old in &migration.replaces {
            if let Some(other) = replaced.insert(old, name) {
                let by = if other == name { "twice".to_owned() } else { format!("by {other}, too") };
                return Err(BadList {
                    message: format!("{name} replaces {old}, which is replaced {by}"),
                    hint: "name it once".to_owned(),
                });
            }
        }
    }
    if replaced.is_empty() {
        return Ok(());
    }
    match migrations.iter().find_map(|migration| replaced.get_key_value(migration.name.as_ref())) {
        None => Ok(()),
        Some((old, by)) => Err(BadList {
            message: format!("{by} replaces {old}, which is in the list as well"),
            hint: format!("take {old} out of the list, with its file; or out of what {by} replaces"),
        }),
    }
}

/// Each name once.
pub fn unique<C>(migrations: &[Migration<C>]) -> Result<(), BadList> {
    let mut names = HashSet::new();
    match migrations.iter().find(|migration| !names.insert(migration.name.as_ref())) {
        None => Ok(()),
        Some(twice) => Err(BadList {
            message: format!("two migrations are named `{}`", twice.name),
            hint: "give the one that is not applied yet another name".to_owned(),
        }),
    }
}

impl<C> Entry<C> {
    fn migration(&self) -> Migration<C> {
        let folder = self.list.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let file = format!("{folder}{}.{}", self.name, self.extension);
        let mut replaces: Vec<Cow<'static, str>> =
            self.replaces.iter().map(|name| Cow::Borrowed(*name)).collect();
        let (up, down) = match &self.bodies {
            Bodies::Module(bodies) => bodies(),
            Bodies::Sql(down) => {
                let down_file = format!("{folder}{}.{}", self.name, self.extension.replace("up.", "down."));
                let down = down.map(|down| SqlText::whole(down, down_file));
                let up = SqlText::whole(self.source, file.clone());
                replaces.extend(up.replaces());
                source::bodies(up, down, self.is_repeatable)
            }
        };
        Migration {
            name: Cow::Borrowed(self.name),
            source: Cow::Borrowed(self.source),
            language: self.language,
            file: Some(Cow::Owned(file)),
            formerly: self.formerly.iter().map(|hash| Cow::Borrowed(*hash)).collect(),
            replaces,
            is_repeatable: self.is_repeatable,
            up,
            down,
        }
    }
}

impl<C> fmt::Debug for Registry<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Registry");
        match &self.entries {
            Entries::Listed { files, entries } => {
                shown.field("has_files", &files.is_some()).field("entries", &entries.len())
            }
            Entries::Values(values) => shown.field("entries", &values.len()),
        };
        shown.finish()
    }
}

/// Declares a store's registry: `registry! { pub static MAIN: AnyConnection = [m0001_a, m0002_b] }`.
///
/// Write it into the file of the modules (`migrations/main/mod.rs`), below their `mod` lines. An entry is a module with
/// a `pub struct Migration` that implements `Change` (with the feature `schema`), or [`Up`](crate::Up) and
/// [`Down`](crate::Down) or [`Irreversible`](crate::Irreversible), for the registry's connection type or for
/// [`Steps`](crate::Steps) over it.
///
/// - `sql "0003_c"` is a migration as two files beside this one, `0003_c.up.sql` and `0003_c.down.sql`; `cql "0003_c"`
///   is the same in CQL. They are compiled in.
/// - `views => repeatable` is run again whenever its content changes, behind all others. It needs no number, and stands
///   at the end of the list. It has `Up`, and `Down` where a rollback is to undo it: without it, a rollback leaves what
///   it made. `sql "views" => repeatable` is one file beside this one, `views.sql`.
/// - `m0002_b formerly "sha256-rust-v1:…"` says what its content was before. Databases that have applied it under that
///   hash count it as unchanged. `updown verify --accept` writes it.
/// - `m0010_squashed replaces "m0001_a" "m0002_b"` says which migrations it took the place of: they are gone from the list,
///   and databases that have applied all of them count it as applied. `updown squash` writes it. It may stand before
///   `formerly`, or behind it.
///
/// A whole directory of SQL, in the format of whatever tool, may come first; see [`SqlDirectory`](crate::SqlDirectory):
/// `registry! { pub static MAIN: PgConnection = updown::SqlDirectory::at("migrations"), then [m0301_d] }`.
///
/// # Compile errors
/// A module with neither `Down` nor `Irreversible`, or with both; one that is written against
/// another connection type; a list that is out of order; two migrations of one number; a file that is not there.
#[macro_export]
macro_rules! registry {
    ($(#[$attr:meta])* $vis:vis static $NAME:ident : $C:ty = [$($list:tt)*] $(;)?) => {
        $(#[$attr])*
        $vis static $NAME: $crate::Registry<$C> = $crate::__entries!($C, ::core::option::Option::None, [$($list)*]);
    };
    ($(#[$attr:meta])* $vis:vis static $NAME:ident : $C:ty = $files:expr, then [$($list:tt)*] $(;)?) => {
        $(#[$attr])*
        $vis static $NAME: $crate::Registry<$C> =
            $crate::__entries!($C, ::core::option::Option::Some(|| $files), [$($list)*]);
    };
}

/// What the list of a registry becomes.
#[doc(hidden)]
#[macro_export]
macro_rules! __entries {
    ($C:ty, $files:expr, [
        $($module:ident $($sql:literal)? $(=> $mark:ident)? $($word:ident $($text:literal)+)*),* $(,)?
    ]) => {{
        #[allow(unused_imports)]
        use $crate::__private::{Bodies, Entry, Fallback as _, Has, Language, Messages, Probe, either};
        $crate::__private::assert_ordered(&[$($crate::__named!($module $($sql)? $(=> $mark)?)),*]);
        // Each in a constant of its own: the compiler's work on one body grows with its square.
        $($crate::__asserted!($C, $module $($sql)? $(=> $mark)?);)*
        $crate::Registry::from_entries($files, &[$({
            const ENTRY: Entry<$C> = $crate::__entry!($C, $module $($sql)? $(=> $mark)?, [$($word [$($text),+])*]);
            ENTRY
        }),*])
    }};
}

/// The name of an entry, and what is wrong with it where it has no number, a lower one than its predecessor, or the
/// same.
#[doc(hidden)]
#[macro_export]
macro_rules! __named {
    ($module:ident => repeatable) => {
        (::core::stringify!($module), true, "", ::core::concat!("migration `", ::core::stringify!($module), "` is repeatable: it belongs to the end of the list"), "")
    };
    ($kind:ident $sql:literal => repeatable) => {
        ($sql, true, "", ::core::concat!("migration `", $sql, "` is repeatable: it belongs to the end of the list"), "")
    };
    ($module:ident) => { $crate::__named!(@ ::core::stringify!($module)) };
    ($kind:ident $sql:literal) => { $crate::__named!(@ $sql) };
    (@ $name:expr) => {
        (
            $name,
            false,
            ::core::concat!("migration `", $name, "` has no number: name it `m0001_what_it_does`"),
            ::core::concat!("migration `", $name, "` is out of order: a higher number stands before it in the list"),
            ::core::concat!("migration `", $name, "` has the number of the one before it: run `updown renumber ", $name, "`"),
        )
    };
    ($module:ident $($sql:literal)? => $mark:ident) => {
        ::core::compile_error!(::core::concat!("`=> ", ::core::stringify!($mark), "` says nothing: an entry may be `=> repeatable`"))
    };
}

/// Makes a compile error of a module that does not say all that it has to.
#[doc(hidden)]
#[macro_export]
macro_rules! __asserted {
    ($C:ty, $kind:ident $sql:literal $(=> $mark:ident)?) => {};
    ($C:ty, $module:ident $(=> $mark:ident)?) => {
        const _: () = {
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
                    repeatable: $crate::__marked!($($mark)?),
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
                    repeatable_change: ::core::concat!("migration `", ::core::stringify!($module), "` is repeatable, and has `Change`, which can be made only once: write `impl Up<", ::core::stringify!($C), ">` with statements that may run again (`CREATE OR REPLACE …`)"),
                    repeatable_because: ::core::concat!("migration `", ::core::stringify!($module), "` is repeatable, and has `Irreversible`: leave it away; what is repeatable needs no way back"),
                },
            );
        };
    };
}

/// One entry.
#[doc(hidden)]
#[macro_export]
macro_rules! __entry {
    ($C:ty, $module:ident $(=> $mark:ident)?, [$($said:tt)*]) => {
        Entry {
            name: ::core::stringify!($module),
            source: ::core::include_str!(::core::concat!(::core::stringify!($module), ".rs")),
            list: ::core::file!(),
            extension: "rs",
            language: Language::Rust,
            formerly: $crate::__said!(formerly [] $($said)*),
            replaces: $crate::__said!(replaces [] $($said)*),
            is_repeatable: $crate::__marked!($($mark)?),
            bodies: Bodies::Module(|| {
                type P = Probe<$C, $module::Migration>;
                $crate::__private::bodies(
                    || $module::Migration,
                    either(P::CHANGE, P::CHANGE_STEPS),
                    either(P::UP, P::UP_STEPS),
                    either(P::DOWN, P::DOWN_STEPS),
                    P::BECAUSE,
                )
            }),
        }
    };
    ($C:ty, sql $sql:literal => repeatable, [$($said:tt)*]) => {
        $crate::__entry!(@ $sql, ".sql", "sql", Language::Sql, true, ::core::option::Option::None, [$($said)*])
    };
    ($C:ty, cql $sql:literal => repeatable, [$($said:tt)*]) => {
        $crate::__entry!(@ $sql, ".cql", "cql", Language::Cql, true, ::core::option::Option::None, [$($said)*])
    };
    ($C:ty, sql $sql:literal $(=> $mark:ident)?, [$($said:tt)*]) => {
        $crate::__entry!(@ $sql, ".up.sql", "up.sql", Language::Sql, false, ::core::option::Option::Some(::core::include_str!(::core::concat!($sql, ".down.sql"))), [$($said)*])
    };
    ($C:ty, cql $sql:literal $(=> $mark:ident)?, [$($said:tt)*]) => {
        $crate::__entry!(@ $sql, ".up.cql", "up.cql", Language::Cql, false, ::core::option::Option::Some(::core::include_str!(::core::concat!($sql, ".down.cql"))), [$($said)*])
    };
    ($C:ty, $other:ident $sql:literal $(=> $mark:ident)?, [$($said:tt)*]) => {
        ::core::compile_error!(::core::concat!("`", ::core::stringify!($other), " ", ::core::stringify!($sql), "` is no entry: write `sql ", ::core::stringify!($sql), "` or `cql ", ::core::stringify!($sql), "`"))
    };
    (@ $sql:literal, $up:literal, $extension:literal, $language:expr, $is_repeatable:literal, $down:expr, [$($said:tt)*]) => {
        Entry {
            name: $sql,
            source: ::core::include_str!(::core::concat!($sql, $up)),
            list: ::core::file!(),
            extension: $extension,
            language: $language,
            formerly: $crate::__said!(formerly [] $($said)*),
            replaces: $crate::__said!(replaces [] $($said)*),
            is_repeatable: $is_repeatable,
            bodies: Bodies::Sql($down),
        }
    };
}

/// What an entry says behind one word, however often.
#[doc(hidden)]
#[macro_export]
macro_rules! __said {
    ($wanted:ident [$($found:literal),*]) => { &[$($found),*] };
    (formerly [$($found:literal),*] formerly [$($text:literal),+] $($rest:tt)*) => {
        $crate::__said!(formerly [$($found,)* $($text),+] $($rest)*)
    };
    (replaces [$($found:literal),*] replaces [$($text:literal),+] $($rest:tt)*) => {
        $crate::__said!(replaces [$($found,)* $($text),+] $($rest)*)
    };
    ($wanted:ident [$($found:literal),*] formerly [$($text:literal),+] $($rest:tt)*) => {
        $crate::__said!($wanted [$($found),*] $($rest)*)
    };
    ($wanted:ident [$($found:literal),*] replaces [$($text:literal),+] $($rest:tt)*) => {
        $crate::__said!($wanted [$($found),*] $($rest)*)
    };
    (formerly [$($found:literal),*] $other:ident [$($text:literal),+] $($rest:tt)*) => {
        ::core::compile_error!(::core::concat!("`", ::core::stringify!($other), "` says nothing behind an entry: write `formerly \"…\"` or `replaces \"…\"`"))
    };
    ($wanted:ident [$($found:literal),*] $other:ident [$($text:literal),+] $($rest:tt)*) => { &[] };
}

/// Whether an entry is marked as repeatable.
#[doc(hidden)]
#[macro_export]
macro_rules! __marked {
    () => {
        false
    };
    ($mark:ident) => {
        true
    };
}
