//! Statements that have `;` inside of them, and where they end.

use super::{Dialect, Lexeme};

/// What has `;` inside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// SQLite's `CREATE TRIGGER … BEGIN …; END`.
    Trigger,
    /// PostgreSQL's `CREATE FUNCTION … BEGIN ATOMIC …; END`.
    Body,
    /// CQL's `BEGIN BATCH …; APPLY BATCH`.
    Batch,
    /// CQL's `BEGIN TRANSACTION …; COMMIT TRANSACTION`.
    Transaction,
}

/// Whether a `;` ends the statement that was seen up to it.
pub struct Boundary<'a> {
    dialect: Dialect,
    /// Its first words, until they say what it is.
    head: Head<'a>,
    block: Option<Block>,
    before: Option<Lexeme<'a>>,
    /// How many parentheses are open.
    parentheses: usize,
    /// How many `BEGIN`, and `CASE` inside of them, are open.
    depth: usize,
    /// The last words of a block have been seen.
    is_over: bool,
}

impl<'a> Boundary<'a> {
    pub const fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            head: Head { words: [None; 4], count: 0, is_read: false },
            block: None,
            before: None,
            parentheses: 0,
            depth: 0,
            is_over: false,
        }
    }

    /// What comes next, without comments; a `;` that did not divide, too.
    pub fn see(&mut self, lexeme: &Lexeme<'a>) {
        if !self.head.is_read {
            self.block = self.head.block(*lexeme, self.dialect);
        }
        match self.block {
            // PostgreSQL divides at no `;` in parentheses, whatever it is.
            _ if self.dialect == Dialect::Postgres && lexeme.is_symbol('(') => self.parentheses += 1,
            _ if self.dialect == Dialect::Postgres && lexeme.is_symbol(')') => {
                self.parentheses = self.parentheses.saturating_sub(1);
            }
            Some(Block::Trigger) => self.see_in_trigger(lexeme),
            Some(Block::Body) => self.see_in_function(lexeme),
            Some(Block::Batch) => self.is_over |= self.is_pair("APPLY", lexeme, "BATCH"),
            Some(Block::Transaction) => self.is_over |= self.is_pair("COMMIT", lexeme, "TRANSACTION"),
            None => {}
        }
        self.before = Some(*lexeme);
    }

    /// Whether a `;` that comes now ends the statement.
    pub fn divides(&self) -> bool {
        self.parentheses == 0 && self.open().is_none()
    }

    /// What has begun and not ended.
    pub fn open(&self) -> Option<Block> {
        self.block.filter(|block| match block {
            Block::Trigger => self.depth > 0 && !self.is_over,
            Block::Body => self.depth > 0,
            Block::Batch | Block::Transaction => !self.is_over,
        })
    }

    /// Its `END` is the one with which a statement of its body would begin: `CASE … END` stands inside of one. A
    /// column may be called `end` there.
    fn see_in_trigger(&mut self, lexeme: &Lexeme<'a>) {
        if self.depth == 0 {
            self.depth = usize::from(lexeme.is("BEGIN") && !self.is_qualified());
        } else {
            let is_first = self.before.is_some_and(|before| before.is_symbol(';') || before.is("BEGIN"));
            self.is_over |= is_first && lexeme.is("END");
        }
    }

    fn see_in_function(&mut self, lexeme: &Lexeme<'a>) {
        // A column of that name has something before it that says so.
        let is_label = self.is_qualified() || self.before.is_some_and(|before| before.is("AS"));
        if self.parentheses > 0 {
        } else if self.is_pair("BEGIN", lexeme, "ATOMIC")
            || (self.depth > 0 && !is_label && lexeme.is("CASE"))
        {
            self.depth += 1;
        } else if !is_label && lexeme.is("END") {
            self.depth = self.depth.saturating_sub(1);
        }
    }

    fn is_qualified(&self) -> bool {
        self.before.is_some_and(|before| before.is_symbol('.'))
    }

    fn is_pair(&self, first: &str, lexeme: &Lexeme<'a>, second: &str) -> bool {
        lexeme.is(second) && self.before.is_some_and(|before| before.is(first))
    }
}

/// The first words of a statement.
struct Head<'a> {
    words: [Option<Lexeme<'a>>; 4],
    count: usize,
    is_read: bool,
}

impl<'a> Head<'a> {
    /// What the statement is, as soon as its words say it.
    fn block(&mut self, next: Lexeme<'a>, dialect: Dialect) -> Option<Block> {
        self.words[self.count] = Some(next);
        self.count += 1;
        let is = |at: usize, words: &[&str]| {
            self.words.get(at).copied().flatten().is_some_and(|word| word.is_any(words))
        };
        let (first, adjectives) = match dialect {
            Dialect::Sqlite => ("CREATE", usize::from(is(1, &["TEMP", "TEMPORARY"]))),
            Dialect::Postgres => ("CREATE", if is(1, &["OR"]) { 2 } else { 0 }),
            Dialect::Cql => ("BEGIN", usize::from(is(1, &["LOGGED", "UNLOGGED", "COUNTER"]))),
        };
        let at = 1 + adjectives;
        self.is_read = !is(0, &[first]) || self.count > at;
        match dialect {
            _ if !is(0, &[first]) => None,
            Dialect::Sqlite => is(at, &["TRIGGER"]).then_some(Block::Trigger),
            Dialect::Postgres => is(at, &["FUNCTION", "PROCEDURE"]).then_some(Block::Body),
            Dialect::Cql if is(at, &["BATCH"]) => Some(Block::Batch),
            Dialect::Cql => is(at, &["TRANSACTION"]).then_some(Block::Transaction),
        }
    }
}
