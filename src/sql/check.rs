//! What cannot be sent as it stands there, found before anything is sent.

use super::split::{Piece, split};
use super::statement::{Block, first_words};
use super::{Dialect, Kind, Lexeme, lex};

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, in bytes.
    pub offset: usize,
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl Problem {
    fn new(offset: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { offset, message: message.into(), hint: hint.into() }
    }
}

/// The first that is wrong with a text: what has no end, what only a shell of the database knows, and what no database
/// can be sent. Whether the rest is SQL, the database says.
pub fn check(text: &str, dialect: Dialect) -> Result<(), Problem> {
    let in_words = lex(text, dialect).find_map(|lexeme| match dialect {
        _ if lexeme.is_open => Some(unended(&lexeme, dialect)),
        Dialect::Postgres | Dialect::Sqlite if lexeme.is_symbol('\\') => {
            Some(of_psql(&text[lexeme.at..], lexeme.at))
        }
        _ => None,
    });
    let in_pieces = split(text, dialect).iter().find_map(|piece| in_piece(piece, dialect));
    let first = [nul(text), in_words, in_pieces].into_iter().flatten().min_by_key(|problem| problem.offset);
    first.map_or(Ok(()), Err)
}

fn nul(text: &str) -> Option<Problem> {
    let offset = text.find('\0')?;
    let hint =
        "a file in UTF-16 has them: save it as UTF-8; where a NUL is meant, write it as hexadecimal digits";
    Some(Problem::new(offset, "a NUL character stands in the file", hint))
}

fn unended(lexeme: &Lexeme<'_>, dialect: Dialect) -> Problem {
    let (what, hint) = match lexeme.kind {
        Kind::Text => ("text", "end it with `'`; a `'` inside of it is written twice".to_owned()),
        Kind::Name => {
            let quote = match lexeme.text.as_bytes()[0] {
                b'[' => "]",
                b'`' => "`` ` ``",
                _ => "\"",
            };
            ("name in quotes", format!("end it with {}", in_backticks(quote)))
        }
        Kind::Body => {
            let tag = lexeme.text[1..].split('$').next().unwrap_or_default();
            ("body", format!("end it with `${tag}$`, written as at its beginning"))
        }
        _ if dialect == Dialect::Postgres => {
            let hint =
                "end it with `*/`; comments stand in each other, so that each `/*` wants one of its own";
            ("comment", hint.to_owned())
        }
        _ => ("comment", "end it with `*/`".to_owned()),
    };
    Problem::new(lexeme.at, format!("the {what} that begins here has no end"), hint)
}

fn in_backticks(quote: &str) -> String {
    if quote.contains('`') { quote.to_owned() } else { format!("`{quote}`") }
}

fn in_piece(piece: &Piece<'_>, dialect: Dialect) -> Option<Problem> {
    let found = match dialect {
        Dialect::Sqlite => of_sqlite3(piece),
        Dialect::Postgres => copy(piece),
        Dialect::Cql => of_cqlsh(piece),
    };
    found.or_else(|| piece.open.map(|block| without_end(block, piece.offset)))
}

fn without_end(block: Block, offset: usize) -> Problem {
    let (what, hint) = match block {
        Block::Trigger => ("trigger", "end each statement of its body with `;`, and the body with `END;`"),
        Block::Body => ("BEGIN ATOMIC body", "end each of its statements with `;`, and the body with `END;`"),
        Block::Batch => ("batch", "end it with `APPLY BATCH;`"),
        Block::Transaction => ("transaction", "end it with `COMMIT TRANSACTION;`"),
    };
    Problem::new(offset, format!("the {what} that begins here has no end"), hint)
}

/// A command of psql: `rest` begins with its backslash.
fn of_psql(rest: &str, offset: usize) -> Problem {
    let name: String =
        rest[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || ".!?+".contains(*c)).collect();
    let hint = match name.trim_end_matches('+') {
        "." | "copy" => "write the rows as INSERT, or load them from a module in Rust",
        "c" | "connect" => "leave it away: a migration runs in the database that its store's URL names",
        "i" | "ir" | "include" | "include_relative" => "write the statements of that file here",
        "set" | "unset" | "gset" | "getenv" | "prompt" => "write the value instead of the variable",
        "if" | "elif" | "else" | "endif" => "write the condition in SQL: `DO $$ BEGIN IF … END $$;`",
        "g" | "gx" | "gdesc" | "crosstabview" | "watch" => "end the statement with `;`",
        "gexec" => "write the statements that it makes, or `DO $$ BEGIN EXECUTE … END $$;`",
        "!" => "leave it away: a migration runs no command of a shell",
        _ => "leave it away: only psql knows it",
    };
    Problem::new(offset, format!("`\\{name}` is a command of psql, not SQL"), hint)
}

/// `COPY … FROM STDIN`, whose rows psql would send behind it.
fn copy(piece: &Piece<'_>) -> Option<Problem> {
    let mut words = lex(piece.statement, Dialect::Postgres).filter(|lexeme| !lexeme.is_trivia());
    let mut before = words.next().filter(|first| first.is("COPY"))?;
    let mut depth = 0_usize;
    for word in words {
        if word.is_symbol('(') {
            depth += 1;
        } else if word.is_symbol(')') {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && before.is("FROM") && word.is("STDIN") {
            let hint = "write the rows as INSERT, or load them from a module in Rust";
            return Some(Problem::new(piece.offset, "`COPY FROM STDIN` has its rows from psql", hint));
        } else if depth == 0 && before.is("TO") && word.is("STDOUT") {
            let hint = "leave it away: nobody reads what a migration prints";
            return Some(Problem::new(piece.offset, "`COPY TO STDOUT` prints its rows", hint));
        }
        before = word;
    }
    None
}

fn of_sqlite3(piece: &Piece<'_>) -> Option<Problem> {
    let behind = piece.statement.strip_prefix('.')?;
    let name: String = behind.chars().take_while(char::is_ascii_alphanumeric).collect();
    let hint = match name.as_str() {
        "read" => "write the statements of that file here",
        "import" | "restore" | "load" => "write the rows as INSERT, or load them from a module in Rust",
        _ => "leave it away: only sqlite3 knows it",
    };
    Some(Problem::new(piece.offset, format!("`.{name}` is a command of the shell sqlite3, not SQL"), hint))
}

fn of_cqlsh(piece: &Piece<'_>) -> Option<Problem> {
    let name = first_words(piece.statement, Dialect::Cql, 1).first()?.to_ascii_uppercase();
    let hint = match name.as_str() {
        "SOURCE" => "write the statements of that file here",
        "COPY" => "write the rows as INSERT, or load them from a module in Rust",
        "CONSISTENCY" | "SERIAL" => "leave it away: the URL of the store says the consistency",
        "LOGIN" => "leave it away: the URL of the store says who connects",
        "DESCRIBE" | "DESC" | "SHOW" => "leave it away: nobody reads what a migration prints",
        "CAPTURE" | "CLEAR" | "CLS" | "ELAPSED" | "EXIT" | "EXPAND" | "HELP" | "HISTORY" | "PAGING"
        | "QUIT" | "TRACING" | "UNICODE" => "leave it away: only cqlsh knows it",
        _ => return None,
    };
    Some(Problem::new(piece.offset, format!("`{name}` is a command of cqlsh, not CQL"), hint))
}

#[cfg(test)]
mod tests;
