//! What there is after a change.

use super::Known;
use crate::schema::cql::Op;

impl Known {
    /// What there is after the change.
    pub fn learn(&mut self, op: &Op) {
        match op {
            Op::CreateKeyspace(keyspace) => {
                self.keyspaces.insert(keyspace.name.clone());
            }
            Op::DropKeyspace { name, .. } => {
                self.keyspaces.remove(name);
            }
            Op::CreateTable(table) => {
                self.tables.insert(table.name.clone(), table.clone());
            }
            Op::DropTable { name, .. } => {
                self.tables.remove(name);
                self.indexes.retain(|_, index| index.table != *name);
            }
            Op::AddColumn { table, column, .. } => {
                // One that is wrong must not make what comes after it look wrong, too.
                let table = self.tables.get_mut(table).filter(|table| table.column(&column.name).is_none());
                if let Some(table) = table {
                    table.columns.push(column.clone());
                }
            }
            Op::DropColumn { table, name, .. } => {
                if let Some(table) = self.tables.get_mut(table) {
                    table.columns.retain(|column| column.name != *name);
                }
            }
            Op::RenameColumn { table, from, to } => {
                let table = self.tables.get_mut(table).filter(|table| table.column(to).is_none());
                let columns = table.map(|table| &mut table.columns);
                for column in columns.into_iter().flatten().filter(|column| column.name == *from) {
                    column.name.clone_from(to);
                }
            }
            Op::CreateType(kind) => {
                let fields = kind.fields.iter().map(|field| field.name.clone());
                self.types.insert(kind.name.clone(), fields.collect());
            }
            Op::DropType { name, .. } => {
                self.types.remove(name);
            }
            Op::AddTypeField { name, field, .. } => {
                if let Some(fields) = self.types.get_mut(name) {
                    fields.push(field.name.clone());
                }
            }
            Op::RenameTypeField { name, from, to } => {
                let fields = self.types.get_mut(name).into_iter().flatten();
                for field in fields.filter(|field| *field == from) {
                    field.clone_from(to);
                }
            }
            Op::CreateIndex(index) => {
                self.indexes.insert(index.full_name(), index.clone());
            }
            Op::DropIndex { name, .. } => {
                self.indexes.remove(name);
            }
            Op::CreateMaterializedView(view) => {
                self.views.insert(view.name.clone(), view.clone());
            }
            Op::DropMaterializedView { name, .. } => {
                self.views.remove(name);
            }
            Op::AlterTable { .. } | Op::Raw { .. } => {}
        }
    }
}
