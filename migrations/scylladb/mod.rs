//! The store `scylladb`: its migrations, and the order in which they run.

use updown::scylla::ScyllaConnection;

mod m0001_create_notification_metadata;
mod m0002_create_notifications;
mod m0003_create_notification_deliveries;
mod m0004_add_notification_preview;
mod m0005_fill_notification_preview;

updown::registry! {
    /// In the order in which they run.
    pub static SCYLLADB: ScyllaConnection = [
        m0001_create_notification_metadata,
        m0002_create_notifications,
        m0003_create_notification_deliveries,
        m0004_add_notification_preview,
        m0005_fill_notification_preview,
    ]
}
