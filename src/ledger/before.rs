//! Where a store stood before a batch, for a recovery to that point. It stands in the first line of the detail
//! of the batch's first attempt: a history that was made by an older version has it without a new column, and
//! that version shows it as it is.

use chrono::DateTime;
use serde::Serialize;

use super::Attempt;

/// What the line begins with.
const BEGINS: &str = "before this batch: ";
/// What stands between the time and the position.
const POSITION: &str = ", WAL ";

/// Where a store stood before a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Before {
    /// When, in UTC.
    pub at: String,
    /// The position in PostgreSQL's write-ahead log; none on other databases, and where the role may not
    /// read it.
    pub wal_position: Option<String>,
}

impl std::fmt::Display for Before {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.at)?;
        self.wal_position.as_ref().map_or(Ok(()), |position| write!(f, "{POSITION}{position}"))
    }
}

impl Before {
    fn parse(text: &str) -> Option<Self> {
        let (at, position) = match text.split_once(POSITION) {
            Some((at, position)) => (at, Some(position.to_owned())),
            None => (text, None),
        };
        DateTime::parse_from_rfc3339(at).ok()?;
        Some(Self { at: at.to_owned(), wal_position: position })
    }
}

impl Attempt {
    /// Its detail as the history's table has it.
    pub(crate) fn written_detail(&self) -> Option<String> {
        match (&self.before, &self.detail) {
            (None, detail) => detail.clone(),
            (Some(before), None) => Some(format!("{BEGINS}{before}")),
            (Some(before), Some(detail)) => Some(format!("{BEGINS}{before}\n{detail}")),
        }
    }

    /// From what the history's table has.
    pub(crate) fn read_detail(mut self, written: Option<String>) -> Self {
        let Some(text) = written else { return self };
        let (first, rest) =
            text.split_once('\n').map_or((text.as_str(), None), |(first, rest)| (first, Some(rest)));
        self.before = first.strip_prefix(BEGINS).and_then(Before::parse);
        self.detail = if self.before.is_some() { rest.map(str::to_owned) } else { Some(text) };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Direction, Outcome};

    fn attempt(before: Option<Before>, detail: Option<&str>) -> Attempt {
        Attempt {
            name: "m1".to_owned(),
            direction: Direction::Up,
            outcome: Outcome::Failed,
            at: String::new(),
            batch_no: 1,
            run_id: String::new(),
            duration_ms: 0,
            hash: String::new(),
            by: String::new(),
            app_version: String::new(),
            detail: detail.map(str::to_owned),
            before,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let at = "2026-03-01T09:12:44.500Z".to_owned();
        let with = Before { at: at.clone(), wal_position: Some("0/16B3748".to_owned()) };
        let without = Before { at, wal_position: None };
        for before in [Some(with), Some(without), None] {
            for detail in
                [None, Some("no such table: x"), Some("two\nlines"), Some("before this batch: lunch")]
            {
                let attempt = attempt(before.clone(), detail);
                let read = self::attempt(None, None).read_detail(attempt.written_detail());
                assert_eq!(read, attempt);
            }
        }
    }
}
