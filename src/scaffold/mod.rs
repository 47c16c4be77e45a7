//! What the command line writes into a project: the migrations crate (`init`), a module (`new`), a
//! new number for one (`renumber`), an accepted hash (`list::accept`).
//!
//! All of it is the author's source. So nothing that exists is overwritten, no symbolic link is
//! followed, every file is there whole or not at all, and a list is edited as text: comments and
//! layout stay, and a list that does not compile can be mended.

pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod project_dir;
pub(crate) mod renumber;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) mod squash;

pub mod features;
pub(crate) mod files;
mod guess;
mod layout;
mod manifest;
pub(crate) mod names;
mod raw;
pub(crate) mod store_dir;
pub(crate) mod templates;
mod tokens;
mod typed;
