//! Whoever is told of a run is told that it begins, and how it ended.

use std::time::Instant;

use crate::error::Error;
use crate::execute::millis;
use crate::migrator::Migrator;
use crate::plan::Request;
use crate::report::{Event, Report, Reporter, SharedReporter};

/// Who is told where an application has set nobody.
#[cfg(feature = "tracing")]
pub fn default_reporter() -> SharedReporter {
    SharedReporter::new(crate::trace::Tracing::new())
}

/// Who is told where an application has set nobody.
#[cfg(not(feature = "tracing"))]
pub fn default_reporter() -> SharedReporter {
    SharedReporter::new(())
}

impl Migrator {
    /// Around `run`, which carries `request` out.
    pub(crate) fn told(
        &mut self,
        request: &Request,
        dry_run: bool,
        run: impl FnOnce(&mut Self) -> Result<Report, Error>,
    ) -> Result<Report, Error> {
        let began = Instant::now();
        let config = self.config()?;
        let (service, environment) = (config.service.as_str(), config.environment.name());
        let request = request.word();
        #[cfg(feature = "tracing")]
        let _span = crate::trace::run(service, environment, request);
        self.reporter.event(&Event::Begun { request, service, environment, dry_run });
        let ended = run(self);
        let error = ended.as_ref().err().map(Error::in_words);
        let done = match &ended {
            Ok(report) => Some(report),
            Err(error) => error.report(),
        };
        self.reporter.event(&Event::Ended {
            service,
            batch_no: done.and_then(|report| report.batch_no),
            applied: done.map_or(0, |report| report.applied.len()),
            rolled_back: done.map_or(0, |report| report.rolled_back.len()),
            duration_ms: millis(began),
            error: error.as_deref(),
        });
        ended
    }
}
