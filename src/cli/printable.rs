//! Text as it may be shown on a terminal.

use crate::report::masked;

/// Text from a database or a file as it may be shown on a terminal: control characters escaped, so
/// that nothing in it can move the cursor or change colours.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => shown.push(character),
            character if character.is_control() || is_invisible(character) => {
                shown.extend(character.escape_default());
            }
            character => shown.push(character),
        }
    }
    shown
}

/// The same without the passwords in it.
pub fn shown(text: &str) -> String {
    printable(&masked(text))
}

/// Marks that change the direction of what follows: what is read would not be what is there.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(printable("a\u{1b}[2Jb\tc\u{7}\u{202e}"), "a\\u{1b}[2Jb\tc\\u{7}\\u{202e}");
        assert_eq!(printable("Grüße"), "Grüße");
    }
}
