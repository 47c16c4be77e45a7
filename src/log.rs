//! A run as the lines of a log, each with the service that it is about.

use std::io::Write;

use crate::ledger::Direction;
use crate::report::{Event, Reporter, masked};

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// Says events in words. What an event does not say itself, it knows from the beginning of the run.
#[derive(Debug, Default)]
pub(crate) struct Wording {
    pub service: String,
    request: String,
    dry_run: bool,
}

impl Wording {
    /// The line of an event, where it has one.
    pub fn line(&mut self, event: &Event<'_>) -> Option<(Level, String)> {
        if let Event::Begun { service, request, dry_run, .. } = event {
            (*service).clone_into(&mut self.service);
            (*request).clone_into(&mut self.request);
            self.dry_run = *dry_run;
        }
        let (level, text) = self.words(event)?;
        let of = match self.service.as_str() {
            "" => String::new(),
            service => format!("[{service}-migrations] "),
        };
        // One line, whatever an error of a server has.
        let text = masked(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        Some((level, format!("{of}{text}")))
    }

    fn words(&self, event: &Event<'_>) -> Option<(Level, String)> {
        Some(match event {
            Event::Begun { service, request, dry_run, .. } => {
                let way = match *request {
                    "migrate" => "up",
                    "rollback" => "down",
                    other => other,
                };
                let of = if service.is_empty() { String::new() } else { format!(" for service: {service}") };
                let dry = if *dry_run { " (dry run)" } else { "" };
                (Level::Info, format!("Starting migration {way}{of}{dry}"))
            }
            Event::Planned { count, stores, .. } => {
                let plural = if *count == 1 { "" } else { "s" };
                let what = match self.request.as_str() {
                    "migrate" => format!("{count} pending migration{plural}"),
                    "rollback" => format!("{count} migration{plural} to roll back"),
                    _ => format!("{count} migration{plural} to carry out"),
                };
                let across = if *stores > 1 { format!(" in {stores} stores") } else { String::new() };
                (Level::Info, format!("Found {what}{across}"))
            }
            Event::Started { name, direction, .. } => match direction {
                Direction::Up => (Level::Debug, format!("Applying migration {name}")),
                Direction::Down => (Level::Debug, format!("Rolling back migration {name}")),
            },
            Event::Finished { name, .. } if self.dry_run => {
                (Level::Info, format!("Rehearsed migration {name}"))
            }
            Event::Finished { name, direction, .. } => match direction {
                Direction::Up => (Level::Info, format!("Successfully applied migration {name}")),
                Direction::Down => (Level::Info, format!("Successfully rolled back migration {name}")),
            },
            Event::Failed { name, direction, error, .. } => match direction {
                Direction::Up => (Level::Error, format!("Failed to apply migration {name}: {error}")),
                Direction::Down => (Level::Error, format!("Failed to roll back migration {name}: {error}")),
            },
            Event::Ended { error: Some(error), .. } => (Level::Error, format!("Migrations failed: {error}")),
            Event::Ended { applied: 0, rolled_back: 0, .. } => match self.request.as_str() {
                "migrate" => (Level::Info, "No pending migrations".to_owned()),
                _ => (Level::Info, "Nothing to do".to_owned()),
            },
            Event::Ended { .. } => (Level::Info, "All migrations completed successfully".to_owned()),
            Event::Warning { message } => (Level::Warn, (*message).to_owned()),
            Event::Note { message } => (Level::Info, (*message).to_owned()),
            Event::Configured { environment, auto_migrate, force_migration, decision } => (
                Level::Info,
                format!(
                    "Migration Configuration: Environment: {environment}, Auto Migrate: {auto_migrate}, Force \
                     Migration: {force_migration}: {}",
                    decision.join("; ")
                ),
            ),
            Event::NotReady { store, because } => {
                (Level::Info, format!("Waiting for store {store}: {because}"))
            }
            Event::BackingUp { store, by } => (Level::Info, format!("Backing up store {store} by {by}")),
            Event::BackedUp { store, place, .. } => {
                (Level::Info, format!("Backed up store {store} to {place}"))
            }
            Event::Replaced { store, name, replaces } => (
                Level::Info,
                format!(
                    "Entered migration {name} in store {store}, in the place of {} that are applied",
                    replaces.len()
                ),
            ),
            Event::Waiting { store, by } => {
                (Level::Info, format!("Waiting for the lock of store {store}, held by {by}"))
            }
            Event::Retrying { name, because, attempt } => {
                (Level::Warn, format!("Trying migration {name} again ({attempt}): {because}"))
            }
            Event::Paused { name, because } => {
                (Level::Debug, format!("Migration {name} lets others go first: {because}"))
            }
            Event::Step { name, step, what, skipped } => {
                let done = if *skipped { " (done before)" } else { "" };
                (Level::Debug, format!("Step {step} of migration {name}{done}: {what}"))
            }
            // Not where the next one begins: that is a value of somebody's row.
            Event::Chunk { name, step, chunks, .. } => {
                (Level::Debug, format!("Step {step} of migration {name}: {chunks} chunks are done"))
            }
        })
    }
}

/// A [`Reporter`] that writes a line of a log for each event, for programs without `tracing`:
///
/// ```text
/// [discovery-svc-migrations] Starting migration up for service: discovery-svc
/// [discovery-svc-migrations] Found 2 pending migrations
/// [discovery-svc-migrations] Successfully applied migration m0001_create_videos
/// [discovery-svc-migrations] Successfully applied migration m0002_add_video_slug
/// [discovery-svc-migrations] All migrations completed successfully
/// ```
///
/// ```no_run
/// # fn run(project: updown::Project) -> Result<(), updown::Error> {
/// use updown::{LogLines, Migrator, Request};
///
/// Migrator::new(project).with_reporter(LogLines::new(std::io::stderr())).run(&Request::migrate())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct LogLines<W> {
    to: W,
    wording: Wording,
}

impl<W: Write> LogLines<W> {
    /// To that writer, which is not buffered here.
    pub fn new(to: W) -> Self {
        Self { to, wording: Wording::default() }
    }
}

impl<W: Write> Reporter for LogLines<W> {
    fn event(&mut self, event: &Event<'_>) {
        if let Some((level, line)) = self.wording.line(event)
            && level != Level::Debug
        {
            // A log that nobody reads any more must not stop a migration.
            let _ = writeln!(self.to, "{line}").and_then(|()| self.to.flush());
        }
    }
}
