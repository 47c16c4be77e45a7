//! SQLite's CREATE TABLE in its pieces, each with its place in the text: whatever is not understood of
//! one stays as it is.

use super::constraint::{Constraint, Rule, constraint};
use super::cursor::Cursor;
use crate::schema::model::index_text::split;
use crate::schema::model::tidy;
use crate::schema::model::words::{Kind, Language, Word, words};

/// A place in the text: from a byte to another one.
pub type Span = std::ops::Range<usize>;

/// A CREATE TABLE.
#[derive(Clone, Debug)]
pub struct TableText<'a> {
    /// All of it.
    pub sql: &'a str,
    /// The table's name.
    pub name: String,
    /// Where the name stands.
    pub name_at: Span,
    /// What stands between the commas.
    pub pieces: Vec<Piece>,
    /// `STRICT`.
    pub strict: bool,
    /// `WITHOUT ROWID`.
    pub without_rowid: bool,
}

/// What stands between two commas.
#[derive(Clone, Debug)]
pub struct Piece {
    /// From its first word to its last.
    pub at: Span,
    /// With the comments before it, those behind it on its last line, and its comma.
    pub whole: Span,
    /// The comma behind it; the last one has none.
    pub comma: Option<usize>,
    /// What it is.
    pub content: Content,
}

/// What a piece is.
#[derive(Clone, Debug)]
pub enum Content {
    /// A column.
    Column(ColumnText),
    /// Constraints of the table: SQLite needs no comma between two.
    Constraints(Vec<Constraint>),
}

/// A column.
#[derive(Clone, Debug)]
pub struct ColumnText {
    /// Its name.
    pub name: String,
    /// Where its type stands; empty, behind the name, where it has none.
    pub type_at: Span,
    /// What follows.
    pub constraints: Vec<Constraint>,
}

impl<'a> TableText<'a> {
    /// Takes a CREATE TABLE apart.
    ///
    /// # Errors
    ///
    /// What is not understood, in a sentence.
    pub fn read(sql: &'a str) -> Result<Self, String> {
        let words = words(sql, Language::Sqlite);
        let mut cursor = Cursor::new(&words);
        cursor.expect("CREATE")?;
        if cursor.peek().is_some_and(|word| word.is_any(&["TEMP", "TEMPORARY"])) {
            cursor.next();
        }
        cursor.expect("TABLE")?;
        cursor.takes(&["IF", "NOT", "EXISTS"]);
        let mut name = cursor.any()?;
        if cursor.takes_mark('.') {
            name = cursor.any()?;
        }
        let open = cursor.at();
        let inside = cursor.parentheses()?;
        let (strict, without_rowid) = options(&mut cursor)?;
        let begin = words.get(open).map_or(0, Word::end);
        let end = words.get(open + inside.len() + 1).map_or(sql.len(), |close| close.at);
        Ok(Self {
            sql,
            name: name.name().ok_or("it has no name")?,
            name_at: name.at..name.end(),
            pieces: pieces(sql, inside, begin..end)?,
            strict,
            without_rowid,
        })
    }

    /// The columns, with their pieces.
    pub fn columns(&self) -> impl Iterator<Item = (&Piece, &ColumnText)> {
        self.pieces.iter().filter_map(|piece| match &piece.content {
            Content::Column(column) => Some((piece, column)),
            Content::Constraints(_) => None,
        })
    }

    /// The column of this name, in whatever letter case.
    pub fn column(&self, name: &str) -> Option<(&Piece, &ColumnText)> {
        self.columns().find(|(_, column)| column.name.eq_ignore_ascii_case(name))
    }

    /// The constraints of the table.
    pub fn constraints(&self) -> impl Iterator<Item = (&Piece, &Constraint)> {
        self.pieces
            .iter()
            .filter_map(|piece| match &piece.content {
                Content::Column(_) => None,
                Content::Constraints(list) => Some(list.iter().map(move |constraint| (piece, constraint))),
            })
            .flatten()
    }

    /// The columns of the primary key, whichever way it is declared; empty where there is none.
    pub fn primary_key(&self) -> Vec<String> {
        let of_column = self.columns().find(|(_, column)| column.has(Rule::is_primary_key));
        if let Some((_, column)) = of_column {
            return vec![column.name.clone()];
        }
        let of_table = self.constraints().find_map(|(_, constraint)| match &constraint.rule {
            Rule::PrimaryKey { columns, .. } => Some(columns.clone()),
            _ => None,
        });
        of_table.unwrap_or_default()
    }

    /// Whether it has `AUTOINCREMENT`.
    pub fn is_numbered(&self) -> bool {
        let numbers = |rule: &Rule| matches!(rule, Rule::PrimaryKey { autoincrement: true, .. });
        self.columns().any(|(_, column)| column.has(numbers))
            || self.constraints().any(|(_, constraint)| numbers(&constraint.rule))
    }

    /// The column that is another name of the rowid.
    /// <https://sqlite.org/lang_createtable.html#rowid>
    pub fn rowid_alias(&self) -> Option<&ColumnText> {
        let key = self.primary_key();
        let [name] = &key[..] else { return None };
        let (_, column) = self.column(name)?;
        let is_descending = column
            .constraints
            .iter()
            .any(|constraint| matches!(constraint.rule, Rule::PrimaryKey { descending: true, .. }));
        let is_integer = column.sql_type(self.sql).eq_ignore_ascii_case("INTEGER");
        (!self.without_rowid && is_integer && !is_descending).then_some(column)
    }
}

impl ColumnText {
    /// Its type in one line, as it was declared. Where that begins with a quote, SQLite takes nothing else.
    pub fn sql_type(&self, sql: &str) -> String {
        let text = &sql[self.type_at.clone()];
        match words(text, Language::Sqlite).first() {
            Some(first) if first.kind != Kind::Word => first.name().unwrap_or_default(),
            _ => tidy(text),
        }
    }

    /// Whether one of its constraints is such a one.
    pub fn has(&self, such: impl Fn(&Rule) -> bool) -> bool {
        self.constraints.iter().any(|constraint| such(&constraint.rule))
    }

    /// Whether it is computed.
    pub fn is_generated(&self) -> bool {
        self.has(|rule| matches!(rule, Rule::Generated { .. }))
    }
}

fn options(cursor: &mut Cursor<'_, '_>) -> Result<(bool, bool), String> {
    let (mut strict, mut without_rowid) = (false, false);
    while let Some(word) = cursor.peek() {
        if cursor.takes(&["STRICT"]) {
            strict = true;
        } else if cursor.takes(&["WITHOUT", "ROWID"]) {
            without_rowid = true;
        } else if !cursor.takes_mark(',') && !cursor.takes_mark(';') {
            return Err(format!("`{}` is not understood", word.text));
        }
    }
    Ok((strict, without_rowid))
}

fn pieces(sql: &str, words: &[Word<'_>], within: Span) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut begin = within.start;
    for words in split(words) {
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            return Err("there is nothing between two commas".to_owned());
        };
        let at = first.at..last.end();
        let comma = comma_behind(sql, at.end, within.end);
        let end = end_of_line(sql, comma.map_or(at.end, |comma| comma + 1), within.end);
        pieces.push(Piece { at, whole: begin..end, comma, content: content(words)? });
        begin = end;
    }
    Ok(pieces)
}

fn comma_behind(sql: &str, at: usize, end: usize) -> Option<usize> {
    let next = words(&sql[at..end], Language::Sqlite).first().copied()?;
    next.is_mark(',').then_some(at + next.at)
}

/// Behind the comment that ends this line, where there is one.
fn end_of_line(sql: &str, at: usize, end: usize) -> usize {
    let line = sql[at..end].split('\n').next().unwrap_or_default();
    if line.trim_start().starts_with("--") { at + line.trim_end_matches('\r').len() } else { at }
}

fn content(words: &[Word<'_>]) -> Result<Content, String> {
    let mut cursor = Cursor::new(words);
    let starts_constraint = cursor
        .peek()
        .is_some_and(|word| word.is_any(&["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]));
    if starts_constraint {
        return Ok(Content::Constraints(constraints(&mut cursor, None)?));
    }
    let name = cursor.any()?;
    let called = name.name().ok_or_else(|| format!("`{}` is no name of a column", name.text))?;
    let type_at = column_type(&mut cursor, name.end())?;
    let constraints = constraints(&mut cursor, Some(&called))?;
    Ok(Content::Column(ColumnText { name: called, type_at, constraints }))
}

fn constraints(cursor: &mut Cursor<'_, '_>, column: Option<&str>) -> Result<Vec<Constraint>, String> {
    let mut found = Vec::new();
    while cursor.peek().is_some() {
        let next = constraint(cursor, column)?;
        if let Rule::Deferrable(deferred) = next.rule {
            let key = found.iter_mut().rev().find_map(|before: &mut Constraint| match &mut before.rule {
                Rule::ForeignKey(key) => Some(key),
                _ => None,
            });
            if let Some(key) = key {
                key.deferred = deferred;
            }
        }
        found.push(next);
    }
    Ok(found)
}

fn column_type(cursor: &mut Cursor<'_, '_>, behind: usize) -> Result<Span, String> {
    let ends =
        ["CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS"];
    let mut span = behind..behind;
    while let Some(word) = cursor.peek() {
        let is_generated = word.is("GENERATED") && cursor.peek_second().is_some_and(|next| next.is("ALWAYS"));
        if word.is_any(&ends) || is_generated {
            break;
        }
        if span.is_empty() {
            span.start = word.at;
        }
        if word.is_mark('(') {
            cursor.parentheses()?;
        } else if matches!(word.kind, Kind::Word | Kind::Quoted | Kind::Text) {
            cursor.next();
        } else {
            return Err(format!("`{}` is not understood", word.text));
        }
        span.end = cursor.end();
    }
    Ok(span)
}
