//! The declared schema of a project's stores: read, and compared with their databases.

mod baseline;
mod compare;
mod generate;
mod refresh;
mod source;
mod sync;

pub use compare::{NeededChange, SchemaDiff, StoreSchema};
pub use generate::{Answers, Generated};
pub use refresh::{Before, Refreshed, Stale};
pub(crate) use source::Source;
pub use sync::Synced;
