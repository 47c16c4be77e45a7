//! One file with both ways, told apart by comments: `-- +goose Up`, `-- +goose Down`, `-- +goose NO TRANSACTION`, and
//! `-- +goose StatementBegin` … `StatementEnd` around what has `;` in it.

use std::borrow::Cow;

use super::stems::at_top;
use super::{Pair, misnamed};
use crate::migration::number_of;
use crate::registry::BadList;
use crate::source::files::SqlFile;
use crate::source::format::SqlFormat;
use crate::source::text::SqlText;

/// Whether a file is one of this format: it says so itself.
pub fn is_one(file: &SqlFile) -> bool {
    at_top(file).is_some_and(|stem| number_of(stem).is_some())
        && file.text.lines().any(|line| command(line).is_some())
}

pub fn pairs(files: Vec<SqlFile>) -> Result<Vec<Pair>, BadList> {
    let mut found = Vec::new();
    for file in files {
        let Some(stem) = at_top(&file).map(str::to_owned) else { continue };
        if number_of(&stem).is_none() {
            return Err(misnamed(&file.shown, SqlFormat::Goose));
        }
        let (up, down) = ways(&file)?;
        found.push(Pair { name: stem.into(), up, down, is_repeatable: false, is_one_way: false });
    }
    Ok(found)
}

/// What stands behind `-- +goose`.
fn command(line: &str) -> Option<&str> {
    Some(line.trim().strip_prefix("--")?.trim_start().strip_prefix("+goose")?.trim())
}

/// A way, as it is read.
struct Way<'a> {
    lines: Vec<&'a str>,
    first_line: usize,
}

fn ways(file: &SqlFile) -> Result<(SqlText, Option<SqlText>), BadList> {
    let wrong = |line: usize, message: String| BadList {
        message: format!("{}:{line}: {message}", file.shown),
        hint: "a file has `-- +goose Up`, its statements, `-- +goose Down`, and its statements".to_owned(),
    };
    let (mut up, mut down): (Option<Way<'_>>, Option<Way<'_>>) = (None, None);
    let (mut is_outside, mut is_down, mut substitutes) = (false, false, false);
    for (line, number) in file.text.split_inclusive('\n').zip(1..) {
        let command = command(line);
        let word = command.map(str::to_ascii_lowercase);
        match word.as_deref() {
            Some("up") if up.is_none() && down.is_none() => {
                up = Some(Way { lines: Vec::new(), first_line: number + 1 });
                continue;
            }
            Some("down") if up.is_some() && down.is_none() => {
                (is_down, down) = (true, Some(Way { lines: Vec::new(), first_line: number + 1 }));
                continue;
            }
            Some("up" | "down") => {
                return Err(wrong(number, format!("`{}` stands at the wrong place", line.trim())));
            }
            Some("no transaction") => is_outside = true,
            // The statements are told apart without their help.
            Some("statementbegin" | "statementend") | None => {}
            Some("envsub on") => substitutes = true,
            Some("envsub off") => substitutes = false,
            Some(other) => return Err(wrong(number, format!("`-- +goose {other}` is not known"))),
        }
        if substitutes && line.contains('$') {
            return Err(wrong(
                number,
                "ENVSUB would put variables of the environment into the statement, which is not done: what a \
                 migration does must not depend on where it runs"
                    .to_owned(),
            ));
        }
        if let Some(way) = if is_down { &mut down } else { &mut up } {
            way.lines.push(line);
        }
    }
    let text = |way: Way<'_>| SqlText {
        text: Cow::Owned(way.lines.concat()),
        file: file.shown.clone(),
        first_line: way.first_line,
        is_outside,
    };
    let up = up.ok_or_else(|| wrong(1, "there is no `-- +goose Up`".to_owned()))?;
    // Nothing but comments is no way back.
    let down =
        down.map(text).filter(|down| !down.is_empty(crate::sql::Dialect::Postgres) || down.says_empty());
    Ok((text(up), down))
}
