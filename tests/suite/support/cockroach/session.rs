//! What CockroachDB would do with a statement, in the state that its session is in, said by statements
//! that PostgreSQL knows.

use super::Shared;
use super::faults::{Fault, aborted, ambiguous};
use super::frame::Failure;
use super::jobs::{self, Slow};
use super::statement::{Statement, What};
use super::translate::translate;

/// Statements that are carried out in the place of one.
#[derive(Debug)]
pub struct Plan {
    pub before: Vec<String>,
    pub main: Main,
    pub after: Vec<String>,
    /// It is carried out, and this is the answer nevertheless.
    pub denied: Option<Failure>,
}

#[derive(Debug)]
pub enum Main {
    /// The statement, in PostgreSQL's words.
    Same(String),
    /// Another one, without parameters.
    Other(String),
    /// An error, and what else was sent with it is not carried out.
    Fails(Failure),
    /// A job that takes its time.
    Job(String, Slow),
}

/// What does nothing.
const NOTHING: &str = "DO $$ BEGIN END $$";

struct Savepoint {
    name: String,
    /// So many changes of the schema came before it.
    changes: usize,
    /// Nothing came before it: to such a one there is always a way back.
    is_initial: bool,
}

#[derive(Default)]
struct Transaction {
    is_explicit: bool,
    /// Whether anything was done in it.
    has_begun: bool,
    changes: usize,
    savepoints: Vec<Savepoint>,
    /// The change whose job will fail, and what it does nevertheless.
    aborts: Option<(Statement, Option<String>)>,
    /// The setting as it is after a rollback, and after a commit.
    autocommit: Option<(bool, bool)>,
}

#[derive(Default)]
pub struct Session {
    /// As the server says it, and then as far as the plans go.
    status: u8,
    autocommit: bool,
    transaction: Transaction,
}

impl Plan {
    fn of(main: Main) -> Self {
        Self { before: Vec::new(), main, after: Vec::new(), denied: None }
    }

    fn fails(code: &str, message: &str) -> Self {
        Self::of(Main::Fails(Failure::new(code, message)))
    }
}

impl Session {
    /// Where the server is with it; the setting, where it is known.
    pub fn is_at(&mut self, status: u8, autocommit: Option<bool>) {
        self.status = status;
        self.autocommit = autocommit.unwrap_or(self.autocommit);
        if status == b'I' {
            self.transaction = Transaction::default();
        } else {
            self.transaction.is_explicit = true;
        }
    }

    pub fn plan(&mut self, statement: &Statement, shared: &Shared) -> Plan {
        let translated = match translate(statement) {
            Ok(translated) => translated,
            Err(failure) => {
                shared.state().missing.push(statement.text.clone());
                return Plan::of(Main::Fails(failure));
            }
        };
        if self.status == b'E' {
            return self.in_failed(statement, translated);
        }
        let fault = shared.fault_at(statement);
        if statement.what == What::Ddl {
            return self.change(statement, translated, fault);
        }
        let denied = match fault {
            Some(Fault::Fails(failure)) => return Plan::of(Main::Fails(failure)),
            Some(Fault::Ambiguous { committed: true }) if !self.transaction.is_explicit => Some(ambiguous()),
            Some(Fault::Ambiguous { .. }) => return Plan::of(Main::Fails(ambiguous())),
            _ => None,
        };
        let plan = self.step(statement, translated, shared);
        Plan { denied: denied.or(plan.denied), ..plan }
    }

    /// In a transaction that has failed, there is a way out or none.
    fn in_failed(&mut self, statement: &Statement, translated: String) -> Plan {
        match &statement.what {
            What::Commit | What::Rollback => {
                self.ends();
                self.status = b'I';
            }
            What::RollbackTo(name) => {
                if let Some(refused) = self.back_to(name) {
                    return refused;
                }
                self.status = b'T';
            }
            _ => {}
        }
        Plan::of(Main::Same(translated))
    }

    fn step(&mut self, statement: &Statement, translated: String, shared: &Shared) -> Plan {
        let is_explicit = self.transaction.is_explicit;
        match &statement.what {
            What::Begin if is_explicit => {
                return Plan::fails("25001", "there is already a transaction in progress");
            }
            What::Begin => {
                self.transaction.is_explicit = true;
                self.transaction.autocommit = Some((self.autocommit, self.autocommit));
            }
            What::Commit | What::Rollback | What::Savepoint(_) | What::Release(_)
                if !is_explicit && !self.transaction.has_begun =>
            {
                // Where it commits by itself, a client may not know that there is no transaction any more.
                return if self.autocommit {
                    Plan::of(Main::Other(NOTHING.to_owned()))
                } else {
                    Plan::fails("25P01", "there is no transaction in progress")
                };
            }
            What::Commit => return self.commit(translated, shared),
            What::Rollback => {
                self.autocommit = self.transaction.autocommit.map_or(self.autocommit, |(before, _)| before);
                self.ends();
            }
            What::Savepoint(name) | What::Release(name) if name.starts_with("cockroach_restart") => {
                return Plan::fails("0A000", "the simulation has no cockroach_restart");
            }
            What::Savepoint(name) => {
                let Transaction { changes, has_begun, .. } = self.transaction;
                let savepoint = Savepoint { name: name.clone(), changes, is_initial: !has_begun };
                self.transaction.savepoints.push(savepoint);
            }
            What::Release(name) => {
                let found = self.transaction.savepoints.iter().rposition(|known| known.name == *name);
                self.transaction.savepoints.truncate(found.unwrap_or(usize::MAX));
            }
            What::RollbackTo(name) => {
                if let Some(refused) = self.back_to(name) {
                    return refused;
                }
            }
            What::Autocommit { on, local } => {
                self.autocommit = *on;
                if let Some((_, session)) = &mut self.transaction.autocommit
                    && !local
                {
                    *session = *on;
                }
            }
            What::ResetAll => self.autocommit = true,
            What::Session => {}
            What::Ddl | What::Other => self.transaction.has_begun = true,
        }
        Plan::of(Main::Same(translated))
    }

    /// Why not, where there is no way back.
    fn back_to(&mut self, name: &str) -> Option<Plan> {
        let transaction = &mut self.transaction;
        let at = transaction.savepoints.iter().rposition(|known| known.name == name)?;
        let savepoint = &transaction.savepoints[at];
        if transaction.changes > savepoint.changes && !savepoint.is_initial {
            let message = "unimplemented: ROLLBACK TO SAVEPOINT not yet supported after DDL statements";
            return Some(Plan::fails("0A000", message));
        }
        transaction.changes = savepoint.changes;
        transaction.has_begun &= !savepoint.is_initial;
        transaction.savepoints.truncate(at + 1);
        None
    }

    fn ends(&mut self) {
        self.transaction = Transaction::default();
    }

    fn commit(&mut self, translated: String, shared: &Shared) -> Plan {
        let Transaction { is_explicit, aborts, autocommit, .. } = std::mem::take(&mut self.transaction);
        self.autocommit = autocommit.map_or(self.autocommit, |(_, session)| session);
        let fault = if is_explicit { shared.fault_at_commit() } else { None };
        // A commit that has failed leaves no transaction either.
        let undone = |failure| Plan { before: vec!["ROLLBACK".to_owned()], ..Plan::of(Main::Fails(failure)) };
        match (fault, aborts) {
            (Some(Fault::Fails(failure)), _) => undone(failure),
            (Some(Fault::Ambiguous { committed: false }), _) => undone(ambiguous()),
            (Some(Fault::Ambiguous { committed: true }), _) => {
                Plan { denied: Some(ambiguous()), ..Plan::of(Main::Same(translated)) }
            }
            (_, Some((change, partial))) => {
                let failure = Failure::new("23505", "simulated");
                let mut before = vec!["COMMIT".to_owned()];
                before.extend(partial);
                before.extend(jobs::entered(&change, Some(&failure)));
                before.push("COMMIT".to_owned());
                Plan { before, ..Plan::of(Main::Fails(aborted(&failure))) }
            }
            _ => Plan::of(Main::Same(translated)),
        }
    }

    /// A change of the schema.
    fn change(&mut self, statement: &Statement, translated: String, fault: Option<Fault>) -> Plan {
        let mut before = Vec::new();
        if self.autocommit && (self.transaction.is_explicit || self.transaction.has_begun) {
            before.push("COMMIT".to_owned());
            self.ends();
        }
        let is_alone = !self.transaction.is_explicit;
        self.transaction.has_begun = true;
        self.transaction.changes += 1;
        let mut after = jobs::entered(statement, None);
        let mut denied = None;
        let main = match fault {
            Some(Fault::Fails(failure)) => Main::Fails(failure),
            Some(Fault::Ambiguous { committed: true }) if is_alone => {
                denied = Some(ambiguous());
                Main::Same(translated)
            }
            Some(Fault::Ambiguous { .. }) => Main::Fails(ambiguous()),
            Some(Fault::Aborts { partial, .. }) if !is_alone => {
                after.clear();
                self.transaction.aborts = Some((statement.clone(), partial));
                Main::Other(NOTHING.to_owned())
            }
            Some(Fault::Aborts { failure, partial }) => {
                before.extend(partial);
                before.extend(jobs::entered(statement, Some(&failure)));
                // Or the error would undo it.
                before.push("COMMIT".to_owned());
                Main::Fails(failure)
            }
            Some(Fault::Slow(slow)) if is_alone => {
                after.clear();
                Main::Job(translated, slow)
            }
            Some(Fault::Slow(_) | Fault::LosesAnswer) | None => Main::Same(translated),
        };
        Plan { before, main, after, denied }
    }
}
