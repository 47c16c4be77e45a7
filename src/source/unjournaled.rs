//! Steps where nobody keeps a journal: each is carried out when it comes.

use diesel::result::Error::RollbackTransaction;

use crate::journal::{Chunk, Journal};
use crate::store::StoreConnection;
use crate::traits::Result;

pub struct Unjournaled<'a, C> {
    pub conn: &'a mut C,
}

impl<C: StoreConnection + diesel::Connection> Journal<C> for Unjournaled<'_, C> {
    fn run_unless(&mut self, is_there: bool, statement: &str) -> Result {
        if is_there { Ok(()) } else { self.conn.send(statement) }
    }

    fn transaction(&mut self, _: &str, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        self.conn.transaction(|conn| body(conn))
    }

    fn batches(&mut self, label: &str, chunk: &mut Chunk<'_, C>) -> Result {
        let mut after: Option<String> = None;
        loop {
            let next = self.conn.transaction(|conn| chunk(conn, after.as_deref()))?;
            match next {
                None => return Ok(()),
                next if next == after => {
                    anyhow::bail!("{label} does not come past {}", after.unwrap_or_default())
                }
                next => after = next,
            }
        }
    }

    fn read(&mut self, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        let mut read = Ok(());
        let undone = self.conn.transaction(|conn| {
            read = body(conn);
            Err::<(), _>(RollbackTransaction)
        });
        match undone {
            Err(RollbackTransaction) | Ok(()) => read,
            Err(error) => Err(error.into()),
        }
    }

    fn raw(&mut self, _: &str, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        body(self.conn)
    }
}
