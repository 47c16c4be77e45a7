//! Goes through a text in CQL, word by word.

use super::lexer::{self, Kind, Token};

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The byte at which it begins.
    pub at: usize,
    pub what: String,
    pub hint: String,
}

impl Wrong {
    pub fn new(at: usize, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at, what: what.into(), hint: hint.into() }
    }
}

/// The words that are left.
#[derive(Debug)]
pub struct Cursor<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(source: &'a str) -> Result<Self, Wrong> {
        Ok(Self { tokens: lexer::tokens(source)?, next: 0 })
    }

    pub fn peek(&self) -> &Token<'a> {
        &self.tokens[self.next]
    }

    /// The byte at which the next one begins.
    pub fn at(&self) -> usize {
        self.peek().at
    }

    /// The next one; again and again the end, once it is there.
    pub fn take(&mut self) -> Token<'a> {
        let token = self.peek().clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    pub fn is_end(&self) -> bool {
        self.peek().kind == Kind::End
    }

    pub fn is(&self, word: &str) -> bool {
        self.peek().kind == Kind::Word && self.peek().text.eq_ignore_ascii_case(word)
    }

    pub fn is_symbol(&self, symbol: char) -> bool {
        self.peek().kind == Kind::Symbol(symbol)
    }

    /// The word behind the next one.
    pub fn is_then(&self, word: &str) -> bool {
        self.tokens
            .get(self.next + 1)
            .is_some_and(|token| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word))
    }

    pub fn eat(&mut self, word: &str) -> bool {
        let is_it = self.is(word);
        if is_it {
            self.take();
        }
        is_it
    }

    pub fn eat_symbol(&mut self, symbol: char) -> bool {
        let is_it = self.is_symbol(symbol);
        if is_it {
            self.take();
        }
        is_it
    }

    /// One word behind the other.
    pub fn words(&mut self, words: &[&str]) -> Result<(), Wrong> {
        words.iter().try_for_each(|word| match self.eat(word) {
            true => Ok(()),
            false => Err(self.expected(&format!("`{word}`"))),
        })
    }

    pub fn symbol(&mut self, symbol: char) -> Result<(), Wrong> {
        match self.eat_symbol(symbol) {
            true => Ok(()),
            false => Err(self.expected(&format!("`{symbol}`"))),
        }
    }

    /// A name, as the schema has it.
    pub fn name(&mut self, of: &str) -> Result<String, Wrong> {
        let name = match &self.peek().kind {
            Kind::Word => self.peek().text.to_lowercase(),
            Kind::Name(name) => name.clone(),
            _ => return Err(self.expected(&format!("the name of {of}"))),
        };
        self.take();
        Ok(name)
    }

    pub fn text(&mut self, of: &str) -> Result<String, Wrong> {
        match self.peek().kind.clone() {
            Kind::Text(text) => {
                self.take();
                Ok(text)
            }
            _ => Err(self.expected(of)),
        }
    }

    /// Several in parentheses, with commas.
    pub fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
        self.symbol('(')?;
        let mut all = vec![one(self)?];
        while self.eat_symbol(',') {
            all.push(one(self)?);
        }
        if !self.is_symbol(')') {
            return Err(self.expected("`,` or `)`"));
        }
        self.take();
        Ok(all)
    }

    /// That something else stands here.
    pub fn expected(&self, what: &str) -> Wrong {
        let found = match &self.peek().kind {
            Kind::End => "the text ends here".to_owned(),
            _ => format!("here is `{}`", self.peek().text),
        };
        Wrong::new(
            self.at(),
            format!("{found}, and not {what}"),
            "write it as `DESCRIBE KEYSPACE` does: one `CREATE` for each thing, and `;` behind it",
        )
    }
}
