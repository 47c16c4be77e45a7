//! Options, as far as they are declared.

use std::collections::BTreeMap;

use crate::schema::cql::parts::OptionTo;
use crate::schema::cql::text::Value;

type Options = BTreeMap<String, String>;

/// What a part of an option is without a word: the database adds it to what was said.
const PARTS: [(&str, &str, &[&str]); 9] = [
    ("caching", "keys", &["ALL"]),
    ("caching", "rows_per_partition", &["NONE", "ALL"]),
    ("caching", "enabled", &["true"]),
    ("compaction", "min_threshold", &["4"]),
    ("compaction", "max_threshold", &["32"]),
    ("compaction", "enabled", &["true"]),
    ("compression", "chunk_length_in_kb", &["16", "4"]),
    ("compression", "enabled", &["true"]),
    ("compression", "crc_check_chance", &["1.0", "1"]),
];

/// Those that are declared otherwise than they are. Of both sides, what is not as without a word, and what is.
pub fn options(there: (&Options, &Options), wanted: (&Options, &Options)) -> Vec<OptionTo> {
    let mut changed = Vec::new();
    let all: BTreeMap<&String, &String> = wanted.0.iter().chain(wanted.1).collect();
    for (name, value) in all {
        // An option that this database does not show cannot be compared.
        let Some(is) = there.0.get(name).or_else(|| there.1.get(name)) else { continue };
        let are_usual = there.1.contains_key(name) && wanted.1.contains_key(name);
        if !are_usual && !alike(name, is, value) {
            changed.push(OptionTo { name: name.clone(), from: is.clone(), to: value.clone() });
        }
    }
    changed
}

/// Whether two values are the same.
pub fn alike(name: &str, is: &str, wanted: &str) -> bool {
    if is == wanted {
        return true;
    }
    match (Value::of(is), Value::of(wanted)) {
        (Some(Value::Map(is)), Some(Value::Map(wanted))) => {
            let (is, wanted) = (parts(name, is), parts(name, wanted));
            is == wanted
        }
        (Some(Value::Text(is)), Some(Value::Text(wanted))) => {
            name != "comment" && percentile(&is) == percentile(&wanted)
        }
        (Some(Value::Plain(is)), Some(Value::Plain(wanted))) => {
            let number = |text: &str| text.parse::<f64>().ok();
            number(&is).is_some_and(|is| {
                number(&wanted).is_some_and(|wanted| (is - wanted).abs() < f64::EPSILON * is.abs())
            })
        }
        _ => false,
    }
}

/// Without what would be the same without a word.
fn parts(option: &str, mut parts: BTreeMap<String, String>) -> BTreeMap<String, String> {
    // ScyllaDB's name, and that of Cassandra before 3.
    if let Some(class) = parts.remove("sstable_compression") {
        parts.insert("class".to_owned(), class);
    }
    parts.retain(|name, value| {
        !PARTS
            .iter()
            .any(|(of, part, usual)| *of == option && part == name && usual.contains(&value.as_str()))
    });
    parts
}

/// `99PERCENTILE`, `99.0PERCENTILE` and `99p` are the same.
fn percentile(text: &str) -> String {
    let text = text.to_lowercase().replace("percentile", "p");
    match text.strip_suffix(".0p") {
        Some(number) => format!("{number}p"),
        None => text,
    }
}
