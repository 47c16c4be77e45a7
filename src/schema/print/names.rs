//! What something of a database is called in Rust.

/// What `table!` has of its own in the module of a table.
const TAKEN: [&str; 3] = ["table", "columns", "is_nullable"];

/// Whether a name cannot stand for a table or a column. One with `_` at its end can, so that this always helps.
pub fn is_reserved(name: &str) -> bool {
    let is_hidden = name.starts_with("__") && !name.ends_with('_');
    is_hidden || TAKEN.contains(&name) || syn::parse_str::<syn::Ident>(name).is_err()
}

/// The name of a table or a schema.
pub fn of(sql_name: &str) -> String {
    let name = mapped(sql_name);
    if is_reserved(&name) { name + "_" } else { name }
}

/// The name of a column in the module of a table, whose own name it cannot have.
pub fn of_column(sql_name: &str, table: &str) -> String {
    let name = mapped(sql_name);
    if is_reserved(&name) || name == of(table) { name + "_" } else { name }
}

/// With `_` for each run of what is not in a name, and before a digit at the beginning.
fn mapped(sql_name: &str) -> String {
    let mut name = String::with_capacity(sql_name.len() + 1);
    let mut is_run = false;
    // The `_` before a digit counts as a run's.
    if sql_name.starts_with(|first: char| first.is_ascii_digit()) {
        name.push('_');
        is_run = true;
    }
    for letter in sql_name.chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            name.push(letter);
            is_run = false;
        } else if !is_run {
            name.push('_');
            is_run = true;
        }
    }
    name
}

/// As a Rust string: a raw one where it has quotes.
pub fn string(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let hashes = "#".repeat(text.matches('#').count() + 1);
    format!("r{hashes}\"{text}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_fit() {
        let expected = [
            ("users", "users"),
            ("my table", "my_table"),
            ("a - b", "a_b"),
            ("a_-b", "a__b"),
            ("1st", "_1st"),
            ("é", "__"),
            ("type", "type_"),
            ("table", "table_"),
            ("__hidden", "__hidden_"),
            ("__shown_", "__shown_"),
        ];
        for (sql, rust) in expected {
            assert_eq!(of(sql), rust, "{sql}");
        }
        assert_eq!(of_column("users", "users"), "users_");
        assert_eq!(of_column("my-posts", "my posts"), "my_posts_");
        assert_eq!(of_column("users", "posts"), "users");
    }

    #[test]
    fn quotes_need_a_raw_string() {
        assert_eq!(string("a#b"), "\"a#b\"");
        assert_eq!(string("a\"#b"), "r##\"a\"#b\"##");
    }
}
