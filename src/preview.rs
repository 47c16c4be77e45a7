//! Migrations before they are carried out: what can be read without running it, typed changes and texts of SQL, is
//! shown; and typed changes are warned of, and checked.

use serde::Serialize;

use crate::error::{ChangeProblem, Error, InvalidChange};
use crate::ledger::Direction;
use crate::listed::Listed;
use crate::migrator::Migrator;
use crate::plan::{Action, Plan, Request};
use crate::project::StoreKind;
use crate::reach::{self, Reached};
use crate::report::masked;
use crate::schema::{Problem, Rehearsal, Tables, There, TypedPreview};

/// What a request would do, with the SQL of what is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Preview {
    /// In the order in which they would run.
    pub migrations: Vec<MigrationPreview>,
    /// What stops nothing but should be known.
    pub warnings: Vec<String>,
}

/// One migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MigrationPreview {
    /// The store.
    pub store: String,
    /// The migration.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// The file of its module.
    pub file: Option<String>,
    /// Whether it runs outside a transaction, in steps, on the store's database.
    pub in_steps: bool,
    /// What it does on each database that was asked about; none where it is written by hand.
    pub typed: Vec<TypedPreview>,
    /// What it says, where it is a text of SQL or CQL.
    pub text: Option<TextPreview>,
}

/// A text of SQL or CQL, as it stands in its file, but for passwords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TextPreview {
    /// What is carried out.
    pub text: String,
    /// What undoes that, or, of a way back, what applies it again.
    pub reverse: Option<String>,
    /// Why there is no way back.
    pub irreversible: Option<String>,
}

impl TextPreview {
    fn of(listed: &Listed, direction: Direction) -> Option<Self> {
        let text = |direction| listed.sql(direction).map(|sql| masked(sql.text.trim()));
        Some(Self {
            text: text(direction)?,
            reverse: text(match direction {
                Direction::Up => Direction::Down,
                Direction::Down => Direction::Up,
            }),
            irreversible: listed.irreversible.as_ref().map(ToString::to_string),
        })
    }
}

impl Migrator {
    /// What `request` would do, with the SQL of what is typed or is text, and what undoes it. Touches nothing: SQLite's way of
    /// changing a table, which depends on how it is, is tried out on an empty copy in memory.
    ///
    /// # Errors
    /// As [`Migrator::plan`].
    pub fn preview(&mut self, request: &Request) -> Result<Preview, Error> {
        let (config, mut stores, _) = self.open(request)?;
        let plan = reach::make_plan(&stores, request, &config)?;
        let plan = with_warnings(plan, &stores);
        let mut preview = Preview { warnings: plan.warnings, ..Preview::default() };
        let mut rehearsals: Vec<Option<Rehearsal>> = stores.iter().map(|_| None).collect();
        for action in &plan.actions {
            let store = &mut stores[action.store_index];
            let rehearsal = match &mut rehearsals[action.store_index] {
                Some(rehearsal) => rehearsal,
                none => {
                    let there = store.session.there().map_err(|error| Error::store(&store.name, error))?;
                    none.insert(Rehearsal::new(store.session.database(), &there))
                }
            };
            let listed = &store.session.listed()[action.index];
            let typed = listed
                .typed
                .iter()
                .map(|typed| rehearsal.preview(typed, action.direction, action.in_steps))
                .collect();
            preview.migrations.push(MigrationPreview {
                store: action.store.clone(),
                name: action.name.clone(),
                direction: action.direction,
                file: listed.file.as_ref().map(ToString::to_string),
                in_steps: action.in_steps,
                typed,
                text: TextPreview::of(listed, action.direction),
            });
        }
        Ok(preview)
    }

    /// What every migration of the lists does on each kind of database that it can be applied to, without
    /// connecting to any.
    ///
    /// # Errors
    /// [`Error::Usage`] where a store is named that does not exist.
    pub fn preview_everywhere(&mut self) -> Result<Preview, Error> {
        let config = self.config()?;
        let mut preview = Preview::default();
        for store in &self.project.stores {
            if !config.only.is_empty() && !config.only.contains(&store.name) {
                continue;
            }
            let StoreKind::Registry { lists, .. } = &store.kind else {
                preview.warnings.push(format!("store {} is not built in", store.name));
                continue;
            };
            let lists = lists()?;
            let mut rehearsals: Vec<Rehearsal> =
                lists.iter().map(|(database, _)| Rehearsal::new(*database, &There::default())).collect();
            let Some((_, first)) = lists.first() else { continue };
            for (index, listed) in first.iter().enumerate() {
                let each = lists.iter().zip(&mut rehearsals).filter_map(|((_, list), rehearsal)| {
                    let listed = &list[index];
                    Some(rehearsal.preview(
                        listed.typed.as_ref()?,
                        Direction::Up,
                        listed.in_steps(Direction::Up),
                    ))
                });
                preview.migrations.push(MigrationPreview {
                    store: store.name.clone(),
                    name: listed.name.to_string(),
                    direction: Direction::Up,
                    file: listed.file.as_ref().map(ToString::to_string),
                    in_steps: listed.in_steps(Direction::Up),
                    typed: each.collect(),
                    text: TextPreview::of(listed, Direction::Up),
                });
            }
        }
        Ok(preview)
    }
}

/// A plan, with what to warn of before it is carried out.
pub fn with_warnings(mut plan: Plan, stores: &[Reached]) -> Plan {
    plan.warnings.extend(warnings(stores, &plan.actions));
    plan
}

fn warnings(stores: &[Reached], actions: &[Action]) -> Vec<String> {
    let up = actions.iter().filter(|action| action.direction == Direction::Up);
    up.flat_map(|action| {
        let session = &stores[action.store_index].session;
        let typed = session.listed()[action.index].typed.as_ref();
        typed.map(|typed| crate::schema::warnings(typed, session.database())).unwrap_or_default()
    })
    .collect()
}

/// What a check goes by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// What the code says alone.
    Code,
    /// The tables that there are, too. Under the lease: what another run makes between the look at the ledger and the
    /// one at them would be taken for a mistake.
    Tables,
}

/// Refuses what is known to fail before anything runs.
pub fn check(stores: &mut [Reached], actions: &[Action], request: &Request, by: By) -> Result<(), Error> {
    for (index, store) in stores.iter_mut().enumerate() {
        let of_store = |action: &&Action| action.store_index == index && action.direction == Direction::Up;
        let up: Vec<&Action> = actions.iter().filter(of_store).collect();
        let is_typed = |action: &&Action| store.session.listed()[action.index].typed.is_some();
        if !up.iter().any(is_typed) {
            continue;
        }
        // What goes before they are applied again is not known to be there then.
        let goes =
            actions.iter().any(|action| action.store_index == index && action.direction == Direction::Down);
        let mut tables = match goes {
            _ if by == By::Code => None,
            true => None,
            false if *request == Request::Fresh => Some(Tables::new()),
            false => Some(store.session.there().map_err(|error| Error::store(&store.name, error))?.tables),
        };
        let database = store.session.database();
        for action in up {
            // What an interrupted run has made of it is there already.
            if store.snapshot.journal.iter().any(|row| row.name == action.name) {
                tables = None;
            }
            let Some(typed) = &store.session.listed()[action.index].typed else {
                // Whatever it does to tables, nobody knows.
                tables = None;
                continue;
            };
            // It would be entered as applied, and what is written into it later would never run.
            if typed.is_empty() {
                let nothing = nothing_said(&store.session.listed()[action.index]);
                return Err(invalid(vec![nothing], &store.name, &action.name));
            }
            refuse(typed.problems(database, &mut tables), &store.name, &action.name)?;
        }
    }
    Ok(())
}

/// The same for one migration.
pub fn check_one(store: &mut Reached, action: &Action) -> Result<(), Error> {
    let listed = &store.session.listed()[action.index];
    let Some(typed) = listed.typed.clone() else { return Ok(()) };
    let there = store.session.there().map_err(|error| Error::store(&store.name, error))?;
    refuse(typed.problems(store.session.database(), &mut Some(there.tables)), &store.name, &action.name)
}

fn refuse(problems: Vec<Problem>, store: &str, migration: &str) -> Result<(), Error> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(invalid(problems.into_iter().map(ChangeProblem::from).collect(), store, migration))
}

fn invalid(problems: Vec<ChangeProblem>, store: &str, migration: &str) -> Error {
    let (store, migration) = (store.to_owned(), migration.to_owned());
    Error::InvalidChange(Box::new(InvalidChange { store, migration, problems }))
}

fn nothing_said(listed: &Listed) -> ChangeProblem {
    ChangeProblem {
        file: listed.file.as_ref().unwrap_or(&listed.name).to_string(),
        line: listed.line_with("fn change").unwrap_or(1),
        message: "the change is not written yet".to_owned(),
        hint: "say what it does: `schema.create_table(\"…\", |t| { … })`; or take it out of the list"
            .to_owned(),
    }
}

impl From<Problem> for ChangeProblem {
    fn from(problem: Problem) -> Self {
        Self {
            file: problem.at.file.to_owned(),
            line: problem.at.line,
            message: problem.what,
            hint: problem.hint,
        }
    }
}
