//! Goes through words, one by one.

use crate::schema::model::index_text::closing;
use crate::schema::model::words::Word;

/// Where one is among the words of a piece.
pub struct Cursor<'w, 'a> {
    words: &'w [Word<'a>],
    at: usize,
}

impl<'w, 'a> Cursor<'w, 'a> {
    pub const fn new(words: &'w [Word<'a>]) -> Self {
        Self { words, at: 0 }
    }

    /// How many words are behind.
    pub const fn at(&self) -> usize {
        self.at
    }

    pub fn peek(&self) -> Option<Word<'a>> {
        self.words.get(self.at).copied()
    }

    pub fn peek_second(&self) -> Option<Word<'a>> {
        self.words.get(self.at + 1).copied()
    }

    pub fn next(&mut self) -> Option<Word<'a>> {
        let word = self.peek()?;
        self.at += 1;
        Some(word)
    }

    /// Where the last word that was taken ends.
    pub fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.words.get(at)).map_or(0, Word::end)
    }

    /// The next word, whichever it is.
    pub fn any(&mut self) -> Result<Word<'a>, String> {
        self.next().ok_or_else(|| "it ends too early".to_owned())
    }

    pub fn expect(&mut self, keyword: &str) -> Result<(), String> {
        let word = self.any()?;
        if word.is(keyword) { Ok(()) } else { Err(format!("`{}` stands where {keyword} should", word.text)) }
    }

    /// Takes these keywords, where all of them come next.
    pub fn takes(&mut self, keywords: &[&str]) -> bool {
        let come = keywords
            .iter()
            .enumerate()
            .all(|(offset, keyword)| self.words.get(self.at + offset).is_some_and(|word| word.is(keyword)));
        if come {
            self.at += keywords.len();
        }
        come
    }

    pub fn takes_mark(&mut self, mark: char) -> bool {
        let comes = self.peek().is_some_and(|word| word.is_mark(mark));
        if comes {
            self.at += 1;
        }
        comes
    }

    /// What stands in the parentheses that come next.
    pub fn parentheses(&mut self) -> Result<&'w [Word<'a>], String> {
        let rest = &self.words[self.at.min(self.words.len())..];
        let opens = rest.first().is_some_and(|word| word.is_mark('('));
        let Some(close) = closing(rest).filter(|_| opens) else {
            let found = rest.first().map_or("the end", |word| word.text);
            return Err(format!("`{found}` stands where something in parentheses should"));
        };
        self.at += close + 1;
        Ok(&rest[1..close])
    }
}
