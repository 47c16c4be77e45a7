//! A schema as facts, one for each thing in it, and how two schemas differ.

use std::collections::BTreeMap;
use std::fmt;

/// What each thing is called, in words that a person reads (`column videos.slug`), and its definition in
/// one line; empty where the name says all.
pub type Facts = BTreeMap<String, String>;

/// A thing that two schemas do not have alike.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// What it is called.
    pub object: String,
    /// Its definition before; none where it was not there.
    pub before: Option<String>,
    /// Its definition after; none where it is gone.
    pub after: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.object)?;
        match (self.before.as_deref(), self.after.as_deref()) {
            (Some(before), None) => {
                f.write_str(" is missing")?;
                if before.is_empty() { Ok(()) } else { write!(f, " (it was {before})") }
            }
            (None, Some(after)) => {
                f.write_str(" is left over")?;
                if after.is_empty() { Ok(()) } else { write!(f, " ({after})") }
            }
            (Some(before), Some("")) => write!(f, " is no longer {before}"),
            (Some(""), Some(after)) => write!(f, " is {after}, and was not"),
            (Some(before), Some(after)) => write!(f, " is {after}, and was {before}"),
            (None, None) => Ok(()),
        }
    }
}

/// What differs, in the order of the names.
pub fn differences(before: &Facts, after: &Facts) -> Vec<Difference> {
    let mut found = Vec::new();
    let (mut left, mut right) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let (only_left, only_right) = match (left.peek(), right.peek()) {
            (None, None) => return found,
            (Some(_), None) => (true, false),
            (None, Some(_)) => (false, true),
            (Some((one, _)), Some((other, _))) => (one < other, one > other),
        };
        let was = if only_right { None } else { left.next() };
        let is = if only_left { None } else { right.next() };
        let Some((object, _)) = was.or(is) else { return found };
        let (before, after) = (was.map(|(_, it)| it), is.map(|(_, it)| it));
        if before != after {
            found.push(Difference { object: object.clone(), before: before.cloned(), after: after.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(list: &[(&str, &str)]) -> Facts {
        list.iter().map(|(object, is)| ((*object).to_owned(), (*is).to_owned())).collect()
    }

    fn said(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<String> {
        differences(&facts(before), &facts(after)).iter().map(Difference::to_string).collect()
    }

    #[test]
    fn what_differs_is_said_in_words() {
        let before = [
            ("column videos.slug", "text NOT NULL"),
            ("column videos.title", "text"),
            ("column videos.views", "integer"),
            ("extension citext", ""),
        ];
        let after = [
            ("column videos.title", "text"),
            ("column videos.views", "bigint"),
            ("index x on videos", "(title)"),
            ("table videos", ""),
        ];
        assert_eq!(
            said(&before, &after),
            [
                "column videos.slug is missing (it was text NOT NULL)",
                "column videos.views is bigint, and was integer",
                "extension citext is missing",
                "index x on videos is left over ((title))",
                "table videos is left over",
            ]
        );
    }

    #[test]
    fn what_is_alike_does_not_differ() {
        let some = [("a", "1"), ("b", "")];
        assert_eq!(said(&some, &some), Vec::<String>::new());
        assert_eq!(said(&[], &[]), Vec::<String>::new());
    }

    #[test]
    fn what_has_no_definition_can_get_one() {
        let (plain, strict) = ([("table t", "")], [("table t", "strict")]);
        assert_eq!(said(&plain, &strict), ["table t is strict, and was not"]);
        assert_eq!(said(&strict, &plain), ["table t is no longer strict"]);
    }
}
