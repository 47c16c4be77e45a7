//! The migrations of the store `main`, in the order in which they run: those in `{{sql}}` as they are, then the
//! modules. `updown new add_avatar_to_users` writes the next one, and enters it here.

use include_dir::{Dir, include_dir};
use updown::SqlDirectory;
use updown::prelude::{{connection}};

/// The files are compiled in; `build.rs` says when that has to be done anew.
static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/{{sql}}");

updown::registry! {
    pub static MAIN: {{connection}} = SqlDirectory::embedded(&FILES), then [];
}
