//! Tables and their columns.

use std::panic::Location;

use crate::schema::cql::parts::{Column, CqlTable};
use crate::schema::cql::{
    AddedColumn, ColumnDefinition, NewColumn, Op, OptionsBuilder, TableBuilder, Undo, Was,
};
use crate::schema::recorded::Schema;
use crate::store::scylla::ScyllaConnection;

/// Tables.
impl Schema<ScyllaConnection> {
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
}
