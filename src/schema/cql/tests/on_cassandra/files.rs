//! A file of CQL that is hard to read, as its pieces, and as the pieces of its normal form.

use super::Server;
use crate::sql::Dialect;
use crate::sql::check::check;
use crate::sql::normal::{Family, normal};
use crate::sql::split::split;

const FILE: &str = "\u{feff}-- it's; here\r\n\
    /* /* nothing; */ CREATE TABLE told (id int, told text, \"A;b\" text, m map<text, int>, PRIMARY KEY (id)) // ;\n\
    WITH comment = 'http://x; -- y';;\n\
    BEGIN UNLOGGED BATCH // begins;\n\
      INSERT INTO told (id, told) VALUES (1, 'apply batch;');\n\
      INSERT INTO Told(Id,TOLD)VALUES(2,$$it's;\n  $so$$);\n\
    APPLY BATCH;\
    INSERT INTO told (id, told, m) VALUES (3, 'it''s  two', {'A':1, 'b' :-2}) -- ;\n ;\n\
    BEGIN BATCH INSERT INTO told (id, \"A;b\") VALUES (4, 'four') APPLY BATCH // the end";

type Row = (i32, Option<String>, Option<String>, Option<std::collections::BTreeMap<String, i32>>);

fn told(statements: &[String]) -> Option<Vec<Row>> {
    let server = Server::with(statements)?;
    let mut rows: Vec<Row> = server.conn.query("SELECT id, told, \"A;b\", m FROM told", ()).expect("rows");
    rows.sort();
    Some(rows)
}

fn statements(text: &str) -> Vec<String> {
    assert_eq!(check(text, Dialect::Cql), Ok(()));
    let pieces = split(text, Dialect::Cql).into_iter().filter(|piece| !piece.is_empty());
    pieces.map(|piece| piece.statement.to_owned()).collect()
}

#[test]
fn a_file_is_what_its_pieces_and_its_normal_form_are() {
    let pieces = statements(FILE);
    assert_eq!(pieces.len(), 4);
    let Some(rows) = told(&pieces) else { return };
    let text = |text: &str| Some(text.to_owned());
    let map = [("A".to_owned(), 1), ("b".to_owned(), -2)];
    assert_eq!(
        rows,
        [
            (1, text("apply batch;"), None, None),
            (2, text("it's;\n  $so"), None, None),
            (3, text("it's  two"), None, Some(map.into())),
            (4, None, text("four"), None),
        ]
    );
    let form = normal(FILE, Family::Cql);
    assert_eq!(told(&statements(&form)), Some(rows));
}
