//! Reads a list's file.

use std::path::{Path, PathBuf};

use super::{List, Named, Token, tokens};
use crate::error::Error;
use crate::scaffold::tokens::Kind;

/// Reads `text`. `None` where it has no `registry!`.
pub(super) fn list(path: &Path, text: String) -> Result<Option<List>, Error> {
    let refuse = |why: String, hint: &str| {
        Err(Error::usage(format!("cannot read the list in {}: {why}", path.display()), hint))
    };
    if let Some(line) =
        text.lines().position(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>"))
    {
        return refuse(
            format!("a merge conflict is left in line {}", line + 1),
            "keep both sides' lines there, then `updown renumber` the migration that is not applied yet",
        );
    }
    let tokens = tokens(&text);
    let mut starts = (0..tokens.len())
        .filter(|&at| tokens[at].is("registry") && tokens.get(at + 1).is_some_and(|next| next.is("!")));
    let Some(start) = starts.next() else {
        return Ok(None);
    };
    if starts.next().is_some() {
        return refuse("it has two `registry!`".to_owned(), "give each store a file of its own");
    }
    let Some((connection, directory, open)) = head(&text, &tokens, start) else {
        return refuse(
            "its `registry!` is not finished".to_owned(),
            "write `updown::registry! { pub static MAIN: SqliteConnection = [] }`",
        );
    };
    let (entries, close) = match entries(&tokens[open + 1..]) {
        Ok(found) => found,
        Err(unexpected) => {
            let at = unexpected.map_or(text.len(), |token| token.start);
            let line = text[..at].matches('\n').count() + 1;
            let what = unexpected.map_or("its end".to_owned(), |token| format!("`{}`", token.text));
            return refuse(
                format!("{what} stands in line {line}, where a migration's name or `]` has to be"),
                "write one `m0001_name,` a line",
            );
        }
    };
    let (modules, item, open, close) =
        (modules(&tokens), item(&tokens, start), tokens[open].end(), close.start);
    Ok(Some(List {
        path: PathBuf::from(path),
        connection,
        directory,
        entries,
        modules,
        item,
        open,
        close,
        text,
    }))
}

/// The type in `registry! { … static NAME: C = [`, and the index of the `[`; between them there may be a directory of
/// SQL: `SqlDirectory::at("…"), then [`.
fn head(text: &str, tokens: &[Token<'_>], start: usize) -> Option<(String, Option<String>, usize)> {
    let find = |from: usize, what: &str| (from..tokens.len()).find(|&at| tokens[at].is(what));
    let name = find(start, "static")? + 1;
    let colon = tokens.get(name + 1).filter(|colon| colon.is(":"))?;
    let equals = find(name, "=")?;
    let connection = text[colon.end()..tokens[equals].start].trim().to_owned();
    let (open, directory) = match tokens.get(equals + 1)?.is("[") {
        true => (equals + 1, None),
        false => {
            let then = find(equals, "then")?;
            // Where it is not said there, `include_dir!("…")` stands above.
            let said = path(&tokens[equals..then]);
            let embedded = || {
                let at = tokens.iter().position(|token| token.is("include_dir!") || token.is("include_dir"));
                tokens[at?..].windows(3).find_map(|three| {
                    let is_call = three[0].is("!") && three[1].is("(");
                    is_call.then(|| literal(&three[2])).flatten()
                })
            };
            (then + 1, said.or_else(embedded))
        }
    };
    let is_open = tokens.get(open).is_some_and(|token| token.is("[") && token.start > colon.start);
    (is_open && !connection.is_empty()).then_some((connection, directory, open))
}

/// The first text among tokens.
fn path(tokens: &[Token<'_>]) -> Option<String> {
    tokens.iter().find_map(literal)
}

/// What a text says, where it has no escapes.
fn literal(token: &Token<'_>) -> Option<String> {
    let inside = token.text.strip_prefix('"')?.strip_suffix('"')?;
    (!inside.contains('\\')).then(|| inside.to_owned())
}

/// The entries and the closing bracket, or what stands there instead.
fn entries<'a, 't>(tokens: &'a [Token<'t>]) -> Result<(Vec<Named>, &'a Token<'t>), Option<&'a Token<'t>>> {
    let mut entries = Vec::new();
    let mut at = 0;
    let mut separated = true;
    loop {
        let token = tokens.get(at).ok_or(None)?;
        if token.is("]") {
            return Ok((entries, token));
        }
        if token.kind != Kind::Word || !separated {
            return Err(Some(token));
        }
        at += 1;
        let mut end = token.end();
        // `sql "0003_c"` is called by what it says.
        let mut name = (token.text.to_owned(), token.start..token.end());
        if let Some((said, text)) = tokens.get(at).and_then(|text| Some((literal(text)?, text))) {
            name = (said, text.start + 1..text.end() - 1);
            end = text.end();
            at += 1;
        }
        let mut is_repeatable = false;
        if let Some([equals, arrow, mark]) = tokens.get(at..at + 3)
            && equals.is("=")
            && arrow.is(">")
        {
            is_repeatable = mark.is("repeatable");
            if !is_repeatable {
                return Err(Some(mark));
            }
            end = mark.end();
            at += 3;
        }
        while tokens.get(at).is_some_and(|next| next.is("formerly") || next.is("replaces")) {
            let said = tokens[at + 1..].iter().take_while(|next| next.kind == Kind::Literal).count();
            if said == 0 {
                return Err(tokens.get(at + 1));
            }
            end = tokens[at + said].end();
            at += 1 + said;
        }
        entries.push(Named { name: name.0, at: name.1, whole: token.start..end, is_repeatable });
        separated = tokens.get(at).is_some_and(|next| next.is(","));
        at += usize::from(separated);
    }
}

/// The `mod name;` lines, outside of all braces.
fn modules(tokens: &[Token<'_>]) -> Vec<Named> {
    let mut modules = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            "mod" if depth == 0 => {
                if let Some([name, semicolon]) = tokens.get(at + 1..at + 3)
                    && semicolon.is(";")
                {
                    modules.push(Named {
                        name: name.text.to_owned(),
                        at: name.start..name.end(),
                        whole: item(tokens, at)..semicolon.end(),
                        is_repeatable: false,
                    });
                }
            }
            _ => {}
        }
    }
    modules
}

/// Where the item begins that token `at` stands in, with its attributes: behind the end of the one
/// before it.
fn item(tokens: &[Token<'_>], at: usize) -> usize {
    let mut first = at;
    while let Some(before) = first.checked_sub(1) {
        let inner_attribute = tokens[before].is("]") && opens_inner_attribute(tokens, before);
        if tokens[before].is(";") || tokens[before].is("}") || inner_attribute {
            break;
        }
        first = before;
    }
    tokens[first].start
}

/// Whether the `]` at `close` ends an attribute of the file: `#![…]`.
fn opens_inner_attribute(tokens: &[Token<'_>], close: usize) -> bool {
    let mut depth = 0_usize;
    for at in (0..=close).rev() {
        if tokens[at].is("]") {
            depth += 1;
        } else if tokens[at].is("[") {
            depth -= 1;
            if depth == 0 {
                return at >= 2 && tokens[at - 1].is("!") && tokens[at - 2].is("#");
            }
        }
    }
    false
}
