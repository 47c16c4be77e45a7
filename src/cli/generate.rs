//! `updown new NAME --diff`: asks what the schema alone does not say.

use std::io::IsTerminal;
use std::process::ExitCode;

use super::args::{Baseline, Common, New};
use super::human::{YELLOW, write_out};
use super::printable::{printable, shown};
use super::{confirm, json, schema, signals};
use crate::declared::{Answers, Generated, NeededChange, Rename};
use crate::error::Error;
use crate::migrator::Migrator;
use crate::scaffold;

pub fn new(migrator: &mut Migrator, new: &New, common: &Common) -> Result<ExitCode, Error> {
    signals::listen(&migrator.cancel());
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !common.json;
    let renames = new.rename.iter().map(|typed| Given::parse(typed)).collect::<Result<Vec<_>, Error>>()?;
    let mut used = vec![false; renames.len()];
    let mut is_rename = |rename: &Rename| {
        if let Some(index) = renames.iter().position(|given| given.means(rename)) {
            used[index] = true;
            return Ok(true);
        }
        match (new.no_rename, is_asked) {
            (true, _) => Ok(false),
            (_, true) => ask(&format!("is it {}?", printable(&rename.to_string()))),
            _ => Err(confirm::refused(
                format!("it may be {rename}, or another one: nobody is there to say which"),
                &format!("say so: `--rename {}`, or `--no-rename`", flag(rename)),
            )),
        }
    };
    let mut may_lose = |changes: &[NeededChange]| {
        if new.allow_loss {
            return Ok(());
        }
        let losses: Vec<String> = changes.iter().filter_map(|change| change.loses.clone()).collect();
        if !is_asked {
            return Err(confirm::refused(
                format!("the migration would lose something: {}", losses.join("; ")),
                "where that is what you mean, `--allow-loss`",
            ));
        }
        for loses in &losses {
            anstream::eprintln!("{YELLOW}loses{YELLOW:#}: {}", shown(loses));
        }
        match ask("write the migration all the same?")? {
            true => Ok(()),
            false => Err(confirm::refused(
                "not confirmed: nothing was written".to_owned(),
                "change what is declared, or confirm",
            )),
        }
    };
    let options = scaffold::new::New {
        store: common.store.first().cloned(),
        timestamp: new.timestamp,
        ..scaffold::new::New::default()
    };
    let mut answers = Answers { is_rename: &mut is_rename, may_lose: &mut may_lose };
    let generated = migrator.generate(&new.name, &options, &mut answers)?;
    for (given, _) in renames.iter().zip(&used).filter(|(_, used)| !**used) {
        anstream::eprintln!(
            "{YELLOW}warning{YELLOW:#}: `--rename {}={}` is no rename that there could be",
            printable(&given.from),
            printable(&given.to)
        );
    }
    say(&generated, common);
    Ok(ExitCode::SUCCESS)
}

fn ask(question: &str) -> Result<bool, Error> {
    let asked = dialoguer::Confirm::new().with_prompt(question).interact();
    asked.map_err(|_| confirm::refused("not answered: nothing was written".to_owned(), "answer y or n"))
}

/// `videos.title=heading`, `videos=films`.
struct Given {
    from: String,
    to: String,
}

impl Given {
    fn parse(typed: &str) -> Result<Self, Error> {
        match typed.split_once('=') {
            Some((from, to)) if !from.is_empty() && !to.is_empty() => {
                Ok(Self { from: from.to_owned(), to: to.to_owned() })
            }
            _ => Err(Error::usage(
                format!("`--rename {typed}` does not say what is called how"),
                "write `--rename videos.title=heading`, or `--rename videos=films`",
            )),
        }
    }

    fn means(&self, rename: &Rename) -> bool {
        let (from, to) = rename.names();
        self.from == from && self.to == to
    }
}

fn flag(rename: &Rename) -> String {
    let (from, to) = rename.names();
    format!("{from}={to}")
}

fn say(generated: &Generated, common: &Common) {
    if common.json {
        return json::document(generated);
    }
    for impossible in &generated.impossible {
        anstream::eprintln!("{YELLOW}warning{YELLOW:#}: no migration can do this: {}", shown(impossible));
    }
    for note in &generated.notes {
        anstream::eprintln!("{YELLOW}note{YELLOW:#}: {}", shown(note));
    }
    if common.quiet {
        return;
    }
    if generated.written.is_empty() {
        let nothing: &[u8] = match generated.impossible.is_empty() {
            true => b"the migrations make what is declared: nothing was written\n",
            false => b"nothing was written\n",
        };
        return write_out(nothing);
    }
    let mut text = Vec::new();
    let _ = schema::write_changes(&mut text, &generated.changes);
    for file in &generated.written {
        text.extend(format!("  wrote {}\n", file.display()).as_bytes());
    }
    text.extend(b"\nnext: read it, then `updown migrate`\n");
    write_out(&text);
}

pub fn baseline(migrator: &mut Migrator, baseline: &Baseline, common: &Common) -> Result<ExitCode, Error> {
    let options = scaffold::new::New {
        store: common.store.first().cloned(),
        timestamp: baseline.timestamp,
        ..scaffold::new::New::default()
    };
    let done = migrator.baseline(&baseline.name, &options)?;
    for left_out in &done.left_out {
        anstream::eprintln!(
            "{YELLOW}warning{YELLOW:#}: {} is in no migration: an empty database would not get it",
            printable(left_out)
        );
    }
    if common.json {
        json::document(&done);
    } else if !common.quiet {
        let mut text = Vec::new();
        for change in &done.changes {
            text.extend(format!("  {}\n", shown(change)).as_bytes());
        }
        for file in &done.written {
            text.extend(format!("  wrote {}\n", file.display()).as_bytes());
        }
        text.extend(
            format!(
                "\n{} is recorded as applied in store {}; it was not run\nnext: `updown status`, `updown verify --schema`\n",
                done.migration, done.store
            )
            .as_bytes(),
        );
        write_out(&text);
    }
    Ok(ExitCode::SUCCESS)
}
