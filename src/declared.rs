//! The declared schema of a project's stores: read, and compared with their databases.

#[cfg(feature = "cli")]
mod baseline;
#[cfg_attr(not(feature = "cli"), allow(dead_code))]
mod compare;
#[cfg(feature = "cli")]
mod generate;
#[cfg(feature = "cli")]
mod printed;
#[cfg(feature = "cli")]
mod refresh;
#[cfg_attr(not(feature = "cli"), allow(dead_code))]
mod source;
#[cfg_attr(not(feature = "cli"), allow(dead_code))]
mod sync;

#[cfg(feature = "cli")]
pub use compare::{NeededChange, Rename, SchemaDiff, StoreSchema, shown};
#[cfg(feature = "cli")]
pub use generate::{Answers, Generated};
#[cfg(feature = "cli")]
pub use refresh::{Before, Refreshed, Stale};
pub use source::is_declared_anywhere;
#[cfg(feature = "cli")]
pub use sync::Synced;
