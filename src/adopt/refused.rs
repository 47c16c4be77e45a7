//! Why a ledger is not taken over, or given back, in words.

use super::matched::Unmatched;
use crate::error::{Error, Refusal, Rule};
use crate::ledger::{Foreign, Kept};

fn refused(store: &str, rule: Rule, names: Vec<String>, message: String, hint: impl Into<String>) -> Error {
    Error::Refused(Box::new(Refusal { rule, store: store.to_owned(), names, message, hint: hint.into() }))
}

fn listed(stores: &[&str]) -> String {
    format!("{} {}", if stores.len() == 1 { "store" } else { "the stores" }, stores.join(", "))
}

/// Of several, nobody says which.
pub fn several(store: &str, there: &[Foreign]) -> Error {
    let all: Vec<String> = there.iter().map(|from| format!("{} ({})", from.tool, from.table)).collect();
    let hints: Vec<String> = there.iter().map(|from| format!("`--from {}`", from.tool)).collect();
    Error::usage(
        format!("several ledgers are in the database of store {store}: {}", all.join(", ")),
        format!("say which one is meant: {}", hints.join(" or ")),
    )
}

/// None that is meant.
pub fn none(stores: &[&str], there: &[Foreign], meant: Option<crate::ledger::Tool>) -> Error {
    let of = meant.map_or_else(|| "of another tool".to_owned(), |tool| format!("of {tool}"));
    let others: Vec<String> =
        there.iter().map(|from| format!("`updown adopt --from {}`", from.tool)).collect();
    let hint = match others.as_slice() {
        [_, ..] => format!("there is another one: {}", others.join(" or ")),
        [] => {
            "`updown status` shows how it stands; where it was migrated without a ledger that updown knows, \
                 `updown resolve --to NAME --reason \"…\"` enters what is there"
                .to_owned()
        }
    };
    Error::usage(format!("no ledger {of} is in the database of {}", listed(stores)), hint)
}

/// The table that was named is none.
pub fn not_named(stores: &[&str], named: &str) -> Error {
    Error::usage(
        format!("no table `{named}` that is the ledger of a tool is in the database of {}", listed(stores)),
        "is the name as it is in the catalog, and with its schema where that is not in the search path \
         (`--table SCHEMA.NAME`)? Whose it is, is told by its columns: `updown help adopt` has the tools",
    )
}

/// A table was named, and that nothing is taken over.
pub fn nothing_and(named: &str) -> Error {
    Error::usage(
        format!("`--from none` takes over nothing, and `--table {named}` is to be taken over"),
        "leave one of them away",
    )
}

/// The table has rows of several services.
pub fn services(store: &str, from: &Foreign, services: &[String]) -> Error {
    Error::usage(
        format!("{} in store {store} is of several services: {}", from.table, services.join(", ")),
        format!(
            "say which one is meant: `updown adopt --service {}`",
            services.first().map_or("NAME", String::as_str)
        ),
    )
}

/// Our own ledger has a beginning of its own.
pub fn not_empty(store: &str, from: &Foreign, applied: usize) -> Error {
    let noun = if applied == 1 { "1 migration".to_owned() } else { format!("{applied} migrations") };
    refused(
        store,
        Rule::Adoption,
        Vec::new(),
        format!(
            "the ledger of store {store} has {noun} already, which were not taken over from {}",
            from.tool
        ),
        "`updown status` shows them; what is applied and not among them is entered by `updown resolve NAME --applied --reason \"…\"`",
    )
}

/// A migration in steps has begun.
pub fn interrupted(store: &str, name: &str) -> Error {
    refused(
        store,
        Rule::Interrupted,
        vec![name.to_owned()],
        format!("{name} is half done in store {store}: a run was interrupted in it"),
        format!(
            "finish it with `updown migrate`, or say what is true with `updown resolve {name} --rolled-back --reason \"…\"`"
        ),
    )
}

pub fn unmatched(store: &str, from: &Foreign, unmatched: Unmatched) -> Error {
    match unmatched {
        Unmatched::Missing(names) => {
            let (noun, verb) = if names.len() == 1 { ("migration", "is") } else { ("migrations", "are") };
            refused(
                store,
                Rule::Missing,
                names.clone(),
                format!(
                    "{} {noun} of {} ({}) {verb} not in the list of store {store}: {}",
                    names.len(),
                    from.tool,
                    from.table,
                    names.join(", ")
                ),
                "put what was applied into the list first, under the number or the name that it has there",
            )
        }
        Unmatched::Dirty(names) => {
            let verb = if names.len() == 1 { "is" } else { "are" };
            refused(
                store,
                Rule::Interrupted,
                names.clone(),
                format!(
                    "{} {verb} dirty in {} ({}): a run ended in the middle of it",
                    names.join(", "),
                    from.table,
                    from.tool
                ),
                "look at the database and put it right; then say how it stands: `updown adopt --dirty applied`, or `updown adopt --dirty \
                 not-applied` where nothing of it is left",
            )
        }
    }
}

/// An adoption that is not undone.
pub fn kept(store: &str, kept: Kept) -> Error {
    match kept {
        Kept::NotAdopted => Error::usage(
            format!("nothing was taken over from another tool in store {store}"),
            "`updown history` shows what was done",
        ),
        Kept::Worked(names) => {
            let what = match names.as_slice() {
                [] => "a run was interrupted".to_owned(),
                names => format!("something was done with {}", names.join(", ")),
            };
            refused(
                store,
                Rule::Adoption,
                names,
                format!(
                    "what store {store} has taken over is not given back: {what} since, which the other tool does not know of"
                ),
                "`updown history` shows it; what was done since would have to be entered in the other tool's ledger by hand",
            )
        }
        Kept::Others(services) => {
            let names =
                services.iter().map(|service| crate::services::shown(service)).collect::<Vec<_>>().join(", ");
            refused(
                store,
                Rule::OtherServices,
                services.clone(),
                format!(
                    "what store {store} has taken over is not given back: the ledger is the one of {names}, too"
                ),
                "the table of the other tool would have to have its name again",
            )
        }
    }
}
