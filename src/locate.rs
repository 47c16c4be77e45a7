//! Where a statement went wrong: SQLite says a word, and its only occurrence is the place; and where
//! in a module a statement stands.

use crate::ledger::Direction;

/// The character in `sql`, from 0, that the database's answer is about: as the database counts it,
/// else by the word that its message names. `None` where neither says.
pub fn position(error: &anyhow::Error, sql: &str) -> Option<usize> {
    if let Some(diesel::result::Error::DatabaseError(_, info)) = error.downcast_ref()
        && let Some(at) = info.statement_position()
    {
        return usize::try_from(at).ok()?.checked_sub(1);
    }
    #[cfg(feature = "scylla")]
    if let Some(found) = error.downcast_ref::<crate::store::scylla::ScyllaError>() {
        return position_of_line(sql, found.position()?);
    }
    // Around it there may be said where it was.
    position_of_word(&error.root_cause().to_string(), sql)
}

#[cfg(feature = "scylla")]
fn position_of_line(sql: &str, at: crate::store::scylla::Position) -> Option<usize> {
    let before = usize::try_from(at.line).ok()?.checked_sub(1)?;
    let start: usize = sql.split_inclusive('\n').take(before).map(|line| line.chars().count()).sum();
    Some(start + usize::try_from(at.column).ok()?)
}

/// `None` where the word stands there more than once.
fn position_of_word(message: &str, sql: &str) -> Option<usize> {
    let word = word_in(message)?;
    let mut found = occurrences(sql, word);
    let only = found.next()?;
    if found.next().is_some() {
        return None;
    }
    Some(sql[..only].chars().count())
}

fn word_in(message: &str) -> Option<&str> {
    if let Some((_, rest)) = message.split_once("near \"") {
        return rest.split_once("\": syntax error").map(|(word, _)| word);
    }
    for before in
        ["no such table: ", "no such column: ", "no such function: ", "no such index: ", "no such view: "]
    {
        if let Some((_, rest)) = message.split_once(before) {
            let name = rest.split_whitespace().next()?;
            return Some(name.rsplit('.').next().unwrap_or(name));
        }
    }
    for (before, after) in
        [("table ", " already exists"), ("index ", " already exists"), ("table ", " has no column named")]
    {
        if let Some((_, rest)) = message.split_once(before)
            && let Some((name, _)) = rest.split_once(after)
        {
            return Some(name.trim_matches(['"', '`']));
        }
    }
    None
}

/// Where `word` stands by itself.
fn occurrences<'a>(sql: &'a str, word: &'a str) -> impl Iterator<Item = usize> + use<'a> {
    let part_of_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_name = word.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_');
    sql.match_indices(word).map(|(at, _)| at).filter(move |at| {
        !is_name
            || !(part_of_name(sql[..*at].chars().next_back())
                || part_of_name(sql[at + word.len()..].chars().next()))
    })
}

/// The line of a module where `sql` stands, from 1; where it is made at run time, the line of the
/// body.
pub fn line(source: &str, sql: Option<&str>, direction: Direction) -> Option<u32> {
    let head = sql.and_then(|sql| sql.trim().lines().next()).map(str::trim).filter(|line| line.len() > 3);
    let at = head.and_then(|head| source.find(head)).or_else(|| {
        source.find(match direction {
            Direction::Up => "fn up(",
            Direction::Down => "fn down(",
        })
    })?;
    u32::try_from(source[..at].matches('\n').count() + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_occurrence_is_the_place() {
        assert_eq!(position_of_word("near \"TABEL\": syntax error", "CREATE TABEL x (id)"), Some(7));
        assert_eq!(
            position_of_word("no such table: videos", "INSERT INTO videos_old SELECT * FROM videos"),
            Some(37)
        );
        assert_eq!(position_of_word("no such column: v.a", "SELECT v.a FROM v"), Some(9));
        assert_eq!(position_of_word("near \"a\": syntax error", "a a"), None);
        assert_eq!(position_of_word("UNIQUE constraint failed: x.id", "INSERT INTO x VALUES (1)"), None);
        assert_eq!(position_of_word("table \"videos\" already exists", "CREATE TABLE videos (id)"), Some(13));
        assert_eq!(position_of_word("near \"Ü\": syntax error", "éé Ü"), Some(3));
    }

    #[test]
    fn the_line_of_the_statement_or_of_the_body() {
        let source =
            "impl Up\n    fn up(\n        conn.batch_execute(\n            \"CREATE TABLE x (id)\",\n";
        assert_eq!(line(source, Some("CREATE TABLE x (id)"), Direction::Up), Some(4));
        assert_eq!(line(source, Some("DROP TABLE y"), Direction::Up), Some(2));
        assert_eq!(line(source, None, Direction::Down), None);
    }
}
