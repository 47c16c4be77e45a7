//! The store `cockroachdb`: its migrations, and the order in which they run.

use updown::prelude::PgConnection;

mod m0001_create_regions;
mod m0002_fill_regions;
mod m0003_create_user_sessions;
mod m0004_create_video_views;
mod m0005_add_session_last_seen_at;

updown::registry! {
    /// In the order in which they run.
    pub static COCKROACHDB: PgConnection = [
        m0001_create_regions,
        m0002_fill_regions,
        m0003_create_user_sessions,
        m0004_create_video_views,
        m0005_add_session_last_seen_at,
    ]
}
