//! What the closures of [`Schema`](crate::Schema)'s methods get.

mod index;
mod keyspace;
mod options;
mod table;
mod view;

pub use index::IndexBuilder;
pub use keyspace::KeyspaceBuilder;
pub use options::{OptionChange, OptionFrom, OptionsBuilder};
pub use table::{AddedColumn, TableBuilder, TypeBuilder};
pub use view::ViewBuilder;
