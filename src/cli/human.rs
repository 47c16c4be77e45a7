//! Answers for people. Results go to standard output, everything about the way there to standard
//! error; colours and the progress line only where that is a terminal.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};

use super::args::Output;
use super::printable::{printable, shown};
use crate::config::explained::Explained;
use crate::inspect::{State, Status, StoreHistory, StoreLock, Verification};
use crate::ledger::{Direction, Outcome};
use crate::plan::Plan;
use crate::report::{Event, Report, Reporter, Skipped};
use crate::standing::Unreachable;

pub const GREEN: Style = AnsiColor::Green.on_default();
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
pub const RED: Style = AnsiColor::Red.on_default();
pub const DIM: Style = Style::new().dimmed();
pub const BOLD: Style = Style::new().bold();

/// Writes to standard output. A reader that went away (`| head`) is no error.
pub fn write_out(text: &[u8]) {
    let mut stdout = anstream::stdout().lock();
    let _ = stdout.write_all(text).and_then(|()| stdout.flush());
}

macro_rules! out {
    ($($arg:tt)*) => { write_out(format!("{}\n", format_args!($($arg)*)).as_bytes()) };
}

/// How far it is, where no line on a terminal shows it.
const SAID_EVERY: Duration = Duration::from_secs(5);

/// One line for each migration, and a progress line while one runs.
pub struct Lines {
    output: Output,
    progress: Option<ProgressBar>,
    /// When it was said last how far it is, where that was asked for and there is no terminal.
    said: Option<Instant>,
    /// Whether the run is about more than one store.
    several: bool,
    /// The store that stands above the last lines, where it is.
    store: String,
}

impl Lines {
    pub fn new(output: Output) -> Self {
        let shown = !output.quiet && std::io::stderr().is_terminal();
        let progress = shown.then(spinner);
        Self { output, progress, said: None, several: false, store: String::new() }
    }

    fn line(&self, text: &str) {
        match &self.progress {
            Some(bar) => bar.suspend(|| out!("{text}")),
            None => out!("{text}"),
        }
    }

    /// The store that the next lines are about, where there are several.
    fn heading(&mut self, store: &str) {
        if self.several && self.store != store && !self.output.quiet {
            self.line(&format!("{BOLD}{store}{BOLD:#}"));
            store.clone_into(&mut self.store);
        }
    }

    /// Beside the answer, on standard error.
    fn aside(&self, text: &str) {
        match &self.progress {
            Some(bar) => bar.suspend(|| anstream::eprintln!("{text}")),
            None => anstream::eprintln!("{text}"),
        }
    }

    fn progress(&self, text: String) {
        if let Some(bar) = &self.progress {
            bar.enable_steady_tick(Duration::from_millis(100));
            bar.set_message(printable(&text));
        }
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

impl Drop for Lines {
    fn drop(&mut self) {
        if let Some(bar) = &self.progress {
            bar.finish_and_clear();
        }
    }
}

impl Reporter for Lines {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Warning { message } => {
                self.aside(&format!("{YELLOW}warning{YELLOW:#}: {}", printable(message)));
            }
            Event::Note { message } if !self.output.quiet => self.aside(&printable(message)),
            Event::Configured { environment, auto_migrate, force_migration, decision }
                if !self.output.quiet =>
            {
                self.aside(&format!(
                    "Migration Configuration:\n- Environment: {environment}\n- Auto Migrate: {auto_migrate}\n\
                     - Force Migration: {force_migration}"
                ));
                for sentence in *decision {
                    self.aside(&printable(sentence));
                }
            }
            Event::NotReady { store, because } if !self.output.quiet => {
                self.aside(&format!("waiting for store {store}: {}", printable(&one_line(because))));
            }
            Event::Waiting { store, by } if !self.output.quiet => {
                let by = printable(by);
                anstream::eprintln!("waiting for the lock of store {store}, held by {by}");
            }
            Event::Retrying { name, because, attempt } if !self.output.quiet => {
                self.aside(&format!("{name}: {}; trying again ({attempt})", printable(because)));
            }
            Event::Paused { name, because } => {
                self.progress(format!("{name} lets others go first: {because}"));
                if self.output.verbose {
                    self.line(&format!("  {DIM}lets others go first: {}{DIM:#}", printable(because)));
                }
            }
            Event::BackingUp { store, by } => self.progress(format!("backing up {store} by {by}")),
            Event::BackedUp { store, place, duration_ms } if !self.output.quiet => {
                self.line(&format!(
                    "  {GREEN}backed up  {GREEN:#} {store}  {DIM}{duration_ms} ms{DIM:#}  {}",
                    printable(place)
                ));
            }
            Event::Replaced { name, replaces, .. } if !self.output.quiet => {
                let (name, count) = (printable(name), replaces.len());
                self.line(&format!(
                    "  {GREEN}squashed   {GREEN:#} {name}  {DIM}in the place of {count}{DIM:#}"
                ));
            }
            Event::Planned { count, stores, .. } => {
                self.several = *stores > 1;
                if let Some(bar) = &self.progress {
                    bar.set_length(u64::try_from(*count).unwrap_or(u64::MAX));
                }
            }
            Event::Started { store, name, direction, .. } => {
                self.heading(store);
                self.progress(format!("{} {name}", doing(*direction)));
            }
            Event::Step { name, step, what, skipped } => {
                self.progress(format!("{name} step {step}: {what}"));
                if self.output.verbose {
                    let done = if *skipped { " (done before)" } else { "" };
                    self.line(&format!("  {DIM}step {step}{done}: {}{DIM:#}", printable(what)));
                }
            }
            Event::Chunk { name, step, chunks, next } => {
                let text = format!("{name} step {step}: {chunks} chunks, next behind {next}");
                let is_due = self.said.is_none_or(|said| said.elapsed() >= SAID_EVERY);
                if self.output.progress && self.progress.is_none() && is_due {
                    self.aside(&printable(&text));
                    self.said = Some(Instant::now());
                }
                self.progress(text);
            }
            Event::Finished { store, name, direction, duration_ms, statements, .. } if !self.output.quiet => {
                let verb = done(*direction);
                let of_store = match self.output.verbose && !self.several {
                    true => format!(" {DIM}{store}{DIM:#}"),
                    false => String::new(),
                };
                self.line(&format!(
                    "  {GREEN}{verb:<11}{GREEN:#} {name}  {DIM}{duration_ms} ms{DIM:#}{of_store}"
                ));
                if let Some(bar) = &self.progress {
                    bar.inc(1);
                }
                for statement in *statements {
                    for line in statement.trim_end().lines() {
                        self.line(&format!("    {}", printable(line)));
                    }
                }
            }
            _ => {}
        }
    }
}

const fn doing(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "applying",
        Direction::Down => "rolling back",
    }
}

const fn done(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "applied",
        Direction::Down => "rolled back",
    }
}

/// What a server says in several lines, within one.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `1 migration`, `5 migrations`.
pub fn count(number: usize) -> String {
    if number == 1 { "1 migration".to_owned() } else { format!("{number} migrations") }
}

pub fn report(report: &Report, output: Output) {
    if output.quiet {
        return;
    }
    say_skipped(&report.skipped);
    for left in &report.not_rehearsed {
        out!("  {YELLOW}not rehearsed{YELLOW:#} {}  {DIM}{}{DIM:#}", left.name, left.because);
    }
    let mut parts = Vec::new();
    if !report.rolled_back.is_empty() {
        parts.push(format!("{} rolled back", count(report.rolled_back.len())));
    }
    if !report.applied.is_empty() {
        let batch = report.batch_no.map(|batch| format!(" in batch {batch}")).unwrap_or_default();
        parts.push(format!("{} applied{batch}", count(report.applied.len())));
    }
    for replaced in &report.replaced {
        parts.push(format!(
            "{} entered in the place of {}",
            printable(&replaced.name),
            replaced.replaces.len()
        ));
    }
    if report.dry_run {
        let what = if parts.is_empty() { "nothing to do".to_owned() } else { parts.join(", ") };
        let how = if report.recorded.is_empty() { "everything was undone again" } else { "nothing was kept" };
        out!("dry run: {what}; {how}");
    } else if parts.is_empty() {
        out!("nothing to do");
    } else {
        out!("{} {DIM}({} ms){DIM:#}", parts.join(", "), report.duration_ms);
    }
    if !report.rolled_back.is_empty() {
        for backup in &report.backups {
            out!("{}", printable(&backup.to_string()));
        }
    }
}

pub fn plan(plan: &Plan) {
    for message in &plan.warnings {
        anstream::eprintln!("{YELLOW}warning{YELLOW:#}: {}", printable(message));
    }
    let mut text = Vec::new();
    plan_to(&mut text, plan);
    write_out(&text);
}

pub fn plan_to(out: &mut dyn Write, plan: &Plan) {
    if plan.is_empty() {
        let _ = writeln!(out, "nothing to do");
    }
    for replacement in &plan.replacements {
        let _ = writeln!(
            out,
            "  {GREEN}enter    {GREEN:#} {}  {DIM}{}, in the place of {} that are applied; nothing of it runs{DIM:#}",
            printable(&replacement.name),
            replacement.store,
            replacement.replaces.len(),
        );
    }
    let width = plan.actions.iter().map(|action| action.name.chars().count()).max().unwrap_or(0);
    for action in &plan.actions {
        let verb = match action.direction {
            Direction::Up => "apply",
            Direction::Down => "roll back",
        };
        let how = if action.in_steps { "in steps" } else { "in a transaction" };
        let sql = match action.is_typed || action.is_text {
            true => "--sql shows what",
            false => "hand-written: use --dry-run to see its SQL",
        };
        let _ = writeln!(
            out,
            "  {GREEN}{verb:<9}{GREEN:#} {:<width$}  {DIM}{}, {how}, {sql}{DIM:#}",
            printable(&action.name),
            action.store,
        );
    }
    for backup in &plan.backups {
        let _ = writeln!(out, "{}", printable(&backup.to_string()));
    }
}

pub fn config(values: &[Explained]) {
    let shown = |value: &Explained| printable(value.value.as_deref().or(value.default).unwrap_or("-"));
    let width = |of: &dyn Fn(&Explained) -> usize| values.iter().map(of).max().unwrap_or(0);
    let (names, texts) = (width(&|value| value.name.len()), width(&|value| shown(value).chars().count()));
    for value in values {
        let line = format!(
            "{:<names$}  {:<texts$}  {DIM}{}{DIM:#}",
            value.name,
            shown(value),
            printable(&value.from)
        );
        out!("{}", line.trim_end());
    }
}

pub fn status(status: &Status) {
    for store in &status.stores {
        if unreachable(&store.name, store.unreachable.as_ref()) {
            continue;
        }
        out!("{BOLD}{}{BOLD:#} {DIM}({}){DIM:#}", store.name, status.environment);
        let width = store.migrations.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0);
        for entry in &store.migrations {
            let (style, word) = match entry.state {
                State::Applied => (GREEN, "applied"),
                State::Pending => (YELLOW, "pending"),
                State::Changed => (RED, "changed"),
                State::Missing => (RED, "missing"),
                State::RunsAgain => (YELLOW, "runs again"),
                State::OutOfOrder => (YELLOW, "out of order"),
                State::Failed => (RED, "failed"),
                State::Interrupted => (RED, "interrupted"),
                State::Replaces => (GREEN, "replaces"),
            };
            let mut line = format!("  {style}{word:<12}{style:#}  {:<width$}", printable(&entry.name));
            if let (Some(batch), Some(at), Some(ms)) = (entry.batch_no, &entry.applied_at, entry.duration_ms)
            {
                line.push_str(&format!("  {DIM}batch {batch}  {}  {ms} ms{DIM:#}", printable(at)));
            }
            if let Some(detail) = &entry.detail {
                line.push_str(&format!("  {DIM}{}{DIM:#}", one_line(&printable(detail))));
            }
            out!("{}", line.trim_end());
        }
        if store.migrations.is_empty() {
            out!("  {DIM}no migrations{DIM:#}");
        }
        if let Some(holder) = &store.holder {
            out!("  locked by {} since {}", printable(&holder.by), holder.since);
        }
        if let Some(foreign) = &store.foreign {
            anstream::eprintln!(
                "{YELLOW}warning{YELLOW:#}: store {} was migrated by {} ({}): `updown adopt` takes it over",
                store.name,
                foreign.tool.title(),
                foreign.table
            );
        }
        for file in &store.unlisted_files {
            anstream::eprintln!(
                "{YELLOW}warning{YELLOW:#}: {} stands beside the list of store {}, but is not in it",
                printable(file),
                store.name
            );
        }
    }
    say_skipped(&status.skipped);
}

/// The stores that are not configured, beside the answer.
pub fn say_skipped(skipped: &[Skipped]) {
    for store in skipped {
        anstream::eprintln!("{DIM}store {} skipped: {}{DIM:#}", store.name, store.because);
    }
}

/// The stores that are not configured.
pub fn left_out(out: &mut dyn Write, skipped: &[Skipped]) -> std::io::Result<()> {
    skipped.iter().try_for_each(|store| {
        writeln!(out, "{DIM}{} was left out: {}{DIM:#}", store.name, shown(&store.because))
    })
}

/// Says why nothing is known of a store, where that is so.
pub fn unreachable(store: &str, why: Option<&Unreachable>) -> bool {
    let Some(Unreachable { because, hint, .. }) = why else { return false };
    out!("{BOLD}{store}{BOLD:#} {RED}not reached{RED:#}: {}", one_line(&printable(because)));
    if let Some(hint) = hint {
        out!("  hint: {}", printable(hint));
    }
    true
}

pub fn history(stores: &[StoreHistory]) {
    for StoreHistory { store, attempts, unreachable: why } in stores {
        if unreachable(store, why.as_ref()) {
            continue;
        }
        out!("{BOLD}{store}{BOLD:#}");
        for attempt in attempts {
            let (style, word) = match attempt.outcome {
                Outcome::Applied => (GREEN, "applied"),
                Outcome::RolledBack => (GREEN, "rolled back"),
                Outcome::Failed => (RED, "failed"),
                Outcome::Resolved => (YELLOW, "resolved"),
                Outcome::BackedUp => (GREEN, "backed up"),
                Outcome::Adopted => (GREEN, "adopted"),
                Outcome::Squashed => (GREEN, "squashed"),
            };
            let version = if attempt.app_version.is_empty() {
                String::new()
            } else {
                format!("  version {}", attempt.app_version)
            };
            out!(
                "  {}  {style}{word:<11}{style:#}  {}  {DIM}batch {}  {} ms  {}{}{DIM:#}",
                attempt.at,
                printable(&attempt.name),
                attempt.batch_no,
                attempt.duration_ms,
                printable(&attempt.by),
                printable(&version),
            );
            if let Some(before) = &attempt.before {
                out!("      {DIM}before this batch: {}{DIM:#}", printable(&before.to_string()));
            }
            if let Some(detail) = &attempt.detail {
                out!("      {DIM}{}{DIM:#}", one_line(&printable(detail)));
            }
        }
    }
}

pub fn differences(verification: &Verification) {
    let Verification { differences, unreachable: unreached } = verification;
    for (store, why) in unreached {
        unreachable(store, Some(why));
    }
    if differences.is_empty() {
        let rest = if unreached.is_empty() { "" } else { "in the other stores, " };
        out!("{rest}everything that is applied is as it was");
    }
    for difference in differences {
        let name = printable(&difference.name);
        match &difference.hash {
            Some(hash) => out!(
                "  {RED}changed{RED:#}  {name}  {DIM}{}{DIM:#}\n           applied  {}\n           now      {hash}",
                difference.file.as_deref().unwrap_or_default(),
                printable(&difference.applied_hash),
            ),
            None => out!(
                "  {RED}missing{RED:#}  {name}  {DIM}applied, but not in the list of store {}{DIM:#}",
                difference.store
            ),
        }
    }
}

pub fn lock(stores: &[StoreLock]) {
    for StoreLock { store, holder, unreachable: why } in stores {
        match holder {
            _ if unreachable(store, why.as_ref()) => {}
            Some(holder) => out!(
                "{store}: held by {} since {}, until {} unless renewed",
                printable(&holder.by),
                holder.since,
                holder.expires_at
            ),
            None => out!("{store}: free"),
        }
    }
}
