//! The types that `diesel::sql_types` has. Aliases and what MySQL alone has are among them, as Diesel's own command
//! line has it: a type of that name is never defined anew.

use std::collections::BTreeSet;

/// For every database.
const COMMON: &str = "\
    BigInt Bigint Binary Bit Blob Bool Char Date Decimal Double Float Float4 Float8 Int2 Int4 Int8 Integer Longblob \
    Longtext Mediumblob Mediumtext Numeric SmallInt Smallint Text Time Timestamp Tinyblob Tinytext VarChar \
    Varbinary Varchar";

/// For PostgreSQL.
#[cfg(feature = "postgres")]
const POSTGRES: &str = "\
    BigSerial Bpchar Bytea Cidr Citext Datemultirange Daterange Inet Int4multirange Int4range Int8multirange \
    Int8range Interval Json Jsonb MacAddr MacAddr8 Macaddr Macaddr8 Money Nummultirange Numrange Oid PgLsn Range \
    Record Serial SmallSerial Timestamptz Tsmultirange Tsrange Tstzmultirange Tstzrange Uuid";

#[cfg(feature = "sqlite")]
pub fn of_sqlite() -> BTreeSet<&'static str> {
    COMMON.split_whitespace().collect()
}

#[cfg(feature = "postgres")]
pub fn of_postgres() -> BTreeSet<&'static str> {
    COMMON.split_whitespace().chain(POSTGRES.split_whitespace()).collect()
}
