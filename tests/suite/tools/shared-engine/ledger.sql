CREATE TABLE migration_records (
    id INTEGER PRIMARY KEY,
    service VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    checksum VARCHAR NOT NULL
);
CREATE TABLE schema_versions (
    service VARCHAR PRIMARY KEY,
    version INTEGER NOT NULL,
    applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    description VARCHAR
);
INSERT INTO migration_records (service, version, name, applied_at, checksum) VALUES
    ('discovery-svc', 1, 'create_users', '2024-01-02 08:30:00', '71edaf3ac927860d7d7238759babce602f8909df9f349751f546ca2d1f5babc9'),
    ('chat-svc', 1, 'create_chat_tables', '2024-01-03 09:00:00', '');
INSERT INTO schema_versions (service, version) VALUES ('discovery-svc', 1), ('chat-svc', 1);

-- What the first migration has made.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
