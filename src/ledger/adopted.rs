//! What stands in the history of a ledger that was taken over, and whether that can be undone.

use super::{Attempt, Foreign, Outcome, Recorded, Tool};

/// The detail of a migration's row in the history: whose it was, and what it was called there.
pub fn detail(from: &Foreign, recorded: &Recorded, by_word: bool) -> String {
    let mut detail = format!("{}: {} {}", from.tool, from.table, recorded.shown());
    if let Some(checksum) = &recorded.checksum {
        detail.push_str(&format!(", checksum {checksum}"));
    }
    if by_word {
        detail.push_str(", dirty there, and applied by word of whoever adopted it");
    }
    detail
}

/// Whose ledger it was, by such a detail.
fn tool_of(attempt: &Attempt) -> Option<Tool> {
    let is_adopted = attempt.outcome == Outcome::Adopted;
    Tool::named(attempt.detail.as_deref().filter(|_| is_adopted)?.split_once(": ")?.0)
}

/// From which tool all was taken over that a history has; none where something else was done.
pub fn taken_over(history: &[Attempt]) -> Option<Tool> {
    let is_adopted = |attempt: &Attempt| attempt.outcome == Outcome::Adopted;
    history.iter().all(is_adopted).then(|| history.iter().find_map(tool_of)).flatten()
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undoing {
    pub tool: Tool,
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
    pub table: &'static str,
    /// So many migrations were taken out of the ledger.
    pub count: usize,
}

impl Since {
    /// Whether it can be undone.
    pub fn undoing(&self) -> Result<Undoing, Kept> {
        // One that had nothing to take over has left its table.
        let tool = self.history.iter().find_map(tool_of).or_else(|| self.moved.first().copied());
        let tool = tool.ok_or(Kept::NotAdopted)?;
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
        Ok(Undoing { tool, is_alone, moves_back })
    }

    pub fn undone(&self, undoing: Undoing) -> Unadopted {
        Unadopted { tool: undoing.tool, table: undoing.tool.table(), count: self.applied }
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
        let undoing = Undoing { tool: Tool::Sqlx, is_alone: true, moves_back: false };
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
    fn an_empty_ledger_that_was_taken_over_is_known_by_the_table_that_made_room() {
        let moved = Since { moved: vec![Tool::Script], ..Since::default() };
        let undoing = Undoing { tool: Tool::Script, is_alone: true, moves_back: true };
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
