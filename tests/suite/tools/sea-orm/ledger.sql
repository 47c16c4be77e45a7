CREATE TABLE seaql_migrations (
    version VARCHAR NOT NULL PRIMARY KEY,
    applied_at BIGINT NOT NULL
);
INSERT INTO seaql_migrations VALUES ('m20240102_083000_create_users', 1704184260);

-- What the first migration has made.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
