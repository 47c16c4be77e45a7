//! Tables.

use super::columns::columns;
use super::key::key;
use super::options::options;
use super::steps::{Steps, addition, change, loss};
use crate::schema::cql::declared::Declared;
use crate::schema::cql::keyspace::Keyspace;
use crate::schema::cql::whole::cql_table;
use crate::schema::cql::{Op, Was};

pub fn tables(there: &Keyspace, declared: &Declared, steps: &mut Steps) {
    let wanted = &declared.keyspace.tables;
    for (name, table) in wanted {
        let at = declared.at(&format!("table {name}"));
        let Some(of) = there.tables.get(name) else {
            let op = Op::CreateTable(cql_table(name, table, declared.order(name)));
            steps.create_tables.push(addition(op, at));
            continue;
        };
        let in_key = key(name, of, table, declared, steps);
        columns(name, (of, table), &in_key, there, declared, steps);
        let changed = options((&of.options, &of.usual), (&table.options, &table.usual));
        if let Some(first) = changed.first() {
            let at = declared.at(&format!("option {name}.{}", first.name));
            steps.options.push(change(Op::AlterTable { table: name.clone(), options: changed }, at));
        }
    }
    for (name, table) in there.tables.iter().filter(|(name, _)| !wanted.contains_key(*name)) {
        let was = Was::Known(cql_table(name, table, &[]));
        let op = Op::DropTable { name: name.clone(), was };
        steps.drop_tables.push(loss(op, format!("the table {name} is dropped with its rows"), None));
    }
}
