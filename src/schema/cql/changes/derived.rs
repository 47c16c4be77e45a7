//! What is kept beside a table: indexes and materialized views.

use std::panic::Location;

use crate::schema::cql::parts::{CqlIndex, CqlView};
use crate::schema::cql::{IndexBuilder, Op, Undo, ViewBuilder};
use crate::schema::recorded::Schema;
use crate::store::scylla::ScyllaConnection;

/// Indexes and views.
impl Schema<ScyllaConnection> {
    /// Builds an index on a column. More of it can be said behind this. ScyllaDB's local indexes, whose key
    /// has several columns, are for [`raw`](Self::raw).
    /// <https://cassandra.apache.org/doc/latest/cassandra/reference/cql-commands/create-index.html>
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.create_index("notifications_by_tag", "notifications", "tags").values();
    /// schema
    ///     .create_index("notifications_by_message", "notifications", "message")
    ///     .using("sai")
    ///     .option("case_sensitive", "false");
    /// # }
    /// ```
    #[track_caller]
    pub fn create_index(
        &mut self,
        name: impl Into<String>,
        table: impl Into<String>,
        column: impl Into<String>,
    ) -> IndexBuilder<'_> {
        let index = IndexBuilder::index(name.into(), table.into(), column.into());
        let recorded = self.record(Op::CreateIndex(index.clone()), Location::caller());
        IndexBuilder { recorded, index, change: Box::new(Op::CreateIndex) }
    }

    /// Drops an index.
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.drop_index("notifications_by_tag").was("notifications", "tags").values();
    /// # }
    /// ```
    #[track_caller]
    pub fn drop_index(&mut self, name: impl Into<String>) -> Undo<'_, CqlIndex> {
        let name = name.into();
        self.undone(name.clone(), Location::caller(), move |was| Op::DropIndex { name: name.clone(), was })
    }

    /// Makes a materialized view. Its key has all columns of the table's key, and at most one more.
    /// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/mvs.html>
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.create_materialized_view("notifications_of_video", |v| {
    ///     v.from("notifications")
    ///         .select(["video_id", "user_id", "id", "message"])
    ///         .partition_key(["video_id"])
    ///         .clustering_key(["id", "user_id"])
    ///         .order_desc("id")
    /// });
    /// # }
    /// ```
    #[track_caller]
    pub fn create_materialized_view(
        &mut self,
        name: impl Into<String>,
        with: impl FnOnce(ViewBuilder) -> ViewBuilder,
    ) {
        let view = with(ViewBuilder::new(name.into())).0;
        self.record(Op::CreateMaterializedView(view), Location::caller());
    }

    /// Drops a materialized view.
    #[track_caller]
    pub fn drop_materialized_view(&mut self, name: impl Into<String>) -> Undo<'_, CqlView> {
        let name = name.into();
        self.undone(name.clone(), Location::caller(), move |was| Op::DropMaterializedView {
            name: name.clone(),
            was,
        })
    }
}
