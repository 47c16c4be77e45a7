//! The migrations of the store `main`, in the order in which they run.
//! `updown new add_avatar_to_users` writes the next one, and enters it here.

use updown::prelude::{{connection}};

{{modules}}updown::registry! {
    pub static MAIN: {{connection}} = [{{entries}}];
}
