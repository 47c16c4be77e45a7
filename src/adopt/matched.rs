//! Which migrations of a list another tool has entered: pure.

use sha2::{Digest, Sha256, Sha384};

use super::Dirty;
use crate::fingerprint;
use crate::ledger::{Recorded, Tool};
use crate::listed::Listed;

/// An entry of the list that is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub index: usize,
    pub recorded: Recorded,
    /// The tool itself did not know: it was said.
    pub by_word: bool,
    pub checksum: Checksum,
}

/// What the tool's checksum says of the list's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    Same,
    Differs,
    /// There is none, or how it is made is not known.
    Unknown,
}

/// Why a ledger cannot be taken over as it is; of which migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// They are not in the list.
    Missing(Vec<String>),
    /// Their runs ended in the middle.
    Dirty(Vec<String>),
}

/// The entries that are applied, in the order of application.
pub fn matched(
    tool: Tool,
    recorded: Vec<Recorded>,
    listed: &[Listed],
    dirty: Option<Dirty>,
) -> Result<Vec<Match>, Unmatched> {
    let mut found: Vec<Match> = Vec::new();
    let (mut missing, mut left_open) = (Vec::new(), Vec::new());
    let keeps_order = tool == Tool::Goose;
    for row in recorded {
        let entry = match entry(tool, &row, listed) {
            Ok(entry) => entry,
            Err(because) => {
                missing.push(because);
                continue;
            }
        };
        let is_dirty = row.is_dirty || entry.is_some_and(|index| is_half_done(&row, &listed[index]));
        if is_dirty && dirty.is_none() {
            left_open.push(row.shown());
        }
        let is_applied = !is_dirty || dirty == Some(Dirty::Applied);
        let Some(index) = entry else { continue };
        if tool == Tool::GolangMigrate {
            // One row stands for all that comes before it.
            let before = (0..index).map(|index| found_at(tool, index, &row, listed, false));
            found.extend(before);
        }
        if is_applied {
            found.push(found_at(tool, index, &row, listed, is_dirty));
        }
    }
    if !missing.is_empty() {
        return Err(Unmatched::Missing(missing));
    }
    if !left_open.is_empty() {
        return Err(Unmatched::Dirty(left_open));
    }
    // By time, and where that is not known of all, as they are listed.
    let has_times = found.iter().all(|found| found.recorded.at.is_some());
    if !keeps_order {
        found.sort_by(|a, b| {
            let by_time =
                if has_times { a.recorded.at.cmp(&b.recorded.at) } else { std::cmp::Ordering::Equal };
            by_time.then(a.index.cmp(&b.index))
        });
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|found| seen.insert(found.index));
    Ok(found)
}

fn found_at(tool: Tool, index: usize, row: &Recorded, listed: &[Listed], by_word: bool) -> Match {
    Match { index, recorded: row.clone(), by_word, checksum: checksum(tool, row, &listed[index]) }
}

/// Where it stands in the list; nowhere where it stands for none. The error says what is missing.
fn entry(tool: Tool, row: &Recorded, listed: &[Listed]) -> Result<Option<usize>, String> {
    // golang-migrate enters this where the first of all was being undone.
    if tool == Tool::GolangMigrate && row.number.is_some_and(|number| number < 0) {
        return Ok(None);
    }
    let names: Vec<&str> = [Some(row.version.as_str()), row.name.as_deref()].into_iter().flatten().collect();
    let is_named = |listed: &Listed| names.iter().any(|name| stem(name) == listed.name);
    if let Some(index) = listed.iter().position(is_named) {
        return Ok(Some(index));
    }
    let number = |listed: &Listed| listed.number().and_then(|number| i64::try_from(number).ok());
    let is_numbered = |listed: &Listed| {
        (row.number.is_some() && number(listed) == row.number)
            || (tool == Tool::Diesel && diesel_version(&listed.name) == row.version)
    };
    let Some(index) = listed.iter().position(is_numbered) else { return Err(row.shown()) };
    let other = &listed[index].name;
    match &row.name {
        Some(name) if words(name) != words(other) => {
            Err(format!("{} (it is {other} in the list)", row.shown()))
        }
        _ => Ok(Some(index)),
    }
}

/// What Diesel makes of the name of a directory.
fn diesel_version(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}

/// A file's name without what says that it is one.
fn stem(name: &str) -> &str {
    let name = [".sql", ".cql", ".py", ".rs"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    [".up", "_up"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// What it does, without its number: as it is compared between tools that write it in one way or another.
fn words(name: &str) -> String {
    let name = stem(name);
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | ' ');
    let behind =
        name.strip_prefix(['m', 'V', 'v']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let words = behind.unwrap_or(name).trim_start_matches(is_number);
    let parts = words.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// Whether the tool has counted fewer statements than there are, as it counts them.
fn is_half_done(row: &Recorded, listed: &Listed) -> bool {
    let (Some(done), Some(text)) = (row.statements, listed.up_text()) else { return false };
    let mut pieces: Vec<&str> = text.split(';').collect();
    if pieces.last().is_some_and(|rest| rest.trim().is_empty()) {
        pieces.pop();
    }
    u64::try_from(pieces.len()).is_ok_and(|all| done < all)
}

fn checksum(tool: Tool, row: &Recorded, listed: &Listed) -> Checksum {
    let (Some(text), Some(known)) = (listed.up_text(), &row.checksum) else { return Checksum::Unknown };
    let now = match (tool, known.len()) {
        (Tool::Sqlx, 96) => fingerprint::hex("", &Sha384::digest(text.as_bytes())),
        (Tool::Link | Tool::Script, 64) => fingerprint::hex("", &Sha256::digest(text.as_bytes())),
        _ => return Checksum::Unknown,
    };
    if now == *known { Checksum::Same } else { Checksum::Differs }
}

#[cfg(test)]
mod tests;
