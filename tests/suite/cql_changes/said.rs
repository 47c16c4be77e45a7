//! One change of the model, as the builders say it.

use updown::Schema;
use updown::scylla::schema::{IndexBuilder, NewColumn, OldColumn, TableBuilder, TypeBuilder, ViewBuilder};
use updown::scylla::{CqlType, ScyllaConnection};

use super::model::{Column, Index, Key, Table, Target, UserType, View};

/// What is recorded when a migration is asked what it does.
pub enum Said {
    CreateTable(Table),
    DropTable(Table),
    AddColumn(String, Column),
    DropColumn(String, Column),
    RenameColumn {
        table: String,
        from: String,
        to: String,
    },
    CreateType(UserType),
    DropType(UserType),
    RenameField {
        of: String,
        from: String,
        to: String,
    },
    CreateIndex(Index),
    DropIndex(Index),
    CreateView(View),
    DropView(View),
    /// An option of a table, with what it was.
    Option {
        table: String,
        name: &'static str,
        from: String,
        to: String,
    },
}

impl Said {
    pub fn say(&self, schema: &mut Schema<ScyllaConnection>) {
        match self {
            Self::CreateTable(of) => schema.create_table(&of.name, |t| table(of, t)),
            Self::DropTable(of) => schema.drop_table(&of.name).was(|t| table(of, t)),
            Self::AddColumn(table, of) => {
                schema.add_column(table, |c: NewColumn| {
                    let said = c.column(&of.name, of.kind.clone());
                    if of.is_static { said.static_column() } else { said }
                });
            }
            Self::DropColumn(table, of) => schema.drop_column(table, &of.name).was(|c: OldColumn| {
                let said = c.column(of.kind.clone());
                if of.is_static { said.static_column() } else { said }
            }),
            Self::RenameColumn { table, from, to } => schema.rename_column(table, from, to),
            Self::CreateType(of) => schema.create_type(&of.name, |t| fields(of, t)),
            Self::DropType(of) => schema.drop_type(&of.name).was(|t| fields(of, t)),
            Self::RenameField { of, from, to } => schema.rename_type_field(of, from, to),
            Self::CreateIndex(of) => {
                target(schema.create_index(&of.name, &of.table, &of.column), of.target);
            }
            Self::DropIndex(of) => {
                target(schema.drop_index(&of.name).was(&of.table, &of.column), of.target);
            }
            Self::CreateView(of) => schema.create_materialized_view(&of.name, |v| view(of, v)),
            Self::DropView(of) => schema.drop_materialized_view(&of.name).was(|v| view(of, v)),
            Self::Option { table, name, from, to } => {
                schema.alter_table(table, |t| t.option(*name).from(from).to(to));
            }
        }
    }
}

fn table(of: &Table, t: &mut TableBuilder) {
    for column in &of.columns {
        let mut said = t.column(&column.name, column.kind.clone());
        said = match column.key {
            Some(Key::Partition) => said.partition_key(),
            Some(Key::Clustering) => said.clustering_key(),
            None => said,
        };
        said = match column.descending {
            Some(true) => said.desc(),
            Some(false) => said.asc(),
            None => said,
        };
        if column.is_static {
            said.static_column();
        }
    }
    of.options.iter().for_each(|(name, value)| t.option(*name, value));
}

fn fields(of: &UserType, t: &mut TypeBuilder) {
    of.fields.iter().for_each(|(name, kind): &(String, CqlType)| t.column(name, kind.clone()));
}

fn target(index: IndexBuilder<'_>, target: Target) {
    match target {
        Target::Simple => index,
        Target::Keys => index.keys(),
        Target::Values => index.values(),
        Target::Entries => index.entries(),
        Target::Full => index.full(),
    };
}

/// Its key is one column of the partition, and the rest.
fn view(of: &View, v: ViewBuilder) -> ViewBuilder {
    let v = v.from(&of.table).select(&of.key).partition_key(&of.key[..1]).clustering_key(&of.key[1..]);
    of.descending.iter().fold(v, ViewBuilder::order_desc)
}
