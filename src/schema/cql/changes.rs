//! What can be changed in CQL: keyspaces and types here, and any statement.

mod derived;
mod tables;

use std::panic::Location;

use super::builder::{KeyspaceBuilder, TypeBuilder};
use super::columns::NewField;
use super::parts::{CqlKeyspace, Field, UserType};
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
    pub(super) fn undone<T>(
        &mut self,
        name: String,
        at: &'static Location<'static>,
        change: impl Fn(Was<T>) -> Op + 'static,
    ) -> Undo<'_, T> {
        let recorded = self.record(change(Was::Unsaid), at);
        Undo { recorded, name, change: Box::new(change) }
    }
}
