//! Changes a list's text. Every change reads its own result again, so that the places stay true.

use std::ops::Range;

use super::{List, end_of_line, parse};
use crate::error::Error;

/// A line of what is replaced is no longer.
const WIDEST: usize = 90;

impl List {
    /// Enters a new migration: its `mod` line in sorted position, its entry behind the others.
    pub(crate) fn add(&mut self, name: &str) -> Result<(), Error> {
        self.add_module(name, &format!("mod {name};"))?;
        self.add_entry(name, "")
    }

    /// Enters a new migration that is two files of SQL, or of CQL.
    pub(crate) fn add_files(&mut self, name: &str, is_cql: bool) -> Result<(), Error> {
        let language = if is_cql { "cql" } else { "sql" };
        self.add_entry(&format!("{language} \"{name}\""), "")
    }

    /// Enters a new one that is repeatable: at the end.
    pub(crate) fn add_repeatable(&mut self, name: &str) -> Result<(), Error> {
        self.add_module(name, &format!("mod {name};"))?;
        self.add_entry(&format!("{name} => repeatable"), "")
    }

    /// Moves a migration behind the others, under a name that may be another one.
    pub(crate) fn move_behind(&mut self, old: &str, new: &str) -> Result<(), Error> {
        let Some(module) = self.modules.iter().find(|module| module.name == old).cloned() else {
            return Err(Error::usage(
                format!("{} has no `mod {old};`", self.path.display()),
                format!("write `mod {old};` into it, and repeat the command"),
            ));
        };
        if old != new {
            let before = &self.text[module.whole.start..module.at.start];
            let after = &self.text[module.at.end..module.whole.end];
            let (item, comment) = (format!("{before}{new}{after}"), self.comment_behind(module.whole.end));
            self.cut(module.whole)?;
            self.add_module(new, &format!("{item}{comment}"))?;
        }

        let entry = self.entry(old)?.clone();
        let renamed = format!("{new}{}", &self.text[entry.at.end..entry.whole.end]);
        let end = self.behind_comma(entry.whole.end);
        if let Some(others) = self.on_one_line() {
            let moved = &self.text[entry.whole.clone()];
            let mut all: Vec<&str> = others.into_iter().filter(|other| *other != moved).collect();
            let behind = self.entries.iter().filter(|other| other.is_repeatable && other.name != old).count();
            all.insert(all.len() - behind, renamed.as_str());
            return self.put(self.open..self.close, &all.join(", "));
        }
        let comment = self.comment_behind(end);
        self.cut(entry.whole.start..end)?;
        self.add_entry(&renamed, &comment)
    }

    /// Enters a migration in the place of those that the list begins with, and says behind it what they were.
    pub(crate) fn replace_first(&mut self, replaced: &[String], name: &str) -> Result<(), Error> {
        for old in replaced {
            // What is a file of SQL has none.
            if let Some(module) = self.modules.iter().find(|module| module.name == *old).cloned() {
                self.cut(module.whole)?;
            }
        }
        self.add_module(name, &format!("mod {name};"))?;
        let (Some(first), Some(last)) = (
            self.entries.first().cloned(),
            replaced.len().checked_sub(1).and_then(|at| self.entries.get(at)),
        ) else {
            return Ok(());
        };
        let (newline, indent) = (self.newline(), self.indent(first.whole.start));
        let mut entry = format!("{name} replaces");
        let mut width = entry.len();
        for old in replaced {
            width += old.len() + 3;
            if width > WIDEST && self.on_one_line().is_none() {
                entry.push_str(&format!("{newline}{indent}   "));
                width = old.len() + 3;
            }
            entry.push_str(&format!(" \"{old}\""));
        }
        self.put(first.whole.start..last.whole.end, &entry)
    }

    /// Writes `formerly "<hash>"` behind an entry. `false` where it stands there already.
    pub(super) fn accept(&mut self, module: &str, hash: &str) -> Result<bool, Error> {
        let entry = self.entry(module)?.clone();
        let former = format!(" formerly \"{hash}\"");
        if self.text[entry.whole.clone()].contains(&former[1..]) {
            return Ok(false);
        }
        self.put(entry.whole.end..entry.whole.end, &former)?;
        Ok(true)
    }

    /// rustfmt sorts `mod` lines that stand together by their names, as text.
    fn add_module(&mut self, name: &str, item: &str) -> Result<(), Error> {
        let newline = self.newline();
        let smaller = self.modules.iter().rfind(|module| module.name.as_str() < name);
        if let Some(end) = smaller.map(|module| module.whole.end) {
            return match end_of_line(&self.text, end) {
                Some(at) => self.put(at..at, &format!("{newline}{item}")),
                None => self.put(end..end, &format!("{newline}{item}{newline}")),
            };
        }
        let (at, gap) = match self.modules.first() {
            Some(module) => (self.above_comments(module.whole.start), ""),
            None => (self.above_comments(self.item), newline),
        };
        let before = &self.text[..at];
        let apart = if gap.is_empty()
            || before.is_empty()
            || before.ends_with("\n\n")
            || before.ends_with("\n\r\n")
        {
            ""
        } else {
            newline
        };
        self.put(at..at, &format!("{apart}{item}{newline}{gap}"))
    }

    fn add_entry(&mut self, entry: &str, comment: &str) -> Result<(), Error> {
        let newline = self.newline();
        let is_repeatable = entry.ends_with("=> repeatable");
        let before = |other: &&super::Named| is_repeatable || !other.is_repeatable;
        let Some(last) = self.entries.iter().rfind(before).or(self.entries.last()).cloned() else {
            let indent = self.indent(self.open);
            if !self.text[self.open..self.close].trim().is_empty() {
                return self.put(self.open..self.open, &format!("{newline}{indent}    {entry},{comment}"));
            }
            let text = format!("{newline}{indent}    {entry},{comment}{newline}{indent}");
            return self.put(self.open..self.close, &text);
        };
        if let Some(mut all) = self.on_one_line() {
            let behind = self.entries.iter().filter(|other| !before(other)).count();
            all.insert(all.len() - behind, entry);
            return self.put(self.open..self.close, &all.join(", "));
        }
        if let Some(first) = self.entries.first().filter(|_| !before(&&last)).cloned() {
            let (at, indent) = (first.whole.start, self.indent(first.whole.start));
            return self.put(at..at, &format!("{entry},{comment}{newline}{indent}"));
        }
        let mut end = self.behind_comma(last.whole.end);
        if end == last.whole.end {
            self.put(end..end, ",")?;
            end += 1;
        }
        let indent = self.indent(last.whole.start);
        match end_of_line(&self.text, end) {
            Some(at) => self.put(at..at, &format!("{newline}{indent}{entry},{comment}")),
            None => self.put(end..end, &format!(" {entry},{comment}")),
        }
    }

    /// The entries, where they stand on one line without comments, and there is at least one.
    fn on_one_line(&self) -> Option<Vec<&str>> {
        let inside = &self.text[self.open..self.close];
        (!self.entries.is_empty() && !inside.contains(['\n', '/']))
            .then(|| self.entries.iter().map(|entry| &self.text[entry.whole.clone()]).collect())
    }

    /// Takes something out, with its whole line where it stands there alone.
    fn cut(&mut self, mut what: Range<usize>) -> Result<(), Error> {
        let line = self.text[..what.start].rfind('\n').map_or(0, |at| at + 1);
        let alone = self.text[line..what.start].trim().is_empty();
        if let Some(end) = end_of_line(&self.text, what.end).filter(|_| alone) {
            let rest = &self.text[end..];
            what = line..end + rest.find('\n').map_or(rest.len(), |at| at + 1);
        } else {
            let rest = &self.text[what.end..];
            what.end += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        }
        self.put(what, "")
    }

    fn put(&mut self, place: Range<usize>, text: &str) -> Result<(), Error> {
        let mut whole = std::mem::take(&mut self.text);
        whole.replace_range(place, text);
        *self = parse::list(&self.path, whole)?.ok_or_else(|| {
            Error::usage(
                format!("cannot change the list in {}", self.path.display()),
                "write the `mod` line and the entry yourself",
            )
        })?;
        Ok(())
    }

    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// What the line that `at` stands in is indented with.
    fn indent(&self, at: usize) -> String {
        let line = self.text[..at].rfind('\n').map_or(0, |at| at + 1);
        self.text[line..at].chars().take_while(|c| c.is_whitespace()).collect()
    }

    fn behind_comma(&self, end: usize) -> usize {
        let comma =
            super::tokens(&self.text[end..]).first().filter(|token| token.is(",")).map(|token| token.end());
        end + comma.unwrap_or(0)
    }

    /// The comment in the rest of a line, with the blanks before it.
    fn comment_behind(&self, end: usize) -> String {
        let line = end_of_line(&self.text, end).unwrap_or(end);
        self.text[end..line].trim_end().to_owned()
    }

    /// The beginning of the comment lines that stand directly above `at`, or `at`.
    fn above_comments(&self, at: usize) -> usize {
        let mut top = at;
        for line in self.text[..at].split_inclusive('\n').rev() {
            let comment = line.trim_start();
            if !line.ends_with('\n') || !comment.starts_with("//") || comment.starts_with("//!") {
                break;
            }
            top -= line.len();
        }
        top
    }
}
