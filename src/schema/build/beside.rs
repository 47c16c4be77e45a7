//! What is declared beside `table!`, which has no words for it: indexes, defaults, unique and foreign keys,
//! checks.

use std::panic::Location;

use super::constraint::ConstraintBuilder;
use super::{Reference, names};
use crate::schema::op::{Constraint, DefaultValue, ForeignKey, Index, IndexColumn};
use crate::schema::recorded::At;
use crate::store::Database;

/// What the tables of a `schema.rs` have that `table!` cannot say. The declaration stands in a function:
///
/// ```
/// use updown::prelude::*;
/// use updown::schema::{Beside, DefaultValue};
///
/// pub fn declared(schema: &mut Beside) {
///     schema.table("videos", |t| {
///         t.index([asc("user_id"), desc("created_at")]);
///         t.index(["slug"]).unique().only_where("visibility = 'public'");
///         t.unique(["upload_id", "title"]);
///         t.default("visibility", "private");
///         t.default("created_at", DefaultValue::Now);
///         t.check("length(slug) <= 100").name("videos_slug_is_short");
///         t.foreign_key(["user_id"], "users", ["id"]).on_delete(ForeignKeyAction::Cascade);
///     });
/// }
/// ```
///
/// What it says is to be there. What else the database has of the kind is left alone.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    pub(crate) tables: Vec<BesideTable>,
    only: Option<Vec<Database>>,
}

/// A table, to say what it has beside its columns.
#[derive(Clone, Debug)]
pub struct BesideTable {
    pub(crate) name: String,
    pub(crate) at: At,
    pub(crate) said: Vec<Said>,
    only: Option<Vec<Database>>,
}

/// One thing that a table has, and where it is written.
#[derive(Clone, Debug)]
pub struct Said {
    pub at: At,
    pub what: Saying,
}

/// What a table has.
#[derive(Clone, Debug)]
pub enum Saying {
    /// With an empty name where none is given.
    Index(Index),
    /// A unique constraint, a check or a foreign key.
    Constraint(Constraint),
    Default {
        column: String,
        value: DefaultValue,
    },
    /// The database numbers the column.
    Counts {
        column: String,
    },
}

/// An index that is declared, to say more about.
#[derive(Debug)]
pub struct BesideIndex<'a> {
    index: &'a mut Index,
}

impl Beside {
    /// Says what a table has; `schema.table` where it is in another schema than the first.
    #[track_caller]
    pub fn table(&mut self, name: impl Into<String>, say: impl FnOnce(&mut BesideTable)) {
        let (at, only) = (here(), self.only.clone());
        let mut table = BesideTable { name: name.into(), at, said: Vec::new(), only };
        say(&mut table);
        self.tables.push(table);
    }

    /// What `declare` says is for these databases only.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # use updown::schema::Beside;
    /// # fn declared(schema: &mut Beside) {
    /// schema.only_on([Database::Postgres], |schema| {
    ///     schema.table("videos", |t| {
    ///         t.index(["tags"]).using("gin");
    ///     });
    /// });
    /// # }
    /// ```
    pub fn only_on(
        &mut self,
        databases: impl IntoIterator<Item = Database>,
        declare: impl FnOnce(&mut Self),
    ) {
        let wanted: Vec<Database> = databases.into_iter().collect();
        let outer = self.only.take();
        let both = |outer: &Vec<Database>| wanted.iter().copied().filter(|one| outer.contains(one)).collect();
        self.only = Some(outer.as_ref().map_or_else(|| wanted.clone(), both));
        declare(self);
        self.only = outer;
    }

    /// What is said for a database.
    pub(crate) fn on(&self, database: Database) -> impl Iterator<Item = &BesideTable> {
        self.tables
            .iter()
            .filter(move |table| table.only.as_ref().is_none_or(|only| only.contains(&database)))
    }
}

impl BesideTable {
    /// An index of these columns; its name is `videos_user_id_created_at_idx` unless another one is given.
    #[track_caller]
    pub fn index<I>(&mut self, columns: I) -> BesideIndex<'_>
    where
        I: IntoIterator,
        I::Item: Into<IndexColumn>,
    {
        let index = Index::new("", self.name.clone(), columns);
        match self.add(here(), Saying::Index(index)) {
            Saying::Index(index) => BesideIndex { index },
            _ => unreachable!("it was put there just now"),
        }
    }

    /// No row has the same values as another one in these columns.
    #[track_caller]
    pub fn unique<I>(&mut self, columns: I) -> ConstraintBuilder<'_>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.constraint(here(), Constraint::Unique { name: None, columns: names(columns) })
    }

    /// What holds for each row, in SQL. It is compared with what the database has without white space,
    /// parentheses and casts.
    #[track_caller]
    pub fn check(&mut self, expression: impl Into<String>) -> ConstraintBuilder<'_> {
        self.constraint(here(), Constraint::Check { name: None, expression: expression.into() })
    }

    /// What a row has in a column where no value is given. A text is quoted: it is a value, never SQL.
    #[track_caller]
    pub fn default(&mut self, column: impl Into<String>, value: impl Into<DefaultValue>) {
        self.add(here(), Saying::Default { column: column.into(), value: value.into() });
    }

    /// An expression in SQL, word for word, where no value is given.
    #[track_caller]
    pub fn default_sql(&mut self, column: impl Into<String>, expression: impl Into<String>) {
        let value = DefaultValue::Expression(expression.into());
        self.add(here(), Saying::Default { column: column.into(), value });
    }

    /// The database counts where no number is given: an identity column, on SQLite `AUTOINCREMENT`, which has
    /// to be the primary key. A column that is numbered in another way, as a `serial` is, is as good.
    #[track_caller]
    pub fn auto_increment(&mut self, column: impl Into<String>) {
        self.add(here(), Saying::Counts { column: column.into() });
    }

    /// These columns refer to a row of another table. A `joinable!` of the same says no more than that; what
    /// happens on `DELETE` and `UPDATE` is compared where it is said here.
    #[track_caller]
    pub fn foreign_key<F, T>(&mut self, columns: F, table: impl Into<String>, to_columns: T) -> Reference<'_>
    where
        F: IntoIterator,
        F::Item: Into<String>,
        T: IntoIterator,
        T::Item: Into<String>,
    {
        let key = ForeignKey::new(columns, table, to_columns);
        match self.constraint(here(), Constraint::ForeignKey(key)).constraint {
            Constraint::ForeignKey(key) => Reference { key },
            _ => unreachable!("it was put there just now"),
        }
    }

    fn constraint(&mut self, at: At, constraint: Constraint) -> ConstraintBuilder<'_> {
        match self.add(at, Saying::Constraint(constraint)) {
            Saying::Constraint(constraint) => ConstraintBuilder { constraint },
            _ => unreachable!("it was put there just now"),
        }
    }

    fn add(&mut self, at: At, what: Saying) -> &mut Saying {
        self.said.push(Said { at, what });
        let last = self.said.len() - 1;
        &mut self.said[last].what
    }
}

impl BesideIndex<'_> {
    /// Its name.
    pub fn name(self, given: impl Into<String>) -> Self {
        self.index.name = given.into();
        self
    }

    /// No two rows have the same in it.
    pub fn unique(self) -> Self {
        self.index.unique = true;
        self
    }

    /// Only these rows are in it: a condition in SQL.
    pub fn only_where(self, condition: impl Into<String>) -> Self {
        self.index.only_where = Some(condition.into());
        self
    }

    /// Keeps these columns beside the key (`INCLUDE`).
    pub fn including<I>(self, columns: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.index.including = names(columns);
        self
    }

    /// Of this kind: `gin`, `gist`, `hash`, `brin`, … PostgreSQL; CockroachDB has `gin`.
    pub fn using(self, method: impl Into<String>) -> Self {
        self.index.method = Some(method.into());
        self
    }
}

/// Where the method of the builder is called.
#[track_caller]
fn here() -> At {
    let at = Location::caller();
    At { file: at.file(), line: at.line() }
}
