CREATE TABLE refinery_schema_history (
    version INT4 PRIMARY KEY,
    name VARCHAR(255),
    applied_on VARCHAR(255),
    checksum VARCHAR(255)
);
INSERT INTO refinery_schema_history VALUES (1, 'create_users', '2024-01-02T08:30:00.000000000+00:00', '14832371842034283547');

-- What the first migration has made.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
