//! A keyspace as the text of `schema.cql`.

use super::keyspace::Keyspace;
use super::whole::operations;

/// What makes it, in the words of `DESCRIBE KEYSPACE`, but of all options only those that are not as without
/// a word, and without the keyspace's name: it is another one in each environment.
pub fn print(keyspace: &Keyspace) -> String {
    let statements: Vec<String> =
        operations(keyspace).iter().map(|op| format!("{};\n", op.statement())).collect();
    statements.join("\n")
}
