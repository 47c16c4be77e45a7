//! What is wrong with the lists of a project, as far as it can be seen without a database.

use serde::Serialize;

use crate::error::Error;
use crate::ledger::Direction;
use crate::listed::Listed;
use crate::migrator::Migrator;
use crate::project::StoreKind;
use crate::source::{NO_WAY_BACK, SqlText};
use crate::sql::Dialect;

/// Something in a file of SQL that stands against running it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Flaw {
    /// The store.
    pub store: String,
    /// The migration.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column, from 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Migrator {
    /// Looks through the lists without connecting to anything: for the hook that runs before a commit. Order, numbers
    /// and names of Rust modules are the compiler's to check; of files, they are checked here, and whether they can be
    /// divided into statements.
    ///
    /// # Errors
    /// [`Error::Usage`] where a list cannot be had at all: two files of one number, a way back without a way forward, a
    /// name that fits no format.
    pub fn verify_offline(&mut self) -> Result<Vec<Flaw>, Error> {
        let config = self.config()?;
        let mut flaws = Vec::new();
        for store in &self.project.stores {
            if !config.only.is_empty() && !config.only.contains(&store.name) {
                continue;
            }
            let StoreKind::Registry { lists, .. } = &store.kind else { continue };
            let lists = lists()?;
            // Of one that may be on several databases, it is known only where a URL says which.
            let meant = config.urls.get(&store.name).and_then(|url| crate::store::url::dialect_of(url));
            let dialects = lists.iter().map(|(database, _)| database.dialect());
            let dialects: Vec<Dialect> =
                dialects.filter(|one| meant.is_none_or(|meant| meant == *one)).collect();
            for listed in lists.first().map_or(&[][..], |(_, list)| list) {
                of_one(&store.name, listed, &dialects, &mut flaws);
            }
        }
        Ok(flaws)
    }
}

fn of_one(store: &str, listed: &Listed, dialects: &[Dialect], flaws: &mut Vec<Flaw>) {
    let Some(up) = listed.sql(Direction::Up) else { return };
    let flaw = |text: &SqlText, place: Option<(usize, usize)>, message: String, hint: String| Flaw {
        store: store.to_owned(),
        name: listed.name.to_string(),
        file: text.file.to_string(),
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        message,
        hint,
    };
    for text in [Some(up), listed.sql(Direction::Down)].into_iter().flatten() {
        // What one of the databases takes is no flaw.
        let problems: Vec<_> = dialects.iter().map_while(|dialect| text.parts(*dialect).err()).collect();
        if let (Some(problem), true) = (problems.first(), problems.len() == dialects.len()) {
            let place = text.place(problem.offset);
            flaws.push(flaw(text, Some(place), problem.message.clone(), problem.hint.clone()));
        }
    }
    let is_odd = |c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c);
    if let Some(odd) = listed.name.chars().find(|c| is_odd(*c)) {
        let message = format!("there is {odd:?} in its name");
        flaws.push(flaw(
            up,
            None,
            message,
            "use letters, digits and `_`: other tools, shells and URLs have trouble with the rest".to_owned(),
        ));
    }
    if listed.irreversible.as_ref().is_some_and(|why| why.starts_with(NO_WAY_BACK)) {
        flaws.push(flaw(
            up,
            None,
            "it has no way back".to_owned(),
            "write one beside it; or say in it that there is none: `-- updown: irreversible: why`".to_owned(),
        ));
    }
}
