CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES (20240102083000, 'create users', '2024-01-02 08:31:00', TRUE,
    X'c7ae110c80acdaaafabb7123bcf9e41d84cfbc048136592e0602659159d96cb9ac222d739c8c27fefca8b7ea2950ce23', 1200000);

-- What the first migration has made.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
