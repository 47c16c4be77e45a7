//! What follows `WITH`.

use super::reader::{Named, Reader};
use crate::schema::cql::options::{KNOWN, similar};
use crate::schema::cql::text::{Value, Wrong, read_value};

/// Of no effect any more, or of one that CQL has no word for.
const IGNORED: [&str; 5] = ["id", "extensions", "flags", "read_repair_chance", "dclocal_read_repair_chance"];

/// The options of a table or a view.
#[derive(Debug, Default)]
pub struct With {
    pub options: Vec<(Named, Value)>,
    /// The clustering key's columns, and whether each is descending; none where it was not said.
    pub order: Vec<(Named, bool)>,
}

impl Reader<'_> {
    pub fn with(&mut self) -> Result<With, Wrong> {
        let mut with = With::default();
        if !self.cursor.eat("with") {
            return Ok(with);
        }
        loop {
            if self.cursor.is("clustering") && self.cursor.is_then("order") {
                self.cursor.words(&["clustering", "order", "by"])?;
                with.order = self.cursor.list(|cursor| {
                    let at = cursor.at();
                    let name = cursor.name("a column")?;
                    let is_descending = cursor.eat("desc");
                    let _ = is_descending || cursor.eat("asc");
                    Ok((Named { name, at }, is_descending))
                })?;
            } else if self.cursor.is("compact") && self.cursor.is_then("storage") {
                return Err(Wrong::new(
                    self.cursor.at(),
                    "a table in compact storage cannot be declared",
                    "remove it where the table is in it no more: `ALTER TABLE … DROP COMPACT STORAGE`",
                ));
            } else {
                self.option(&mut with)?;
            }
            if !self.cursor.eat("and") {
                return Ok(with);
            }
        }
    }

    fn option(&mut self, with: &mut With) -> Result<(), Wrong> {
        let name = self.named("an option")?;
        self.cursor.symbol('=')?;
        let value = read_value(&mut self.cursor)?;
        if IGNORED.contains(&name.name.as_str()) {
            return Ok(());
        }
        if with.options.iter().any(|(of, _)| of.name == name.name) {
            let what = format!("option {} is said twice", name.name);
            return Err(Wrong::new(name.at, what, "remove one of them"));
        }
        // A later version may have more.
        if !KNOWN.contains(&name.name.as_str())
            && let Some(known) = similar(&name.name)
        {
            let what = format!("there is no option {} of a table", name.name);
            return Err(Wrong::new(name.at, what, format!("perhaps `{known}` is meant")));
        }
        with.options.push((name, value.without_packages()));
        Ok(())
    }
}
