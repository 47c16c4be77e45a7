CREATE TABLE schema_migrations (
    id INTEGER PRIMARY KEY,
    migration_name VARCHAR(255) NOT NULL UNIQUE,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO schema_migrations (migration_name, applied_at) VALUES ('20240102_083000_create_users', '2024-01-02 08:31:00');

-- What the first migration has made.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
