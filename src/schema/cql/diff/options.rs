//! Options, as far as they are declared.

use std::collections::BTreeMap;

use crate::schema::cql::parts::OptionTo;
use crate::schema::cql::text::Value;

type Options = BTreeMap<String, String>;

/// What a part of an option may be where it is not said: the database adds it to what was.
const PARTS: [(&str, &str, &[&str]); 9] = [
    ("caching", "enabled", &["true"]),
    ("caching", "keys", &["ALL", "NONE"]),
    ("caching", "rows_per_partition", &["ALL", "NONE"]),
    ("compaction", "enabled", &["true"]),
    ("compaction", "max_threshold", &["32"]),
    ("compaction", "min_threshold", &["4"]),
    ("compression", "chunk_length_in_kb", &["16", "4"]),
    ("compression", "crc_check_chance", &["1.0", "1"]),
    ("compression", "enabled", &["true"]),
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
            let (is, wanted) = (with_class(is), with_class(wanted));
            is.keys().chain(wanted.keys()).all(|part| match (is.get(part), wanted.get(part)) {
                (Some(one), Some(other)) => one == other,
                (one, other) => one.or(other).is_some_and(|value| goes_without_saying(name, part, value)),
            })
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

/// What ScyllaDB calls otherwise, as Cassandra does since version 3.
fn with_class(mut parts: BTreeMap<String, String>) -> BTreeMap<String, String> {
    if let Some(class) = parts.remove("sstable_compression") {
        parts.insert("class".to_owned(), class);
    }
    parts
}

fn goes_without_saying(option: &str, part: &str, value: &str) -> bool {
    PARTS.iter().any(|(of, name, usual)| *of == option && *name == part && usual.contains(&value))
}

/// `99PERCENTILE`, `99.0PERCENTILE` and `99p` are the same.
fn percentile(text: &str) -> String {
    let text = text.to_lowercase().replace("percentile", "p");
    match text.strip_suffix(".0p") {
        Some(number) => format!("{number}p"),
        None => text,
    }
}
