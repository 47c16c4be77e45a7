//! The migrations of the store `main`, in the order in which they run.

use updown::prelude::PgConnection;

mod m0001_create_videos;
mod m0002_index_videos_by_title;

updown::registry! {
    pub static MAIN: PgConnection = [
        m0001_create_videos,
        m0002_index_videos_by_title,
    ];
}
