//! On SQLite.

use diesel::connection::{Connection, SimpleConnection};
use diesel::sql_types::{Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::*;

const FILE: &str = "\u{feff}-- it's; here\r\n\
    /* glob: /* ; */ CREATE TABLE told (told TEXT);;\n\
    CREATE TABLE [Order Details] (`a;b` TEXT, \"c;\"\"d\" TEXT, begin INT, end INT) -- ;\n;\n\
    CREATE TRIGGER begin AFTER INSERT ON [Order Details] WHEN new.begin < new.end BEGIN\n\
      INSERT INTO told VALUES (CASE WHEN new.end = 2 THEN CASE 1 WHEN 1 THEN 'two; END;' END END);\n\
      -- END;\n\
      INSERT INTO told SELECT end FROM [Order Details];\n\
    END;\n\
    CREATE TEMP TRIGGER t AFTER UPDATE ON told BEGIN SELECT 1; END;\
    INSERT INTO [Order Details] VALUES ('it''s;', '\\', 1, 2);;\n\
    INSERT INTO told VALUES ('  Two  spaces'), (x'61'), ('a -- b'), ('/* c'), (1||-2), (3>=-4), (1.5e+1), ('two\n\n lines');\n\
    CREATE TABLE a$b (c);\tINSERT INTO A$B VALUES (8/2--;\n\
    -3);\
    INSERT INTO told SELECT c FROM a$b -- the end";

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Nullable<Text>)]
    told: Option<String>,
}

fn told(texts: &[&str]) -> Vec<Option<String>> {
    let mut conn = SqliteConnection::establish(":memory:").expect("a database");
    for text in texts {
        conn.batch_execute(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    let rows: Vec<Told> =
        sql_query("SELECT CAST(told AS TEXT) AS told FROM told").load(&mut conn).expect("rows");
    rows.into_iter().map(|row| row.told).collect()
}

#[test]
fn a_file_is_what_its_pieces_and_its_normal_form_are() {
    let whole = told(&[FILE]);
    let expected =
        ["two; END;", "2", "  Two  spaces", "a", "a -- b", "/* c", "1-2", "1", "15.0", "two\n\n lines", "1"];
    assert_eq!(whole, expected.map(|told| Some(told.to_owned())));
    let pieces = statements(FILE, Dialect::Sqlite);
    assert_eq!(pieces.len(), 9);
    assert_eq!(told(&pieces), whole);
    assert_eq!(told(&[&normal(FILE, Family::Sql)]), whole);
}
