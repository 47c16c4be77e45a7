//! What the migrations have built on a scratch database, and the statements that build it again.

use super::rows::{self, Rows};
use super::{Data, refused};
use crate::error::Error;
use crate::reach::Reached;
use crate::schema::diff::Needed;
use crate::schema::model::{Model, Name};
use crate::schema::op::Op;
use crate::schema::recorded::{Operation, Was};
use crate::schema::{Facts, Inspected, NoCatalog, emit, statements_of};
use crate::store::Database;

/// A scratch database as it is.
pub struct Built {
    pub database: Database,
    pub facts: Facts,
    /// What makes it, in order.
    pub needed: Vec<Needed>,
    /// What no statement makes, in words.
    pub left_out: Vec<String>,
    /// What its tables have in them.
    pub rows: Rows,
    /// Views that keep the rows which they had when they were made.
    kept: Vec<Name>,
}

impl Built {
    pub fn of(store: &mut Reached) -> Result<Self, Error> {
        let failed = |error| Error::store(&store.name, error);
        let database = store.session.database();
        let inspected = store.session.inspect().map_err(failed)?;
        let facts = inspected.facts();
        #[cfg_attr(not(feature = "scylla"), allow(irrefutable_let_patterns))]
        let Inspected::Sql(model) = inspected else {
            return Err(Error::usage("a keyspace is not squashed", "`updown status` shows the stores"));
        };
        let beyond = store.session.beyond().map_err(failed)?;
        let needed = emit::whole(database, &model, &beyond);
        let rows = rows::of(store, &model)?;
        Ok(Self { database, facts, needed, left_out: beyond.left_out, rows, kept: kept(&model) })
    }

    /// Rows are no part of a schema: whoever wants them to be written, or not, says so.
    pub fn settle_rows(&mut self, store: &str, data: Data) -> Result<(), Error> {
        let tables = self.rows.tables();
        match data {
            Data::Unsaid if !tables.is_empty() => {
                return Err(refused(
                    store,
                    format!("the migrations write rows into {}, and a schema has none", tables.join(", ")),
                    "`--with-data` writes them into the new migration, as they are on a scratch database; \
                     `--without-data` leaves them out",
                ));
            }
            Data::Written => {
                let place = self.needed.iter().position(|needed| is_trigger(&needed.operation));
                let mut written: Vec<Needed> = self.rows.statements.iter().map(raw).collect();
                let refresh =
                    self.kept.iter().map(|view| format!("REFRESH MATERIALIZED VIEW {}", rows::quoted(view)));
                written.extend(refresh.map(|sql| raw(&sql)));
                if !self.rows.statements.is_empty() {
                    // Before the triggers, which would fire.
                    let place = place.unwrap_or(self.needed.len());
                    self.needed.splice(place..place, written);
                }
                self.rows.are_written = true;
            }
            Data::Unsaid | Data::LeftOut => {}
        }
        Ok(())
    }

    /// The tables whose rows are written, and those whose are not.
    pub fn tables_with_rows(&self) -> (Vec<String>, Vec<String>) {
        match self.rows.are_written {
            true => (self.rows.tables(), Vec::new()),
            false => (Vec::new(), self.rows.tables()),
        }
    }

    /// All of it as the text of a file.
    pub fn sql(&self, store: &str) -> Result<String, Error> {
        let mut text = String::new();
        for needed in &self.needed {
            let Some(op) = needed.operation.sql() else { continue };
            let statements = statements_of(op, self.database, &mut NoCatalog).map_err(|unfit| {
                refused(store, format!("there is no statement for a part of it: {}", unfit.what), unfit.hint)
            })?;
            for statement in statements {
                text.push_str(&ended(&statement));
            }
        }
        Ok(text)
    }
}

/// A statement with its end, and a line between it and the next.
pub fn ended(statement: &str) -> String {
    let statement = statement.trim().trim_end_matches(';').trim_end();
    let last = statement.lines().last().unwrap_or_default();
    // A comment would go on over it.
    let end = if last.contains("--") { "\n;" } else { ";" };
    format!("{statement}{end}\n\n")
}

fn raw(sql: impl AsRef<str>) -> Needed {
    let op = Op::Raw { up: vec![sql.as_ref().to_owned()], down: Was::Known(Vec::new()) };
    Needed::new(op, None).addition(true)
}

fn is_trigger(operation: &Operation) -> bool {
    let Some(Op::Raw { up, .. }) = operation.sql() else { return false };
    // Not the function of one, which `RETURNS trigger`.
    let between = ["OR", "REPLACE", "CONSTRAINT", "TEMP", "TEMPORARY"];
    up.first().is_some_and(|sql| {
        let mut words = sql.split_whitespace().map(str::to_ascii_uppercase);
        words.next().as_deref() == Some("CREATE")
            && words.find(|word| !between.contains(&word.as_str())).as_deref() == Some("TRIGGER")
    })
}

fn kept(model: &Model) -> Vec<Name> {
    let views = model.views.iter().filter(|(_, view)| view.materialized);
    views.map(|(name, _)| name.clone()).collect()
}
