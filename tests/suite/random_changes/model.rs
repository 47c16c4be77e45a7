//! What there is at each point of a sequence, so that the next change is a valid one.

use updown::prelude::*;

/// A generator that is the same for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Below a number that is not zero.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % end as u64).expect("it is below a usize")
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        if list.is_empty() { None } else { Some(&list[self.below(list.len())]) }
    }
}

type MakeType = fn() -> Type;

/// A type, and another one that its values can be changed to and back where there are none.
const TYPES: [(MakeType, MakeType); 8] = [
    (|| Type::Integer, || Type::BigInteger),
    (|| Type::SmallInteger, || Type::Integer),
    (|| Type::BigInteger, || Type::Decimal(Some((20, 2)))),
    (|| Type::Text, || Type::String(Some(40))),
    (|| Type::String(Some(10)), || Type::Text),
    (|| Type::Double, || Type::Float),
    (|| Type::Timestamp, || Type::Timestamp),
    (|| Type::Boolean, || Type::Boolean),
];

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    name: String,
    /// In [`TYPES`].
    of: usize,
    /// It has the second of the two.
    changed: bool,
    not_null: bool,
    default: Option<&'static str>,
    unique: bool,
    check: bool,
    refers_to: Option<String>,
}

impl Column {
    fn kind(&self) -> Type {
        let (first, second) = TYPES[self.of];
        if self.changed { second() } else { first() }
    }

    fn is_number(&self) -> bool {
        self.of < 3
    }

    /// All that is said of it, of a type that is not said yet, or of a table.
    fn say<'a>(&self, mut column: updown::schema::ColumnBuilder<'a>) -> updown::schema::ColumnBuilder<'a> {
        if self.not_null {
            column = column.not_null();
        }
        if let Some(default) = self.default {
            column = column.default_sql(default);
        }
        if self.unique {
            column = column.unique();
        }
        if self.check {
            column = column.check(format!("{} >= 0", quoted(&self.name)));
        }
        column
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    name: String,
    columns: Vec<String>,
    unique: bool,
    partial: bool,
    expression: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    Unique(Vec<String>),
    Check(String),
    Refers(String, String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    name: String,
    counts: bool,
    columns: Vec<Column>,
    indexes: Vec<Index>,
    rules: Vec<(String, Rule)>,
    view: Option<String>,
    has_comment: bool,
    was_renamed: bool,
}

impl Table {
    /// Columns that nothing else says anything of.
    fn free(&self) -> Vec<usize> {
        let is_free = |column: &Column| {
            !column.unique
                && !column.check
                && column.refers_to.is_none()
                && self.view.is_none()
                && !self.indexes.iter().any(|index| index.columns.contains(&column.name))
                && !self.rules.iter().any(|(_, rule)| match rule {
                    Rule::Unique(columns) => columns.contains(&column.name),
                    Rule::Check(of) | Rule::Refers(of, _) => *of == column.name,
                })
        };
        (0..self.columns.len()).filter(|at| is_free(&self.columns[*at])).collect()
    }

    fn say(&self, t: &mut updown::schema::TableBuilder) {
        let id = t.big_integer("id").primary_key();
        if self.counts {
            id.auto_increment();
        }
        for column in &self.columns {
            let said = column.say(t.of_type(&column.name, column.kind()));
            if let Some(table) = &column.refers_to {
                said.references(table, "id").on_delete(ForeignKeyAction::Cascade);
            }
        }
    }
}

/// One change, with all that is needed to say it again.
#[derive(Clone, Debug)]
pub enum Made {
    CreateTable(Table),
    DropTable(Table),
    RenameTable(String, String),
    AddColumn(String, Column),
    DropColumn(String, Column),
    RenameColumn(String, String, String),
    ChangeType(String, String, Type, Type),
    NotNull(String, String, bool),
    Default(String, String, Option<&'static str>, Option<&'static str>),
    CreateIndex(String, Index),
    DropIndex(String, Index),
    RenameIndex(String, String),
    AddRule(String, String, Rule),
    DropRule(String, String, Rule),
    CreateView(String, String),
    DropView(String, String),
    /// Said, or taken back.
    Comment(String, bool),
    Enum(String, Vec<String>),
    EnumValue(String, String, Vec<String>),
}

impl Index {
    fn said(&self) -> Vec<updown::schema::IndexColumn> {
        let column = |(at, name): (usize, &String)| match (self.expression, at) {
            (true, 0) => expression(format!("coalesce({0}, {0})", quoted(name))),
            (_, 1) => desc(name),
            _ => asc(name),
        };
        self.columns.iter().enumerate().map(column).collect()
    }

    fn more<C>(&self, mut index: updown::schema::NewIndex<'_, C>) {
        if self.unique {
            index = index.unique();
        }
        if self.partial {
            let _ = index.only_where("id > 5");
        }
    }
}

impl Made {
    /// Says it.
    pub fn say(&self, schema: &mut Schema<AnyConnection>) {
        match self {
            Self::CreateTable(table) => schema.create_table(&table.name, |t| table.say(t)),
            Self::DropTable(table) => schema.drop_table(&table.name).was(|t| table.say(t)),
            Self::RenameTable(from, to) => schema.rename_table(from, to),
            Self::AddColumn(table, column) => match &column.refers_to {
                Some(other) => {
                    schema.add_reference(
                        table,
                        &column.name,
                        |c| column.say(c.of_type(column.kind())),
                        other,
                        "id",
                    );
                }
                None => schema.add_column(table, &column.name, |c| column.say(c.of_type(column.kind()))),
            },
            Self::DropColumn(table, column) => {
                schema.drop_column(table, &column.name).was(|c| column.say(c.of_type(column.kind())));
            }
            Self::RenameColumn(table, from, to) => schema.rename_column(table, from, to),
            Self::ChangeType(table, column, from, to) => {
                schema.change_type(table, column, from.clone(), to.clone());
            }
            Self::NotNull(table, column, true) => {
                schema.set_not_null(table, column);
            }
            Self::NotNull(table, column, false) => schema.drop_not_null(table, column),
            Self::Default(table, column, from, to) => {
                let sql = |value: &Option<&str>| {
                    value.map(|sql| updown::schema::DefaultValue::Expression(sql.to_owned()))
                };
                schema.change_default(table, column, sql(from), sql(to));
            }
            Self::CreateIndex(table, index) => {
                index.more(schema.create_index(&index.name, table, index.said()))
            }
            Self::DropIndex(table, index) => {
                index.more(schema.drop_index(&index.name).was(table, index.said()))
            }
            Self::RenameIndex(from, to) => schema.rename_index(from, to),
            Self::AddRule(table, name, rule) => match rule {
                Rule::Unique(columns) => {
                    schema.add_unique(table, columns).name(name);
                }
                Rule::Check(column) => {
                    schema.add_check(table, name, format!("{} >= 0", quoted(column)));
                }
                Rule::Refers(column, other) => {
                    schema.add_foreign_key(table, [column], other, ["id"]).name(name);
                }
            },
            Self::DropRule(table, name, rule) => {
                let dropped = schema.drop_constraint(table, name);
                match rule {
                    Rule::Unique(columns) => dropped.was_unique(columns),
                    Rule::Check(column) => dropped.was_check(format!("{} >= 0", quoted(column))),
                    Rule::Refers(column, other) => {
                        dropped.was_foreign_key([column], other, ["id"]);
                    }
                }
            }
            Self::CreateView(name, select) => schema.create_view(name, select),
            Self::DropView(name, select) => schema.drop_view(name).was(select),
            Self::Comment(table, said) => schema.only_on([Database::Postgres], |schema| {
                let texts = [None, Some("it's a number")];
                let [from, to] = if *said { texts } else { [texts[1], None] };
                schema.change_column_comment(table, "id", from, to);
                schema.change_table_comment(table, from, to);
            }),
            Self::Enum(name, values) => schema.create_enum(name, values),
            Self::EnumValue(name, value, were) => schema.add_enum_value(name, value).was(were),
        }
    }
}

/// What there is.
pub struct World {
    tables: Vec<Table>,
    enums: Vec<(String, Vec<String>)>,
    has_types: bool,
    named: usize,
}

impl World {
    pub fn new(has_types: bool) -> Self {
        Self { tables: Vec::new(), enums: Vec::new(), has_types, named: 0 }
    }

    /// Some with what has to be quoted.
    fn name(&mut self, random: &mut Random, what: &str) -> String {
        self.named += 1;
        let number = self.named;
        match random.below(6) {
            0 => format!("{what} {number}"),
            1 => format!("{}{number}", what.to_uppercase()),
            2 => format!("{what}_ä{number}"),
            3 => format!("order{number}_{what}"),
            _ => format!("{what}{number}"),
        }
    }

    fn column(&mut self, random: &mut Random, is_new_table: bool) -> Column {
        let of = random.below(TYPES.len());
        let is_number = of < 3;
        let default = match of {
            0..3 => Some("7"),
            3 | 4 => Some("'it''s'"),
            5 => Some("1.5"),
            6 => Some("CURRENT_TIMESTAMP"),
            _ => Some("TRUE"),
        };
        let default = default.filter(|_| random.chance(2));
        let refers_to = match random.of(&self.tables) {
            Some(table) if of == 2 && default.is_none() && random.chance(2) => Some(table.name.clone()),
            _ => None,
        };
        Column {
            name: self.name(random, "c"),
            of,
            changed: false,
            not_null: (is_new_table || default.is_some()) && random.chance(2),
            default,
            unique: random.chance(6),
            check: is_number && refers_to.is_none() && random.chance(5),
            refers_to,
        }
    }

    /// The next change, which is then part of what there is.
    pub fn change(&mut self, random: &mut Random) -> Made {
        loop {
            if let Some(made) = self.tried(random) {
                return made;
            }
        }
    }

    fn tried(&mut self, random: &mut Random) -> Option<Made> {
        let kind = random.below(if self.has_types { 20 } else { 17 });
        if kind == 0 || self.tables.is_empty() {
            let name = self.name(random, "t");
            let columns = (0..random.below(5)).map(|_| self.column(random, true)).collect();
            let counts = random.chance(3);
            let (indexes, rules) = (Vec::new(), Vec::new());
            let table = Table {
                name,
                counts,
                columns,
                indexes,
                rules,
                view: None,
                has_comment: false,
                was_renamed: false,
            };
            self.tables.push(table.clone());
            return Some(Made::CreateTable(table));
        }
        if kind >= 18 {
            return Some(self.of_enums(random));
        }
        let at = random.below(self.tables.len());
        if kind == 1 {
            return self.drop_table(at);
        }
        let refers = |column: &Column, name: &str| column.refers_to.as_deref() == Some(name);
        match kind {
            2 => {
                let column = self.column(random, false);
                let table = &mut self.tables[at];
                table.columns.push(column.clone());
                Some(Made::AddColumn(table.name.clone(), column))
            }
            3 => {
                let to = self.name(random, "t");
                let from = self.tables[at].name.clone();
                if self.tables[at].view.is_some() {
                    return None;
                }
                for table in &mut self.tables {
                    for column in table.columns.iter_mut().filter(|column| refers(column, &from)) {
                        column.refers_to = Some(to.clone());
                    }
                    for (_, rule) in &mut table.rules {
                        if let Rule::Refers(_, other) = rule
                            && *other == from
                        {
                            other.clone_from(&to);
                        }
                    }
                }
                let table = &mut self.tables[at];
                table.name.clone_from(&to);
                table.was_renamed = true;
                Some(Made::RenameTable(from, to))
            }
            4 => {
                let to = self.name(random, "c");
                self.rename_column(random, at, to)
            }
            5..=9 => self.of_a_free_column(random, at, kind),
            10 => self.create_index(random, at),
            11 | 12 => {
                let to = self.name(random, "i");
                let table = &mut self.tables[at];
                if table.indexes.is_empty() {
                    return None;
                }
                let index = random.below(table.indexes.len());
                if kind == 11 {
                    let from = std::mem::replace(&mut table.indexes[index].name, to.clone());
                    return Some(Made::RenameIndex(from, to));
                }
                let index = table.indexes.remove(index);
                Some(Made::DropIndex(table.name.clone(), index))
            }
            13 => self.add_rule(random, at),
            14 => {
                let table = &mut self.tables[at];
                if table.rules.is_empty() {
                    return None;
                }
                let (name, rule) = table.rules.remove(random.below(table.rules.len()));
                Some(Made::DropRule(table.name.clone(), name, rule))
            }
            15 | 16 => {
                let name = self.name(random, "v");
                let table = &mut self.tables[at];
                let select = format!("SELECT id FROM {}", quoted(&table.name));
                match table.view.take() {
                    Some(view) => Some(Made::DropView(view, select)),
                    None => {
                        table.view = Some(name.clone());
                        Some(Made::CreateView(name, select))
                    }
                }
            }
            _ => {
                let table = &mut self.tables[at];
                table.has_comment = !table.has_comment;
                Some(Made::Comment(table.name.clone(), table.has_comment))
            }
        }
    }

    /// Where nothing refers to it.
    fn drop_table(&mut self, at: usize) -> Option<Made> {
        let name = &self.tables[at].name;
        let refers = |table: &Table| {
            table.columns.iter().any(|column| column.refers_to.as_ref() == Some(name))
                || table.rules.iter().any(|(_, rule)| matches!(rule, Rule::Refers(_, other) if other == name))
        };
        let table = &self.tables[at];
        if self.tables.iter().any(refers) || table.view.is_some() {
            return None;
        }
        // What was added to it since does not come back with it.
        let has_more = !table.indexes.is_empty() || !table.rules.is_empty() || table.has_comment;
        if has_more || keeps_old_names(table) {
            return None;
        }
        Some(Made::DropTable(self.tables.remove(at)))
    }

    fn rename_column(&mut self, random: &mut Random, at: usize, to: String) -> Option<Made> {
        let table = &mut self.tables[at];
        if table.columns.is_empty() || table.view.is_some() {
            return None;
        }
        let column = random.below(table.columns.len());
        let from = table.columns[column].name.clone();
        table.columns[column].name.clone_from(&to);
        let renamed = |name: &mut String| {
            if *name == from {
                name.clone_from(&to);
            }
        };
        for index in &mut table.indexes {
            index.columns.iter_mut().for_each(renamed);
        }
        for (_, rule) in &mut table.rules {
            match rule {
                Rule::Unique(columns) => columns.iter_mut().for_each(renamed),
                Rule::Check(column) | Rule::Refers(column, _) => renamed(column),
            }
        }
        Some(Made::RenameColumn(table.name.clone(), from, to))
    }

    fn of_a_free_column(&mut self, random: &mut Random, at: usize, kind: usize) -> Option<Made> {
        let table = &mut self.tables[at];
        let column = *random.of(&table.free())?;
        let name = table.name.clone();
        let found = &mut table.columns[column];
        let said = found.name.clone();
        match kind {
            5 => Some(Made::DropColumn(name, table.columns.remove(column))),
            6 if found.default.is_none() => {
                let from = found.kind();
                found.changed = !found.changed;
                Some(Made::ChangeType(name, said, from, found.kind()))
            }
            7 => {
                found.not_null = !found.not_null;
                Some(Made::NotNull(name, said, found.not_null))
            }
            8 | 9 => {
                let other = match found.of {
                    0..3 => "8",
                    3 | 4 => "'other'",
                    5 => "2.5",
                    6 => "'2026-01-01 00:00:00'",
                    _ => "FALSE",
                };
                let from = found.default;
                found.default = if from.is_none() { Some(other) } else { None };
                Some(Made::Default(name, said, from, found.default))
            }
            _ => None,
        }
    }

    fn create_index(&mut self, random: &mut Random, at: usize) -> Option<Made> {
        let name = self.name(random, "i");
        let table = &mut self.tables[at];
        let columns: Vec<String> = table
            .columns
            .iter()
            .filter(|_| random.chance(2))
            .map(|column| column.name.clone())
            .take(3)
            .collect();
        if columns.is_empty() {
            return None;
        }
        let (unique, partial, expression) = (random.chance(3), random.chance(3), random.chance(4));
        let index = Index { name, columns, unique, partial, expression };
        table.indexes.push(index.clone());
        Some(Made::CreateIndex(table.name.clone(), index))
    }

    fn add_rule(&mut self, random: &mut Random, at: usize) -> Option<Made> {
        let name = self.name(random, "r");
        let other = random.of(&self.tables)?.name.clone();
        let table = &mut self.tables[at];
        let column = random.of(&table.columns)?.clone();
        let rule = match random.below(3) {
            0 => Rule::Unique(vec![column.name]),
            1 if column.is_number() => Rule::Check(column.name),
            // Of the type of what it refers to.
            2 if column.of == 2 && !column.changed => Rule::Refers(column.name, other),
            _ => return None,
        };
        table.rules.push((name.clone(), rule.clone()));
        Some(Made::AddRule(table.name.clone(), name, rule))
    }

    fn of_enums(&mut self, random: &mut Random) -> Made {
        if self.enums.is_empty() || random.chance(3) {
            let name = self.name(random, "e");
            let values: Vec<String> =
                (0..1 + random.below(3)).map(|number| format!("it's {number}")).collect();
            self.enums.push((name.clone(), values.clone()));
            return Made::Enum(name, values);
        }
        let value = self.name(random, "value");
        let at = random.below(self.enums.len());
        let (name, values) = &mut self.enums[at];
        let were = values.clone();
        values.push(value.clone());
        Made::EnumValue(name.clone(), value, were)
    }
}

/// Whether its constraints have the names of another table or column, which they would not be made with again.
fn keeps_old_names(table: &Table) -> bool {
    table.was_renamed
        || table.columns.iter().any(|column| column.unique || column.check || column.refers_to.is_some())
}
