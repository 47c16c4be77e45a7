//! What is written is built on a second scratch database, and compared with what the replaced ones have built.

use super::built::Built;
use super::refused;
use super::rows;
use crate::error::Error;
use crate::ledger::Direction;
use crate::migration::Migration;
use crate::migrator::Migrator;
use crate::project::Project;
use crate::reach::{self, Reached};
use crate::registry::Registry;
use crate::schema::{Inspected, differences};
use crate::store::AnyConnection;

/// So many differences are told.
const TOLD: usize = 5;

const HINT: &str = "nothing was written; write the migration by hand (`--dry-run` shows what was made of it), with \
                    what it replaces behind its entry: `replaces \"…\"`, or in a file `-- updown: replaces: …`";

impl Migrator {
    /// Whether dumps were compared, too.
    pub(super) fn is_the_same(
        &mut self,
        first: &mut Reached,
        built: &Built,
        text: &str,
    ) -> Result<bool, Error> {
        let config = self.config_of_one(Some(&first.name))?;
        let migration = Migration::<AnyConnection>::sql("1_squashed", text.to_owned(), None);
        let project = Project::at("", "")
            .store(&first.name, Registry::<AnyConnection>::from_migrations(vec![migration]));
        let mut second = Self::new(project).with_config(config);
        second.cancel = self.cancel.clone();
        let mut scratch = second.on_one_scratch(Some(&first.name))?;
        second.claim_scratch(&mut scratch, 0)?;
        let store = &mut scratch.stores[0];
        second.try_out(store, 0, Direction::Up).map_err(|error| not_built(&first.name, error))?;
        let failed = |error| Error::store(&first.name, error);
        let there = store.session.inspect().map_err(failed)?;
        let differ = differences(&built.facts, &there.facts());
        if !differ.is_empty() {
            let told: Vec<String> = differ.iter().take(TOLD).map(ToString::to_string).collect();
            return Err(different(&first.name, &told.join("; ")));
        }
        #[cfg_attr(not(feature = "scylla"), allow(irrefutable_let_patterns))]
        if let (true, Inspected::Sql(model)) = (built.rows.are_written, there) {
            let there = rows::of(store, &model)?;
            let missing =
                built.rows.statements.iter().find(|statement| !there.statements.contains(statement));
            let other = there.statements.iter().find(|statement| !built.rows.statements.contains(statement));
            if let Some(first_line) = missing.or(other).and_then(|statement| statement.lines().next()) {
                return Err(different(&first.name, &format!("the rows are others: {first_line}")));
            }
        }
        let compared = same_dumps(first, store)?;
        reach::release(&mut scratch.stores);
        Ok(compared)
    }
}

fn not_built(store: &str, error: Error) -> Error {
    match error {
        Error::Failed(failure) => {
            let statement =
                failure.statement.as_deref().map(|sql| format!(" (in {sql})")).unwrap_or_default();
            let why = format!("what was made of the schema cannot be built: {:#}{statement}", failure.source);
            refused(store, why, HINT)
        }
        other => other,
    }
}

fn different(store: &str, what: &str) -> Error {
    refused(store, format!("what was made of the schema builds another one: {what}"), HINT)
}

/// Whether there was a `pg_dump` to compare with.
#[cfg(feature = "postgres")]
fn same_dumps(first: &Reached, second: &Reached) -> Result<bool, Error> {
    use super::dump::schema;
    if first.session.database() != crate::store::Database::Postgres {
        return Ok(false);
    }
    let (Some(one), Some(other)) = (schema(&first.url), schema(&second.url)) else { return Ok(false) };
    if one == other {
        return Ok(true);
    }
    let only = |these: &str, those: &str| {
        let line = these.lines().find(|line| !those.lines().any(|other| other == *line));
        line.map(str::to_owned)
    };
    let what = match (only(&one, &other), only(&other, &one)) {
        (Some(line), _) => format!("`pg_dump` misses {line:?}"),
        (None, Some(line)) => format!("`pg_dump` finds {line:?}, too"),
        (None, None) => "`pg_dump` finds it in another order".to_owned(),
    };
    Err(different(&first.name, &what))
}

#[cfg(not(feature = "postgres"))]
fn same_dumps(_: &Reached, _: &Reached) -> Result<bool, Error> {
    Ok(false)
}
