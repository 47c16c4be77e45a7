//! The store `main`: its migrations, and the order in which they run.

use updown::AnyConnection;

mod m0001_create_video_uploads;
mod m0002_create_videos;
mod m0003_create_user_preferences;
mod m0004_create_notifications;
mod m0005_add_video_slug;
mod m0006_fill_video_slug;
mod m0007_require_video_slug;

updown::registry! {
    /// In the order in which they run.
    pub static MAIN: AnyConnection = [
        m0001_create_video_uploads,
        m0002_create_videos,
        m0003_create_user_preferences,
        m0004_create_notifications,
        m0005_add_video_slug,
        m0006_fill_video_slug,
        m0007_require_video_slug,
    ]
}
