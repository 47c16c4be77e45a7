//! What the name of a file says: which migration it is, and which way.

use crate::migration::number_of;
use crate::source::files::SqlFile;

/// The migration that a file belongs to, and whether it is the way back.
pub type Stem<'a> = (&'a str, bool);

/// `0001_name.up.sql`, `0001_name_up.sql`, and the same with `down`.
pub fn pair(file: &SqlFile) -> Option<Stem<'_>> {
    let stem = at_top(file)?;
    let ways = [(".up", false), ("_up", false), (".down", true), ("_down", true)];
    let (name, is_down) = ways.iter().find_map(|(end, down)| Some((stem.strip_suffix(end)?, *down)))?;
    has_number(name).then_some((name, is_down))
}

/// `20241227_101500_name.sql`, and the same with `_rollback`; where the way back is not named, the way forward.
pub fn dated(file: &SqlFile) -> Option<Stem<'_>> {
    let stem = at_top(file)?;
    let (name, is_down) = stem.strip_suffix("_rollback").map_or((stem, false), |name| (name, true));
    has_number(name).then_some((name, is_down))
}

/// What only that format has: a way back by this name, or a date with its time apart.
pub fn rollback(file: &SqlFile) -> Option<Stem<'_>> {
    dated(file).filter(|(_, is_down)| *is_down || (is_dated(file) && pair(file).is_none()))
}

/// Whether it begins with a date and a time that stand apart.
pub fn is_dated(file: &SqlFile) -> bool {
    let bytes = file.name().as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    digits(0..8) && bytes.get(8) == Some(&b'_') && digits(9..15)
}

/// `0001_name.sql`.
pub fn is_numbered(file: &SqlFile) -> bool {
    file.path.ends_with(".sql")
        && at_top(file).is_some_and(|stem| has_number(stem) && !stem.ends_with("_rollback"))
}

/// `R__name.sql`.
pub fn is_repeatable(file: &SqlFile) -> bool {
    at_top(file).is_some_and(|stem| stem.starts_with("R__"))
}

/// The name without its extension, of what stands in the directory itself.
pub fn at_top(file: &SqlFile) -> Option<&str> {
    if !file.folder().is_empty() {
        return None;
    }
    file.path.strip_suffix(".sql").or_else(|| file.path.strip_suffix(".cql"))
}

fn has_number(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit()) && number_of(name).is_some()
}
