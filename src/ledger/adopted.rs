//! What stands in the history of a ledger that was taken over, and whether that can be undone.

use super::{Attempt, Foreign, LEDGER, Outcome, Recorded, Tool, quote_name};

/// The detail of a migration's row in the history: whose it was, and what it was called there.
pub fn detail(from: &Foreign, recorded: &Recorded, by_word: bool) -> String {
    let mut detail = format!("{}: {} {}", from.tool, word(&from.table), recorded.shown());
    if let Some(checksum) = &recorded.checksum {
        detail.push_str(&format!(", checksum {checksum}"));
    }
    if by_word {
        detail.push_str(", dirty there, and applied by word of whoever adopted it");
    }
    detail
}

/// A table's name as one word, which ends at a space.
fn word(table: &str) -> String {
    if table.contains([' ', '"']) { quote_name(table) } else { table.to_owned() }
}

/// Whose ledger it was and in which table, by such a detail.
pub fn source(detail: &str) -> Option<(Tool, String)> {
    let (tool, rest) = detail.split_once(": ")?;
    let table = match rest.strip_prefix('"') {
        // What stands between two quotes that are not doubled.
        Some(quoted) => {
            let end = quoted.replace("\"\"", "\0\0").find('"')?;
            quoted[..end].replace("\"\"", "\"")
        }
        None => rest.split(' ').next()?.to_owned(),
    };
    Some((Tool::named(tool)?, table))
}

fn source_of(attempt: &Attempt) -> Option<(Tool, String)> {
    let is_adopted = attempt.outcome == Outcome::Adopted;
    source(attempt.detail.as_deref().filter(|_| is_adopted)?)
}

/// From which tool, and which table of it, all was taken over that a history has; none where something else was done.
pub fn taken_over(history: &[Attempt]) -> Option<(Tool, String)> {
    let is_adopted = |attempt: &Attempt| attempt.outcome == Outcome::Adopted;
    history.iter().all(is_adopted).then(|| history.iter().find_map(source_of)).flatten()
}

/// What an undo finds.
#[derive(Debug, Default)]
pub struct Since {
    /// Of the service, all of it.
    pub history: Vec<Attempt>,
    /// How many migrations are applied, and how many steps are in the journal.
    pub applied: usize,
    pub steps: usize,
    /// The other services that have something in the ledger.
    pub others: Vec<String>,
    /// Whose tables have made room for the ledger.
    pub moved: Vec<Tool>,
}

/// Why an adoption is not undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// There was none.
    NotAdopted,
    /// These were applied, or undone, or settled since.
    Worked(Vec<String>),
    /// These services have something in the ledger that the other tool's table would have to replace.
    Others(Vec<String>),
}

/// How an adoption is undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoing {
    pub tool: Tool,
    /// The other tool's table, by the name that it has again.
    pub table: String,
    /// Nobody else has something in the ledger: its tables go.
    pub is_alone: bool,
    /// The other tool's table gets its name back.
    pub moves_back: bool,
}

/// An adoption that was undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unadopted {
    pub tool: Tool,
    /// The other tool's table, by the name that it has again.
    pub table: String,
    /// So many migrations were taken out of the ledger.
    pub count: usize,
}

impl Since {
    /// Whether it can be undone.
    pub fn undoing(&self) -> Result<Undoing, Kept> {
        // One that had nothing to take over has left its table.
        let moved = || self.moved.first().map(|tool| (*tool, LEDGER.to_owned()));
        let source = self.history.iter().find_map(source_of).or_else(moved);
        let (tool, table) = source.ok_or(Kept::NotAdopted)?;
        let mut since: Vec<String> = Vec::new();
        for attempt in self.history.iter().rev().filter(|attempt| attempt.outcome != Outcome::Adopted) {
            if !since.contains(&attempt.name) {
                since.push(attempt.name.clone());
            }
        }
        if !since.is_empty() || self.steps > 0 {
            return Err(Kept::Worked(since));
        }
        let (is_alone, moves_back) = (self.others.is_empty(), self.moved.contains(&tool));
        if moves_back && !is_alone {
            return Err(Kept::Others(self.others.clone()));
        }
        let table = if moves_back { LEDGER.to_owned() } else { table };
        Ok(Undoing { tool, table, is_alone, moves_back })
    }

    pub fn undone(&self, undoing: Undoing) -> Unadopted {
        Unadopted { tool: undoing.tool, table: undoing.table, count: self.applied }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Direction;

    fn attempt(name: &str, outcome: Outcome) -> Attempt {
        let from = Foreign {
            tool: Tool::Sqlx,
            table: "_sqlx_migrations".to_owned(),
            schema: String::new(),
            columns: Vec::new(),
            named: None,
            is_in_the_way: false,
        };
        let recorded = Recorded { version: "7".to_owned(), ..Recorded::default() };
        Attempt {
            name: name.to_owned(),
            direction: Direction::Up,
            outcome,
            at: String::new(),
            batch_no: 1,
            run_id: String::new(),
            duration_ms: 0,
            hash: String::new(),
            by: String::new(),
            app_version: String::new(),
            detail: Some(detail(&from, &recorded, false)),
            before: None,
        }
    }

    fn since(outcomes: &[Outcome]) -> Since {
        let history: Vec<Attempt> = outcomes.iter().map(|outcome| attempt("m1_a", *outcome)).collect();
        Since { applied: history.len(), history, ..Since::default() }
    }

    #[test]
    fn what_is_undone_is_an_adoption_alone() {
        let table = "_sqlx_migrations".to_owned();
        let undoing = Undoing { tool: Tool::Sqlx, table, is_alone: true, moves_back: false };
        assert_eq!(since(&[Outcome::Adopted; 2]).undoing(), Ok(undoing));
        assert_eq!(since(&[]).undoing(), Err(Kept::NotAdopted));
        for worked in [Outcome::Applied, Outcome::RolledBack, Outcome::Failed, Outcome::Resolved] {
            let kept = Kept::Worked(vec!["m1_a".to_owned()]);
            assert_eq!(since(&[worked, Outcome::Adopted]).undoing(), Err(kept));
        }
        let steps = Since { steps: 1, ..since(&[Outcome::Adopted]) };
        assert_eq!(steps.undoing(), Err(Kept::Worked(Vec::new())));
    }

    #[test]
    fn a_table_of_any_name_is_found_again() {
        for table in ["goose_db_version", "my table", "\"", " a \"\" b", "ü: x"] {
            let adopted = attempt("m1_a", Outcome::Adopted);
            let from = Foreign {
                tool: Tool::Goose,
                table: table.to_owned(),
                schema: String::new(),
                columns: Vec::new(),
                named: Some(table.to_owned()),
                is_in_the_way: false,
            };
            let recorded = Recorded { version: "7".to_owned(), ..Recorded::default() };
            let history = [Attempt { detail: Some(detail(&from, &recorded, false)), ..adopted }];
            assert_eq!(taken_over(&history), Some((Tool::Goose, table.to_owned())));
            let since = Since { history: history.to_vec(), applied: 1, ..Since::default() };
            assert_eq!(since.undone(since.undoing().unwrap()).table, table);
        }
    }

    #[test]
    fn an_empty_ledger_that_was_taken_over_is_known_by_the_table_that_made_room() {
        let moved = Since { moved: vec![Tool::Script], ..Since::default() };
        let table = "schema_migrations".to_owned();
        let undoing = Undoing { tool: Tool::Script, table, is_alone: true, moves_back: true };
        assert_eq!(moved.undoing(), Ok(undoing));
    }

    #[test]
    fn other_services_keep_their_ledger() {
        let others = vec!["chat".to_owned()];
        let beside = Since { others: others.clone(), ..since(&[Outcome::Adopted]) };
        assert!(!beside.undoing().unwrap().is_alone);
        let moved = Since { others: others.clone(), moved: vec![Tool::Sqlx], ..since(&[Outcome::Adopted]) };
        assert_eq!(moved.undoing(), Err(Kept::Others(others)));
    }
}
