//! Changes to a workspace's `Cargo.toml` and `.gitignore` that leave the rest as it is, and what the
//! new crate depends on.

use std::path::{Component, Path};

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use crate::error::Error;

/// Adds `member` to `[workspace] members`. `None` where a member or a pattern covers it already.
pub fn add_member(manifest: &str, member: &str) -> Result<Option<String>, Error> {
    let unreadable = |why: String| {
        Error::usage(format!("cannot change Cargo.toml: {why}"), "correct it, and repeat the command")
    };
    let mut document: DocumentMut =
        manifest.parse().map_err(|error: toml_edit::TomlError| unreadable(error.to_string()))?;
    let fresh = document.get("workspace").is_none();
    let workspace = document.entry("workspace").or_insert_with(|| Item::Table(Table::new()));
    let Some(workspace) = workspace.as_table_like_mut() else {
        return Err(unreadable("`workspace` is not a table".to_owned()));
    };
    let excluded = strings(workspace.get("exclude")).any(|path| covers(path, member));
    if !excluded && strings(workspace.get("members")).any(|pattern| covers(pattern, member)) {
        return Ok(None);
    }
    let members = workspace.entry("members").or_insert_with(|| Item::Value(Value::Array(Array::new())));
    let Some(members) = members.as_array_mut() else {
        return Err(unreadable("`members` is not a list".to_owned()));
    };
    push(members, member);
    let mut text = document.to_string();
    if fresh && !manifest.ends_with('\n') && !manifest.is_empty() {
        // toml_edit sets the new table apart only from a line that has ended.
        text = text.replacen(&format!("{manifest}["), &format!("{manifest}\n\n["), 1);
    }
    // It writes line feeds alone.
    Ok(Some(if manifest.contains("\r\n") { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }))
}

/// Adds to a list of strings, in the layout of those that it has.
fn push(members: &mut Array, member: &str) {
    let mut value = Value::from(member);
    let trailing = members.trailing().as_str().unwrap_or_default().to_owned();
    let layout = members.iter().last().and_then(|last| last.decor().prefix()?.as_str()).unwrap_or_default();
    if let Some((_, indent)) = layout.rsplit_once('\n') {
        let indent = indent.to_owned();
        // What stands behind the last one, a comment perhaps, stays behind it.
        let mut behind = trailing;
        if let Some(last) = members.iter_mut().last() {
            let suffix = last.decor().suffix().and_then(|raw| raw.as_str()).unwrap_or_default().to_owned();
            last.decor_mut().set_suffix("");
            behind.insert_str(0, &suffix);
        }
        value.decor_mut().set_prefix(format!("{}\n{indent}", behind.trim_end()));
        members.set_trailing("\n");
        members.set_trailing_comma(true);
    } else if !members.is_empty() {
        value.decor_mut().set_prefix(" ");
    }
    members.push_formatted(value);
}

fn strings(item: Option<&Item>) -> impl Iterator<Item = &str> {
    item.and_then(Item::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Whether a member's pattern covers a directory of the workspace's root. Cargo takes globs.
fn covers(pattern: &str, dir: &str) -> bool {
    fn matches(pattern: &[u8], name: &[u8]) -> bool {
        match pattern {
            [] => name.is_empty(),
            [b'*', rest @ ..] => (0..=name.len()).any(|at| matches(rest, &name[at..])),
            [b'?', rest @ ..] => !name.is_empty() && matches(rest, &name[1..]),
            [first, rest @ ..] => name.first() == Some(first) && matches(rest, &name[1..]),
        }
    }
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    matches(pattern.as_bytes(), dir.as_bytes())
}

/// The lines of `wanted` that `.gitignore` lacks, behind what it has. `None` where it lacks none.
pub fn ignore(gitignore: &str, wanted: &[&str]) -> Option<String> {
    let has = |line: &str| {
        gitignore.lines().any(|there| there.trim().trim_start_matches('/') == line.trim_start_matches('/'))
    };
    let missing: Vec<&str> = wanted.iter().copied().filter(|line| !has(line)).collect();
    if missing.is_empty() {
        return None;
    }
    let newline = if gitignore.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = gitignore.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text += newline;
    }
    for line in missing {
        text += line;
        text += newline;
    }
    Some(text)
}

/// Where the crate takes `updown` from: the checkout that this command was built from while it is
/// there, else the registry.
pub fn updown_source() -> String {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    if is_checkout(checkout) {
        format!("path = {}", Value::from(checkout.display().to_string()))
    } else {
        concat!("version = \"", env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"), "\"")
            .to_owned()
    }
}

/// A directory of cargo's own is none: it goes when cargo tidies up.
fn is_checkout(dir: &Path) -> bool {
    let parts: Vec<&str> = dir
        .components()
        .filter_map(|part| if let Component::Normal(part) = part { part.to_str() } else { None })
        .collect();
    let of_cargo = parts.windows(2).any(|pair| matches!(pair, ["registry", "src"] | ["git", "checkouts"]));
    let manifest = std::fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
    let name = manifest.parse::<DocumentMut>().ok().and_then(|document| {
        document
            .get("package")
            .and_then(|package| package.get("name"))
            .and_then(Item::as_str)
            .map(str::to_owned)
    });
    !of_cargo && name.as_deref() == Some("updown")
}

#[cfg(test)]
mod tests;
