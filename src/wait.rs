//! Waiting until every store can be logged in to: a port that is open says nothing yet.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::error::{Error, StoreError};
use crate::execute::millis;
use crate::migrator::Migrator;
use crate::reach::{self, Pause};
use crate::report::{Event, Reporter};
use crate::standing::Unreachable;

/// A store that can be logged in to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ready {
    /// The store.
    pub store: String,
    /// How long it took, in milliseconds.
    pub waited_ms: u64,
}

/// The longest pause between two tries.
const PAUSE: Duration = Duration::from_secs(1);

impl Migrator {
    /// Waits until every configured store can be logged in to and read, for as long as
    /// [`Config::wait_for_database`](crate::Config::wait_for_database) says. Writes nothing.
    ///
    /// # Errors
    /// [`Error::Unreachable`] where one cannot be in that time, with the last reason of each; [`Error::Usage`] for
    /// what no waiting would mend; [`Error::Cancelled`].
    pub fn wait(&mut self) -> Result<Vec<Ready>, Error> {
        let began = Instant::now();
        let config = self.config()?;
        let mut left: Vec<String> =
            reach::meant(&self.project, &config)?.0.into_iter().map(|store| store.name.to_owned()).collect();
        let (mut ready, mut said) = (Vec::new(), Vec::new());
        let mut pause = Pause::default();
        loop {
            let mut asked = config.clone();
            asked.only.clone_from(&left);
            // A database that is busy has let us in.
            asked.wait_for_lock = Duration::ZERO;
            let mut unreached = Vec::new();
            match reach::open_whosever(&self.project, &asked, &self.cancel, &self.reporter) {
                Ok(found) => {
                    unreached.extend(found.unreached.into_iter().map(|store| (store.name, store.error)))
                }
                Err(error) => match left.as_slice() {
                    [only] => unreached.push((only.clone(), error)),
                    _ => return Err(error),
                },
            }
            unreached.retain(|(_, error)| !is_in(error));
            if let Some(at) = unreached.iter().position(|(_, error)| !may_pass(error)) {
                return Err(unreached.swap_remove(at).1);
            }
            let is_left = |store: &String| unreached.iter().any(|(name, _)| name == store);
            let waited_ms = millis(began);
            ready
                .extend(left.extract_if(.., |store| !is_left(store)).map(|store| Ready { store, waited_ms }));
            if left.is_empty() {
                return Ok(ready);
            }
            let stores: Vec<(String, String)> = unreached
                .into_iter()
                .map(|(store, error)| (store, Unreachable::of(&error).because))
                .collect();
            for why in &stores {
                // Once for each reason: it is seen how far a server has come.
                if !said.contains(why) {
                    self.reporter.event(&Event::NotReady { store: &why.0, because: &why.1 });
                    said.push(why.clone());
                }
            }
            if began.elapsed() >= config.wait_for_database {
                return Err(Error::Unreachable { waited: config.wait_for_database, stores });
            }
            pause.take_up_to(PAUSE, &self.cancel)?;
        }
    }
}

/// Whether the database has let us in, whatever it said then.
fn is_in(error: &Error) -> bool {
    match error {
        Error::Locked { .. } => true,
        Error::Store { source, .. } => matches!(**source, StoreError::Busy),
        _ => false,
    }
}

/// Whether another try may find what this one did not.
fn may_pass(error: &Error) -> bool {
    match error {
        Error::Store { source, .. } => !matches!(**source, StoreError::Url { .. }),
        _ => false,
    }
}
