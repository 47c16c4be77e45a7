use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::*;
use crate::schema::inspect_sqlite;
use crate::schema::model::differences;

/// What is made of it, and how much of that is SQL.
fn again(sql: &str) -> Vec<String> {
    let mut first = SqliteConnection::establish(":memory:").expect("a database");
    first.batch_execute(sql).expect(sql);
    let model = inspect_sqlite(&mut first).expect("a schema");
    let needed = whole(Database::Sqlite, &model, &Beyond::default());
    let up = recorded(&needed);
    is_accepted(&up, &needed, Database::Sqlite, "SqliteConnection");
    let mut second = SqliteConnection::establish(":memory:").expect("a database");
    second.batch_execute("PRAGMA foreign_keys = on").expect("a setting");
    run(&mut second, &up);
    let copy = inspect_sqlite(&mut second).expect("a schema");
    assert_eq!(differences(&model.facts(), &copy.facts()), [], "{sql}\n{up:?}");
    let columns = |model: &Model| {
        let tables = model.tables.values();
        tables
            .map(|table| table.columns.iter().map(|column| column.name.clone()).collect())
            .collect::<Vec<Vec<_>>>()
    };
    assert_eq!(columns(&copy), columns(&model));
    run(&mut second, &reversed(&up));
    assert_eq!(inspect_sqlite(&mut second).expect("a schema").facts().len(), 0, "{sql}");
    raw_ones(&up)
}

fn run(conn: &mut SqliteConnection, recorded: &[Recorded]) {
    for one in recorded {
        for statement in one.statements(Database::Sqlite, conn).expect("SQL") {
            conn.batch_execute(&statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }
}

/// Schemas of which all can be said.
const TYPED: [&str; 12] = [
    "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a text)",
    "CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, a varchar(20) NOT NULL DEFAULT 'x')",
    "CREATE TABLE `users` (`id` integer PRIMARY KEY AUTOINCREMENT,`created_at` datetime,`updated_at` datetime,`deleted_at` datetime,`name` text,`email` text,`age` integer,CONSTRAINT `uni_users_email` UNIQUE (`email`));
     CREATE INDEX `idx_users_deleted_at` ON `users`(`deleted_at`);
     CREATE UNIQUE INDEX `idx_users_name` ON `users`(`name`)",
    "CREATE TABLE `languages` (`id` integer PRIMARY KEY AUTOINCREMENT,`name` text);
     CREATE TABLE `user_languages` (`user_id` integer,`language_id` integer,PRIMARY KEY (`user_id`,`language_id`),CONSTRAINT `fk_user_languages_user` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`),CONSTRAINT `fk_user_languages_language` FOREIGN KEY (`language_id`) REFERENCES `languages`(`id`));
     CREATE TABLE `users` (`id` integer PRIMARY KEY AUTOINCREMENT,`company_id` integer,CONSTRAINT `fk_users_company` FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON DELETE SET NULL ON UPDATE CASCADE);
     CREATE TABLE `companies` (`id` integer PRIMARY KEY AUTOINCREMENT)",
    "CREATE TABLE t (a integer NOT NULL, b text NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID",
    "CREATE TABLE t (id integer PRIMARY KEY, a text NOT NULL, b real, c blob) STRICT",
    "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, n integer NOT NULL DEFAULT -1, b boolean NOT NULL DEFAULT FALSE, x double NOT NULL DEFAULT 0.5)",
    "CREATE TABLE t (id integer PRIMARY KEY, a text COLLATE nocase, CONSTRAINT short CHECK (length(a) < 9))",
    "CREATE TABLE \"Odd name\" (\"select\" integer PRIMARY KEY, \"a \"\"b\"\"\" text); CREATE INDEX \"odd index\" ON \"Odd name\" (\"a \"\"b\"\"\" DESC)",
    "CREATE TABLE t (id integer PRIMARY KEY, a text, b text); CREATE UNIQUE INDEX i ON t (a, b) WHERE b IS NOT NULL; CREATE VIEW v AS SELECT a FROM t WHERE b > 'x'; CREATE VIEW a_v AS SELECT * FROM v",
    "CREATE TABLE t (id integer PRIMARY KEY, parent_id integer, CONSTRAINT up FOREIGN KEY (parent_id) REFERENCES t (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TABLE t (id integer PRIMARY KEY, total decimal(10, 2), code char(3), whole bigint, small smallint, day date, moment time)",
];

/// Schemas of which something cannot be said.
const IN_PART: [(&str, usize); 15] = [
    // Constraints without a name.
    ("CREATE TABLE t (id integer PRIMARY KEY, a text UNIQUE)", 1),
    ("CREATE TABLE t (id integer PRIMARY KEY, a integer CHECK (a > 0))", 1),
    ("CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE t (id integer PRIMARY KEY, p_id integer REFERENCES p)", 1),
    // In a circle, and to nothing.
    ("CREATE TABLE a (id integer PRIMARY KEY, b_id integer, CONSTRAINT ab FOREIGN KEY (b_id) REFERENCES b (id));
      CREATE TABLE b (id integer PRIMARY KEY, a_id integer, CONSTRAINT ba FOREIGN KEY (a_id) REFERENCES a (id))", 1),
    ("CREATE TABLE t (id integer PRIMARY KEY, x integer, CONSTRAINT none FOREIGN KEY (x) REFERENCES nowhere (id))", 1),
    // What somebody has written beside it.
    ("CREATE TABLE t (\n  id integer PRIMARY KEY, -- the number\n  a text\n)", 1),
    ("CREATE TABLE t (id integer PRIMARY KEY); CREATE VIEW v AS SELECT id /* all */ FROM t", 1),
    ("CREATE TABLE t (a, b ANY, c text PRIMARY KEY)", 0),
    ("CREATE TABLE t (id integer PRIMARY KEY, a text UNIQUE ON CONFLICT REPLACE, b text NOT NULL ON CONFLICT IGNORE)", 1),
    ("CREATE TABLE t (id integer PRIMARY KEY, a text); CREATE TABLE log (at text);
      CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('it''s ' || new.a); DELETE FROM log WHERE at < 'b'; END;
      CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER w INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a); END", 2),
    ("CREATE VIRTUAL TABLE found USING fts5(title, body); CREATE TABLE t (id integer PRIMARY KEY)", 1),
    ("CREATE TABLE t (id integer PRIMARY KEY, a text); CREATE VIEW v (x, y) AS SELECT id, a FROM t", 1),
    ("CREATE TABLE t (id integer PRIMARY KEY, a text); CREATE INDEX i ON t (lower(a), a COLLATE nocase)", 1),
    ("CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer GENERATED ALWAYS AS (a * 2) VIRTUAL, c integer AS (a + 1) STORED)", 0),
    ("CREATE TABLE t (id integer PRIMARY KEY DESC, a text DEFAULT (lower('X')), b text DEFAULT current_date)", 1),
];

#[test]
fn what_can_be_said_is_typed() {
    for sql in TYPED {
        assert_eq!(again(sql), Vec::<String>::new(), "{sql}");
    }
}

#[test]
fn what_cannot_be_said_is_sql() {
    let made = IN_PART.map(|(sql, _)| (sql, again(sql).len()));
    assert_eq!(made, IN_PART);
}
