//! A run as spans and events of the crate `tracing`.

use tracing::span::EnteredSpan;
use tracing::{debug, error, info, info_span, warn};

use crate::ledger::Direction;
use crate::log::{Level, Wording};
use crate::report::{Event, Reporter};

/// A [`Reporter`] that makes an event of `tracing` of each event of a run, under the target `updown`, with what is
/// known as fields: `service`, `store`, `migration`, `direction`, `batch`, `duration_ms` and `error`. Its message is the
/// line that [`LogLines`](crate::LogLines) writes.
///
/// With the feature `tracing` it is what a [`Migrator`](crate::Migrator) has where no other reporter is set. The spans
/// `migration_run` and `migration` are there with every reporter: what a body logs stands in them.
#[derive(Debug, Default)]
pub struct Tracing {
    wording: Wording,
}

impl Tracing {
    /// To the subscriber that is there when something happens.
    pub fn new() -> Self {
        Self::default()
    }
}

/// What stands beside the message.
#[derive(Default)]
struct Fields<'a> {
    store: Option<&'a str>,
    migration: Option<&'a str>,
    direction: Option<&'static str>,
    batch: Option<i64>,
    duration_ms: Option<u64>,
    error: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn of(event: &Event<'a>) -> Self {
        let way = |direction: Direction| Some(direction.word());
        match *event {
            Event::Started { store, name, direction, batch_no, .. } => Self {
                store: Some(store),
                migration: Some(name),
                direction: way(direction),
                batch: batch_no,
                ..Self::default()
            },
            Event::Finished { store, name, direction, duration_ms, batch_no, .. } => Self {
                store: Some(store),
                migration: Some(name),
                direction: way(direction),
                batch: batch_no,
                duration_ms: Some(duration_ms),
                error: None,
            },
            Event::Failed { store, name, direction, duration_ms, error, batch_no, .. } => Self {
                store: Some(store),
                migration: Some(name),
                direction: way(direction),
                batch: batch_no,
                duration_ms: Some(duration_ms),
                error: Some(error),
            },
            Event::Planned { batch_no, .. } => Self { batch: batch_no, ..Self::default() },
            Event::Ended { batch_no, duration_ms, error, .. } => {
                Self { batch: batch_no, duration_ms: Some(duration_ms), error, ..Self::default() }
            }
            Event::BackedUp { store, duration_ms, .. } => {
                Self { store: Some(store), duration_ms: Some(duration_ms), ..Self::default() }
            }
            Event::Waiting { store, .. } | Event::NotReady { store, .. } | Event::BackingUp { store, .. } => {
                Self { store: Some(store), ..Self::default() }
            }
            Event::Replaced { store, name, .. } => {
                Self { store: Some(store), migration: Some(name), ..Self::default() }
            }
            Event::Retrying { name, .. }
            | Event::Paused { name, .. }
            | Event::Step { name, .. }
            | Event::Chunk { name, .. } => Self { migration: Some(name), ..Self::default() },
            _ => Self::default(),
        }
    }
}

impl Reporter for Tracing {
    fn event(&mut self, event: &Event<'_>) {
        let Some((level, line)) = self.wording.line(event) else { return };
        let service = said(&self.wording.service);
        let Fields { store, migration, direction, batch, duration_ms, error } = Fields::of(event);
        // The level of an event is a constant of its place.
        macro_rules! tell {
            ($at:ident) => {
                $at!(target: "updown", service, store, migration, direction, batch, duration_ms, error, "{line}")
            };
        }
        match level {
            Level::Debug => tell!(debug),
            Level::Info => tell!(info),
            Level::Warn => tell!(warn),
            Level::Error => tell!(error),
        }
    }
}

fn said(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Around a whole run.
pub(crate) fn run(service: &str, environment: &str, request: &str) -> EnteredSpan {
    info_span!(target: "updown", "migration_run", service = said(service), environment, request).entered()
}

/// Around one migration.
pub(crate) fn migration(
    service: &str,
    store: &str,
    name: &str,
    direction: Direction,
    batch: Option<i64>,
) -> EnteredSpan {
    let direction = direction.word();
    info_span!(target: "updown", "migration", service = said(service), store, migration = name, direction, batch)
        .entered()
}
