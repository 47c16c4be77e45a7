//! Changes with names and texts of every length.

use super::{column, kinds};
use crate::schema::op::*;
use crate::schema::recorded::Was;
use crate::schema::{asc, expression};

/// Numbers that are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn is(&mut self) -> bool {
        self.below(2) == 0
    }

    fn word(&mut self, longest: u64) -> String {
        let length = 1 + self.below(longest);
        (0..length).map(|_| char::from(b'a' + u8::try_from(self.below(26)).unwrap_or(0))).collect()
    }

    fn name(&mut self) -> String {
        let longest = [4, 12, 30, 63][usize::try_from(self.below(4)).unwrap_or(0)];
        self.word(longest)
    }

    fn names(&mut self) -> Vec<String> {
        (0..1 + self.below(4)).map(|_| self.name()).collect()
    }

    fn sql(&mut self) -> String {
        let words: Vec<String> = (0..1 + self.below(18)).map(|_| self.word(9)).collect();
        words.join(" ")
    }

    fn kind(&mut self) -> Type {
        let kinds = kinds();
        let index = self.below(u64::try_from(kinds.len()).unwrap_or(1));
        kinds[usize::try_from(index).unwrap_or(0)].clone()
    }

    fn column(&mut self) -> Column {
        let name = self.name();
        let mut made = Column { not_null: self.is(), ..column(&name, self.kind()) };
        if self.below(3) == 0 {
            made.default = Some(DefaultValue::Expression(self.sql()));
        } else if self.is() {
            made.default = Some(DefaultValue::Text(self.name()));
        }
        if self.below(3) == 0 {
            made.constraints.push(Constraint::Unique { name: None, columns: vec![name.clone()] });
        }
        if self.below(4) == 0 {
            made.constraints.push(Constraint::Check { name: None, expression: self.sql() });
        }
        if self.below(3) == 0 {
            let mut key = ForeignKey::new([name], self.name(), [self.name()]);
            key.on_delete = self.is().then_some(ForeignKeyAction::Cascade);
            key.name = self.is().then(|| self.name());
            made.constraints.push(Constraint::ForeignKey(key));
        }
        if self.below(4) == 0 {
            made.comment = Some(self.sql());
        }
        made
    }

    fn constraint(&mut self) -> Constraint {
        let name = self.is().then(|| self.name());
        match self.below(4) {
            0 => Constraint::Unique { name, columns: self.names() },
            1 => Constraint::Check { name, expression: self.sql() },
            2 => Constraint::PrimaryKey { name, columns: self.names() },
            _ => Constraint::ForeignKey(ForeignKey {
                name,
                on_update: self.is().then_some(ForeignKeyAction::SetDefault),
                deferrable: self.is(),
                ..ForeignKey::new(self.names(), self.name(), self.names())
            }),
        }
    }

    fn table(&mut self) -> Table {
        let mut table = Table::nothing(&self.name());
        table.columns = (0..1 + self.below(4)).map(|_| self.column()).collect();
        table.constraints = (0..self.below(3)).map(|_| self.constraint()).collect();
        if self.below(4) == 0 {
            table.comment = Some(self.sql());
        }
        table
    }

    fn index(&mut self) -> Index {
        let mut columns = Vec::new();
        for _ in 0..1 + self.below(4) {
            let column = if self.below(4) == 0 { expression(self.sql()) } else { asc(self.name()) };
            columns.push(if self.below(4) == 0 { column.desc() } else { column });
        }
        Index {
            name: self.name(),
            table: self.name(),
            columns,
            unique: self.is(),
            only_where: self.is().then(|| self.sql()),
            including: if self.below(4) == 0 { self.names() } else { Vec::new() },
            method: self.is().then(|| self.word(5)),
            concurrently: self.is(),
        }
    }

    fn op(&mut self) -> Op {
        match self.below(10) {
            0 | 1 => Op::CreateTable(self.table()),
            2 => {
                let table = self.table();
                Op::DropTable { name: table.name.clone(), was: Was::Known(table) }
            }
            3 => Op::AddColumn { table: self.name(), column: self.column() },
            4 => {
                let column = self.column();
                Op::DropColumn { table: self.name(), name: column.name.clone(), was: Was::Known(column) }
            }
            5 => Op::CreateIndex(self.index()),
            6 => {
                let index = self.index();
                Op::DropIndex { name: index.name.clone(), concurrently: self.is(), was: Was::Known(index) }
            }
            7 => {
                Op::AddConstraint { table: self.name(), constraint: self.constraint(), not_valid: self.is() }
            }
            8 => {
                let was = Was::Known(self.constraint());
                Op::DropConstraint { table: self.name(), name: self.name(), was }
            }
            _ => Op::Raw { up: vec![self.sql()], down: Was::Known(vec![self.sql()]) },
        }
    }
}

pub fn random(seed: u64, count: usize) -> Vec<Op> {
    let mut random = Random(seed.wrapping_mul(7919));
    (0..count).map(|_| random.op()).collect()
}
