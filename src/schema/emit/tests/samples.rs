//! Changes: one of each kind in many forms, and random ones.

mod random;

use crate::schema::op::*;
use crate::schema::recorded::Was;
use crate::schema::{asc, desc, expression};

pub use random::random;

fn column(name: &str, kind: Type) -> Column {
    Column::new(name, kind)
}

fn key(name: Option<&str>, columns: &[&str], to: &str, to_columns: &[&str]) -> ForeignKey {
    ForeignKey {
        name: name.map(str::to_owned),
        ..ForeignKey::new(columns.iter().copied(), to, to_columns.iter().copied())
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn kinds() -> Vec<Type> {
    vec![
        Type::Char(3),
        Type::String(None),
        Type::String(Some(255)),
        Type::Text,
        Type::SmallInteger,
        Type::Integer,
        Type::BigInteger,
        Type::Float,
        Type::Double,
        Type::Decimal(None),
        Type::Decimal(Some((10, 2))),
        Type::Boolean,
        Type::Date,
        Type::Time,
        Type::Timestamp,
        Type::TimestampWithTimeZone,
        Type::Interval,
        Type::Blob,
        Type::Json,
        Type::JsonBinary,
        Type::Uuid,
        Type::Inet,
        Type::Cidr,
        Type::MacAddr,
        Type::Array(Box::new(Type::Array(Box::new(Type::String(Some(20)))))),
        Type::Enum("other.mood".into()),
        Type::Custom("\"Odd type\"(1, 2)".into()),
    ]
}

fn defaults() -> Vec<DefaultValue> {
    vec![
        DefaultValue::Text("it's \"quoted\" \\ and\nbroken".into()),
        DefaultValue::Text(String::new()),
        DefaultValue::Integer(-1),
        DefaultValue::Integer(i64::MIN),
        DefaultValue::Integer(3_000_000_000),
        DefaultValue::Float(-0.25),
        DefaultValue::Float(f64::INFINITY),
        DefaultValue::Boolean(true),
        DefaultValue::Now,
        DefaultValue::Expression("gen_random_uuid()".into()),
    ]
}

/// Of every kind.
pub fn all() -> Vec<Op> {
    let mut ops = tables();
    ops.extend(columns());
    ops.extend(constraints());
    ops.extend(indexes());
    ops.extend(objects());
    for seed in 1000..1006 {
        ops.extend(random(seed, 20));
    }
    ops
}

fn everything() -> Table {
    let unique = |name: Option<&str>, columns: &[&str]| Constraint::Unique {
        name: name.map(str::to_owned),
        columns: names(columns),
    };
    let check = |name: Option<&str>, expression: &str| Constraint::Check {
        name: name.map(str::to_owned),
        expression: expression.into(),
    };
    let id = Column {
        not_null: true,
        identity: Some(Identity::ByDefault),
        constraints: vec![Constraint::PrimaryKey { name: None, columns: names(&["id"]) }],
        comment: Some("its \"number\"".into()),
        ..column("id", Type::BigInteger)
    };
    let slug = Column {
        not_null: true,
        default: Some(DefaultValue::Text("x".into())),
        collation: Some("C".into()),
        constraints: vec![
            unique(None, &["slug"]),
            check(Some("short"), "length(slug) < 9"),
            check(None, "slug <> ''"),
        ],
        ..column("slug", Type::String(Some(20)))
    };
    let upload = Column {
        constraints: vec![Constraint::ForeignKey(ForeignKey {
            on_delete: Some(ForeignKeyAction::Cascade),
            on_update: Some(ForeignKeyAction::SetNull),
            deferrable: true,
            ..key(Some("fk_videos_upload"), &["upload_id"], "video_uploads", &["id"])
        })],
        ..column("upload_id", Type::BigInteger)
    };
    let twice = Column {
        generated: Some(Generated { expression: "id * 2".into(), stored: true }),
        ..column("twice", Type::BigInteger)
    };
    let virtually = Column {
        generated: Some(Generated { expression: "id * 3".into(), stored: false }),
        ..column("thrice", Type::BigInteger)
    };
    Table {
        name: "videos".into(),
        columns: vec![id, slug, upload, twice, virtually],
        constraints: vec![
            unique(Some("uni_videos"), &["slug", "upload_id"]),
            unique(None, &["twice", "upload_id"]),
            check(None, "id > 0 AND twice > 0 AND length(slug) > 0 AND slug NOT IN ('some', 'others')"),
            check(Some("videos_check1"), "id > 1"),
            Constraint::ForeignKey(key(None, &["id", "upload_id"], "video_uploads", &["a", "b"])),
            Constraint::ForeignKey(ForeignKey {
                on_delete: Some(ForeignKeyAction::SetDefault),
                on_update: Some(ForeignKeyAction::NoAction),
                ..key(
                    Some("named"),
                    &["id", "slug"],
                    "other.things",
                    &["some_long_column", "another_long_column"],
                )
            }),
        ],
        comment: Some("all\nof them".into()),
        strict: true,
        without_rowid: true,
    }
}

fn tables() -> Vec<Op> {
    let mut ops = vec![
        Op::CreateTable(everything()),
        Op::DropTable { name: "videos".into(), was: Was::Known(everything()) },
        Op::DropTable { name: "videos".into(), was: Was::Irreversible("who knows".into()) },
        Op::DropTable { name: "videos".into(), was: Was::Unsaid },
        Op::RenameTable { from: "videos".into(), to: "films".into() },
    ];
    let key = |name: Option<&str>, columns: &[&str]| Constraint::PrimaryKey {
        name: name.map(str::to_owned),
        columns: names(columns),
    };
    // Keys: of columns that may be null, with names, of several columns.
    for constraint in [key(None, &["a"]), key(Some("k"), &["a"]), key(None, &["a", "b"])] {
        for on_column in [false, true] {
            let mut table = Table::nothing("keyed");
            table.columns = vec![column("a", Type::Text), column("b", Type::Text)];
            match on_column {
                true => table.columns[0].constraints.push(constraint.clone()),
                false => table.constraints.push(constraint.clone()),
            }
            ops.push(Op::CreateTable(table));
        }
    }
    let mut short = Table::nothing("short");
    short.columns.push(column("a", Type::Text));
    ops.push(Op::DropTable { name: "short".into(), was: Was::Known(short) });
    ops
}

fn columns() -> Vec<Op> {
    let mut ops = Vec::new();
    for (index, kind) in kinds().into_iter().enumerate() {
        let name = format!("c{index}");
        let default = defaults().into_iter().nth(index % 11);
        let added = Column { default, not_null: index % 2 == 0, ..column(&name, kind.clone()) };
        ops.push(Op::AddColumn { table: "t".into(), column: added.clone() });
        ops.push(Op::DropColumn { table: "t".into(), name: name.clone(), was: Was::Known(added) });
        ops.push(Op::ChangeType {
            table: "t".into(),
            column: name,
            from: kind,
            to: Type::Text,
            using: (index % 3 == 0).then(|| "a::text".into()),
            back_using: (index % 6 == 0).then(|| "a::integer".into()),
        });
    }
    let said = everything().columns;
    for column in said {
        let (table, name) = ("videos".to_owned(), column.name.clone());
        ops.push(Op::AddColumn { table: table.clone(), column: column.clone() });
        ops.push(Op::DropColumn { table, name, was: Was::Known(column) });
    }
    let user = Column {
        constraints: vec![Constraint::ForeignKey(key(None, &["user_id"], "users", &["id"]))],
        ..column("user_id", Type::BigInteger)
    };
    ops.push(Op::AddColumn { table: "videos".into(), column: user });
    for was in [Was::Unsaid, Was::Irreversible("it is \"secret\"".into())] {
        ops.push(Op::DropColumn { table: "t".into(), name: "a".into(), was });
    }
    ops.push(Op::RenameColumn { table: "t".into(), from: "a".into(), to: "b".into() });
    for by_check in [false, true] {
        ops.push(Op::SetNotNull { table: "t".into(), column: "a".into(), by_check });
        ops.push(Op::DropNotNull { table: "t".into(), column: "a".into(), by_check });
    }
    for value in defaults() {
        for (from, to) in
            [(Some(value.clone()), None), (None, Some(value.clone())), (Some(value.clone()), Some(value))]
        {
            ops.push(Op::ChangeDefault { table: "t".into(), column: "a".into(), from, to });
        }
    }
    for column in [None, Some("a".to_owned())] {
        for (from, to) in [(None, Some("new".to_owned())), (Some("old \"one\"".to_owned()), None)] {
            ops.push(Op::ChangeComment { table: "t".into(), column: column.clone(), from, to });
        }
    }
    ops
}

fn constraints() -> Vec<Op> {
    let mut ops = Vec::new();
    let mut all = everything().constraints;
    all.push(Constraint::PrimaryKey { name: None, columns: names(&["a", "b"]) });
    all.push(Constraint::PrimaryKey { name: Some("k".into()), columns: names(&["a"]) });
    for constraint in all {
        for not_valid in [false, true] {
            let (table, constraint) = ("videos".to_owned(), constraint.clone());
            ops.push(Op::AddConstraint { table, constraint, not_valid });
        }
        let (table, name) = ("videos".to_owned(), constraint.name_on("videos"));
        ops.push(Op::DropConstraint { table, name, was: Was::Known(constraint) });
    }
    ops.push(Op::DropConstraint { table: "videos".into(), name: "c".into(), was: Was::Unsaid });
    ops.push(Op::ValidateConstraint { table: "videos".into(), name: "c".into() });
    ops
}

fn indexes() -> Vec<Op> {
    let plain = Index {
        name: "idx_videos".into(),
        table: "videos".into(),
        columns: vec![asc("a"), asc("b")],
        unique: false,
        only_where: None,
        including: Vec::new(),
        method: None,
        concurrently: false,
    };
    let odd = Index {
        columns: vec![
            desc("a"),
            expression("lower(email)").desc(),
            asc("title").operator_class("gin_trgm_ops"),
            expression("upper(x)").operator_class("text_pattern_ops"),
        ],
        unique: true,
        only_where: Some("deleted_at IS NULL".into()),
        including: names(&["c", "d"]),
        method: Some("gin".into()),
        concurrently: true,
        ..plain.clone()
    };
    let mut ops = Vec::new();
    for index in [plain, odd] {
        ops.push(Op::CreateIndex(index.clone()));
        for concurrently in [false, true] {
            let was = Was::Known(index.clone());
            ops.push(Op::DropIndex { name: "idx_videos".into(), concurrently, was });
        }
    }
    ops.push(Op::DropIndex { name: "i".into(), concurrently: true, was: Was::Unsaid });
    ops.push(Op::RenameIndex { from: "i".into(), to: "j".into() });
    ops
}

fn objects() -> Vec<Op> {
    let select = "SELECT id,\n    \"Odd name\"\n   FROM videos\n  WHERE title ~ '\\d'".to_owned();
    let values = names(&["pending", "it's done", "a value that is so long that it needs a line", "x"]);
    let mut ops = vec![
        Op::CreateEnum { name: "status".into(), values: values.clone() },
        Op::CreateEnum { name: "many".into(), values: (0..40).map(|n| format!("v{n}")).collect() },
        Op::DropEnum { name: "status".into(), was: Was::Known(values.clone()) },
        Op::DropEnum { name: "status".into(), was: Was::Unsaid },
        Op::RenameEnum { from: "status".into(), to: "state".into() },
        Op::RenameEnumValue { name: "status".into(), from: "x".into(), to: "y".into() },
        Op::RemoveEnumValue { name: "status".into(), value: "x".into(), values: names(&["a", "b"]) },
        Op::ChangeView { name: "v".into(), from: "SELECT 1".into(), to: select.clone() },
        Op::CreateExtension { name: "pg_trgm".into() },
        Op::DropExtension { name: "uuid-ossp".into() },
    ];
    for after in [None, Some("pending".to_owned())] {
        for was in [Was::Known(values.clone()), Was::Unsaid, Was::Irreversible("no".into())] {
            let (name, value) = ("status".to_owned(), "z".to_owned());
            ops.push(Op::AddEnumValue { name, value, after: after.clone(), was });
        }
    }
    for materialized in [false, true] {
        ops.push(Op::CreateView { name: "v".into(), select: select.clone(), materialized });
        let was = Was::Known("SELECT 1".to_owned());
        ops.push(Op::DropView { name: "v".into(), materialized, was });
        ops.push(Op::DropView { name: "v".into(), materialized, was: Was::Unsaid });
    }
    let ups = [vec!["A"], vec!["A", "B"], vec!["A", "B", "C"]];
    for up in ups {
        let up: Vec<String> = up.into_iter().map(str::to_owned).collect();
        for down in [
            Was::Known(Vec::new()),
            Was::Known(names(&["X"])),
            Was::Known(names(&["X", "Y", "Z"])),
            Was::Irreversible("so be it".into()),
            Was::Unsaid,
        ] {
            ops.push(Op::Raw { up: up.clone(), down });
        }
    }
    let function =
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n\tRETURN NEW; -- \"#\nEND\n$$";
    ops.push(Op::Raw { up: names(&[function]), down: Was::Known(names(&["DROP FUNCTION f()"])) });
    let long = "INSERT INTO user_preferences (user_id, theme, language) SELECT DISTINCT user_id, 'light', 'en' FROM video_uploads";
    ops.push(Op::Raw { up: names(&[long]), down: Was::Known(Vec::new()) });
    ops
}
