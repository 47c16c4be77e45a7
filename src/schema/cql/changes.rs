//! What can be changed in CQL.

use std::panic::Location;

use super::builder::{
    AddedColumn, IndexBuilder, KeyspaceBuilder, OptionsBuilder, TableBuilder, TypeBuilder, ViewBuilder,
};
use super::columns::{ColumnDefinition, NewColumn, NewField};
use super::parts::{Column, CqlIndex, CqlKeyspace, CqlTable, CqlView, Field, UserType};
use super::undo::Undo;
use super::{Op, Was};
use crate::schema::recorded::Schema;
use crate::store::scylla::ScyllaConnection;

/// In CQL: each change is one statement, and a step of the journal.
///
/// Names are written as they are: what needs quotes gets them, so that `Users` stays in upper case. A table,
/// a type or an index can have its keyspace before its name (`other.users`); without one it is in that of
/// the URL.
///
/// ```
/// use updown::scylla::{CqlType, ScyllaConnection};
/// use updown::{Change, Schema};
///
/// pub struct Migration;
///
/// impl Change<ScyllaConnection> for Migration {
///     fn change(&self, schema: &mut Schema<ScyllaConnection>) {
///         schema.create_type("notification_metadata", |t| {
///             t.text("device");
///             t.text("locale");
///         });
///         schema.create_table("notifications", |t| {
///             t.bigint("user_id").partition_key();
///             t.timeuuid("id").clustering_key().desc();
///             t.bigint("video_id");
///             t.udt("metadata", "notification_metadata");
///             t.set("tags", CqlType::Text);
///             t.default_time_to_live(2_592_000);
///             t.option("gc_grace_seconds", "3600");
///         });
///         schema.create_index("notifications_by_video", "notifications", "video_id");
///     }
/// }
/// ```
impl Schema<ScyllaConnection> {
    /// Makes a keyspace. That of the URL is made by the run itself, and not in a migration.
    /// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/ddl.html#create-keyspace-statement>
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.create_keyspace("archive", |k| k.network([("dc1", 3)]).durable_writes(true));
    /// # }
    /// ```
    #[track_caller]
    pub fn create_keyspace(
        &mut self,
        name: impl Into<String>,
        with: impl FnOnce(KeyspaceBuilder) -> KeyspaceBuilder,
    ) {
        let keyspace = with(KeyspaceBuilder::new(name.into())).0;
        self.record(Op::CreateKeyspace(keyspace), Location::caller());
    }

    /// Drops a keyspace, with all that is in it.
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.drop_keyspace("archive").irreversible("what was in it is in the backup alone");
    /// # }
    /// ```
    #[track_caller]
    pub fn drop_keyspace(&mut self, name: impl Into<String>) -> Undo<'_, CqlKeyspace> {
        let name = name.into();
        self.undone(name.clone(), Location::caller(), move |was| Op::DropKeyspace { name: name.clone(), was })
    }

    /// Makes a table.
    /// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/ddl.html#create-table-statement>
    #[track_caller]
    pub fn create_table(&mut self, name: impl Into<String>, with: impl FnOnce(&mut TableBuilder)) {
        let mut table = TableBuilder::new(name.into());
        with(&mut table);
        self.record(Op::CreateTable(table.0), Location::caller());
    }

    /// Drops a table, with all that is in it, and with its indexes. Those do not come back with it: drop
    /// them before. A table with materialized views is not dropped.
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.drop_table("settings").was(|t| {
    ///     t.text("name").partition_key();
    ///     t.int("value");
    /// });
    /// # }
    /// ```
    #[track_caller]
    pub fn drop_table(&mut self, name: impl Into<String>) -> Undo<'_, CqlTable> {
        let name = name.into();
        self.undone(name.clone(), Location::caller(), move |was| Op::DropTable { name: name.clone(), was })
    }

    /// Changes options of a table, each from what it is to something else.
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.alter_table("notifications", |t| {
    ///     t.option("gc_grace_seconds").from("864000").to("3600");
    ///     t.comment().from("").to("what a user was told");
    /// });
    /// # }
    /// ```
    #[track_caller]
    pub fn alter_table(&mut self, table: impl Into<String>, with: impl FnOnce(&mut OptionsBuilder)) {
        let mut options = OptionsBuilder(Vec::new());
        with(&mut options);
        self.record(Op::AlterTable { table: table.into(), options: options.0 }, Location::caller());
    }

    /// Adds a column, which is null in all rows that are there.
    ///
    /// The way back drops it, with what is in it. Cassandra does not let a counter, or what has a
    /// user-defined type in it, be added again under a name that it had: for those, say
    /// `.irreversible("because")`, where going down and up again is to be refused at once. Nor does it drop
    /// a column of a table that has a materialized view by then.
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.add_column("notifications", |c| c.text("preview"));
    /// # }
    /// ```
    #[track_caller]
    pub fn add_column(
        &mut self,
        table: impl Into<String>,
        column: impl FnOnce(NewColumn) -> ColumnDefinition,
    ) -> AddedColumn<'_> {
        let (table, column) = (table.into(), column(NewColumn(())).0);
        let op = Op::AddColumn { table: table.clone(), column: column.clone(), back: Was::Known(()) };
        AddedColumn { recorded: self.record(op, Location::caller()), table, column }
    }

    /// Drops a column, with what is in it; never one of the key.
    ///
    /// The way back adds it with nothing in it. Cassandra wants it to be of the same type then, and does not
    /// let a counter, or what has a user-defined type in it, be added again at all.
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.drop_column("notifications", "preview").was(|c| c.text());
    /// # }
    /// ```
    #[track_caller]
    pub fn drop_column(&mut self, table: impl Into<String>, name: impl Into<String>) -> Undo<'_, Column> {
        let (table, name) = (table.into(), name.into());
        self.undone(name.clone(), Location::caller(), move |was| Op::DropColumn {
            table: table.clone(),
            name: name.clone(),
            was,
        })
    }

    /// Renames a column of the primary key; no other can be renamed in CQL.
    /// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/ddl.html#alter-table-statement>
    #[track_caller]
    pub fn rename_column(
        &mut self,
        table: impl Into<String>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) {
        let op = Op::RenameColumn { table: table.into(), from: from.into(), to: to.into() };
        self.record(op, Location::caller());
    }

    /// Makes a user-defined type.
    /// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/types.html#udts>
    #[track_caller]
    pub fn create_type(&mut self, name: impl Into<String>, with: impl FnOnce(&mut TypeBuilder)) {
        let mut kind = TypeBuilder::new(name.into());
        with(&mut kind);
        self.record(Op::CreateType(kind.0), Location::caller());
    }

    /// Drops a user-defined type, which nothing may be of any more.
    #[track_caller]
    pub fn drop_type(&mut self, name: impl Into<String>) -> Undo<'_, UserType> {
        let name = name.into();
        self.undone(name.clone(), Location::caller(), move |was| Op::DropType { name: name.clone(), was })
    }

    /// Adds a field to a user-defined type. In CQL it can never be taken away again, so this says
    /// `.irreversible("because")`.
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema
    ///     .add_type_field("notification_metadata", |f| f.text("app_version"))
    ///     .irreversible("a field cannot be taken away from a type");
    /// # }
    /// ```
    #[track_caller]
    pub fn add_type_field(
        &mut self,
        name: impl Into<String>,
        field: impl FnOnce(NewField) -> Field,
    ) -> Undo<'_, std::convert::Infallible> {
        let (name, field) = (name.into(), field(NewField(())));
        self.undone(name.clone(), Location::caller(), move |back| Op::AddTypeField {
            name: name.clone(),
            field: field.clone(),
            back,
        })
    }

    /// Renames a field of a user-defined type.
    #[track_caller]
    pub fn rename_type_field(
        &mut self,
        name: impl Into<String>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) {
        let op = Op::RenameTypeField { name: name.into(), from: from.into(), to: to.into() };
        self.record(op, Location::caller());
    }

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

    /// Any other statement, word for word; one for each call.
    ///
    /// ```
    /// # fn change(schema: &mut updown::Schema<updown::scylla::ScyllaConnection>) {
    /// schema.raw("CREATE ROLE reader").reverse("DROP ROLE reader");
    /// # }
    /// ```
    #[track_caller]
    pub fn raw(&mut self, statement: impl Into<String>) -> Undo<'_, Vec<String>> {
        let up = statement.into();
        self.undone(String::new(), Location::caller(), move |down| Op::Raw { up: up.clone(), down })
    }

    /// Takes down a change of which it is not said yet what undoes it.
    fn undone<T>(
        &mut self,
        name: String,
        at: &'static Location<'static>,
        change: impl Fn(Was<T>) -> Op + 'static,
    ) -> Undo<'_, T> {
        let recorded = self.record(change(Was::Unsaid), at);
        Undo { recorded, name, change: Box::new(change) }
    }
}
