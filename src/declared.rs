//! The declared schema of a project's stores: read, and compared with their databases.

mod baseline;
mod compare;
mod generate;
mod printed;
mod refresh;
mod source;
mod sync;

pub use compare::{NeededChange, Rename, SchemaDiff, StoreSchema, shown};
pub use generate::{Answers, Generated};
pub use refresh::{Before, Refreshed, Stale};
pub use sync::Synced;
