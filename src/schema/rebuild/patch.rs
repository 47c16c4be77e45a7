//! Changes of a text, by places that are those of the text as it was.

use super::table_text::{Piece, Span, TableText};

/// Changes that do not overlap.
pub struct Patch<'a> {
    sql: &'a str,
    changes: Vec<(Span, String)>,
}

impl<'a> Patch<'a> {
    pub const fn new(sql: &'a str) -> Self {
        Self { sql, changes: Vec::new() }
    }

    pub fn replace(&mut self, at: Span, text: &str) {
        self.changes.push((at, text.to_owned()));
    }

    pub fn insert(&mut self, at: usize, text: &str) {
        self.replace(at..at, text);
    }

    pub fn cut(&mut self, at: Span) {
        self.replace(at, "");
    }

    /// Cuts words with the space before them.
    pub fn cut_words(&mut self, at: Span) {
        let before = &self.sql[..at.start];
        let begin = before.trim_end_matches([' ', '\t']).len();
        self.cut(begin..at.end);
    }

    /// Puts a piece behind another one, on a line of its own where that one has it.
    pub fn insert_behind(&mut self, piece: &Piece, definition: &str) {
        let lead = &self.sql[piece.whole.start..piece.at.start];
        let begin = piece.comma.map_or(piece.at.end, |comma| comma + 1);
        let indent = lead.rfind('\n').map(|line| &lead[line + 1..]);
        let space = match indent {
            Some(indent) if indent.trim().is_empty() => format!("\n{indent}"),
            // Behind a comment that ends its line.
            _ if piece.whole.end > begin => "\n".to_owned(),
            _ => " ".to_owned(),
        };
        if piece.comma.is_some() {
            self.insert(piece.whole.end, &format!("{space}{definition},"));
        } else if piece.whole.end == piece.at.end {
            self.insert(piece.at.end, &format!(",{space}{definition}"));
        } else {
            self.insert(piece.at.end, ",");
            self.insert(piece.whole.end, &format!("{space}{definition}"));
        }
    }

    /// Cuts pieces, by their places in the list, with their commas and comments.
    pub fn cut_pieces(&mut self, table: &TableText<'_>, gone: &[usize]) {
        for piece in gone.iter().filter_map(|at| table.pieces.get(*at)) {
            // What follows must not get into the comment of the line before.
            let ends_line =
                self.sql[piece.whole.end..].trim_start_matches([' ', '\t', '\r']).starts_with('\n');
            let keeps_line = self.sql[piece.whole.clone()].contains('\n') && !ends_line;
            self.replace(piece.whole.clone(), if keeps_line { "\n" } else { "" });
        }
        let last = table.pieces.iter().enumerate().rev().find(|(at, _)| !gone.contains(at));
        if let Some((at, Piece { comma: Some(comma), .. })) = last
            && at + 1 < table.pieces.len()
        {
            self.cut(*comma..comma + 1);
        }
    }

    pub fn applied(mut self) -> String {
        self.changes.sort_by_key(|(at, _)| (at.start, at.end));
        let mut text = String::with_capacity(self.sql.len());
        let mut done = 0;
        for (at, with) in &self.changes {
            text.push_str(&self.sql[done..at.start]);
            text.push_str(with);
            done = at.end;
        }
        text.push_str(&self.sql[done..]);
        text
    }
}
