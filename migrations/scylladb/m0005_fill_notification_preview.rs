//! The first words of every message that has none yet. It is one step, however many rows there are: a run
//! that is killed goes on behind the page that it had written.

use updown::prelude::*;
use updown::scylla::driver::value::CqlTimeuuid;
use updown::scylla::{Backfill, ScyllaConnection};

pub struct Migration;

/// Any column but those of the key may be null.
type Row = (i64, CqlTimeuuid, Option<String>, Option<String>);
const ROWS: &str = "SELECT user_id, id, message, preview FROM notifications";

impl Up<ScyllaConnection> for Migration {
    fn up(&self, conn: &mut ScyllaConnection) -> Result {
        conn.backfill(
            Backfill::new(
                "fill notifications.preview",
                ROWS,
                "UPDATE notifications SET preview = ? WHERE user_id = ? AND id = ?",
            ),
            |(user_id, id, message, preview): Row| {
                // What the application has written since the column is there, it stays.
                let missing = message.filter(|_| preview.is_none());
                Ok(missing.map(|message| (first_words(&message), user_id, id)))
            },
        )?;
        Ok(())
    }
}

impl Down<ScyllaConnection> for Migration {
    /// What came from here goes; what the application wrote itself is another text, and stays for as long
    /// as the column does.
    fn down(&self, conn: &mut ScyllaConnection) -> Result {
        conn.backfill(
            Backfill::new(
                "clear notifications.preview",
                ROWS,
                "DELETE preview FROM notifications WHERE user_id = ? AND id = ?",
            ),
            |(user_id, id, message, preview): Row| {
                let is_ours = preview.is_some() && preview == message.as_deref().map(first_words);
                Ok(is_ours.then_some((user_id, id)))
            },
        )?;
        Ok(())
    }
}

/// As many words as fit into 40 characters.
fn first_words(message: &str) -> String {
    let mut words = String::new();
    for word in message.split_whitespace() {
        if words.chars().count() + 1 + word.chars().count() > 40 {
            words.push('…');
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}
