//! What `updown verify --offline` says.

use super::human;
use super::printable::printable;
use crate::offline::Flaw;

pub fn print(flaws: &[Flaw]) {
    let mut text = String::new();
    for flaw in flaws {
        let place: String =
            [flaw.line, flaw.column].iter().flatten().map(|number| format!(":{number}")).collect();
        text.push_str(&format!("{}{place}: {}\n", printable(&flaw.file), printable(&flaw.message)));
        text.push_str(&format!("  hint: {}\n", printable(&flaw.hint)));
    }
    if flaws.is_empty() {
        text.push_str("every list and every file of it is sound\n");
    }
    human::write_out(text.as_bytes());
}
