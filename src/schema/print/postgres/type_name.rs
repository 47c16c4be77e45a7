//! What a type is called in Rust.

/// The name of a type: its words, each with a capital, as the crate `heck` sees words.
pub fn of(sql_name: &str) -> String {
    let words = sql_name.split(|letter: char| !letter.is_alphanumeric());
    words.flat_map(humps).map(|word| capitalized(&word)).collect()
}

/// `videoURLList` is `video`, `URL` and `List`.
fn humps(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut humps = Vec::new();
    let mut current = String::new();
    // Whether the last letter with a case was a capital, in the current hump.
    let mut was_upper = None;
    for (index, &letter) in letters.iter().enumerate() {
        let next = letters.get(index + 1);
        if was_upper == Some(true) && letter.is_uppercase() && next.is_some_and(|next| next.is_lowercase()) {
            humps.push(std::mem::take(&mut current));
            current.push(letter);
            was_upper = None;
            continue;
        }
        current.push(letter);
        if letter.is_lowercase() || letter.is_uppercase() {
            was_upper = Some(letter.is_uppercase());
        }
        if was_upper == Some(false) && next.is_some_and(|next| next.is_uppercase()) {
            humps.push(std::mem::take(&mut current));
            was_upper = None;
        }
    }
    humps.push(current);
    humps
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let Some(first) = letters.next() else { return String::new() };
    let mut name: String = first.to_uppercase().collect();
    let rest = letters.as_str();
    // Greek has another small sigma at the end of a word.
    let (rest, end) = rest.strip_suffix('Σ').map_or((rest, ""), |rest| (rest, "ς"));
    name.extend(rest.chars().flat_map(char::to_lowercase));
    name + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_humps() {
        let expected = [
            ("tsvector", "Tsvector"),
            ("my_enum", "MyEnum"),
            ("videoURLList", "VideoUrlList"),
            ("XMLHttp", "XmlHttp"),
            ("int4range", "Int4range"),
            ("2d point", "2dPoint"),
            ("a1B", "A1B"),
            ("pg_lsn", "PgLsn"),
            ("a  b", "AB"),
            ("État", "État"),
            ("ΟΔΟΣ", "Οδος"),
        ];
        for (sql, rust) in expected {
            assert_eq!(of(sql), rust, "{sql}");
        }
    }
}
