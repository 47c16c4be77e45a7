-- migration: create
CREATE TABLE {t} (
    id INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES {p} (id) ON DELETE SET NULL,
    title TEXT NOT NULL CHECK (title <> '' AND title NOT LIKE '%;--%'),
    note TEXT DEFAULT 'none; yet',
    legacy_code INTEGER,
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0), -- pieces; never 0
    price REAL NOT NULL DEFAULT 0,
    labels TEXT NOT NULL DEFAULT '{"kind": "it''s; fine"}',
    UNIQUE (title, parent_id)
);
CREATE INDEX {t}_parent ON {t} (parent_id);
-- back
DROP INDEX {t}_parent;
DROP TABLE {t};

-- migration: add_state
ALTER TABLE {t} ADD COLUMN state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open; really', 'it''s closed'));
-- back
ALTER TABLE {t} DROP COLUMN state;

-- migration: log
CREATE TABLE {s}_log (
    what TEXT NOT NULL,
    [the; day] TEXT NOT NULL DEFAULT '2024-06-01',
    `how; often` INTEGER NOT NULL DEFAULT 1,
    "case" TEXT,
    PRIMARY KEY (what, [the; day])
) WITHOUT ROWID;
-- back
DROP TABLE {s}_log;

-- migration: log_trigger
CREATE TRIGGER {t}_inserted AFTER INSERT ON {t}
BEGIN
    INSERT OR REPLACE INTO {s}_log (what) VALUES ('inserted; ' || NEW.id); -- not the end;
    UPDATE {s}_log SET `how; often` = `how; often` + 1 WHERE what = 'it''s all;';
END;
-- back
DROP TRIGGER {t}_inserted;

-- migration: state_trigger
CREATE TRIGGER {t}_closed BEFORE UPDATE OF state ON {t}
WHEN CASE WHEN OLD.state = 'it''s closed' THEN 1 ELSE 0 END
BEGIN
    SELECT CASE NEW.state
        WHEN 'new' THEN RAISE(ABORT, 'a closed {s} is never new; again')
        ELSE CASE WHEN NEW.quantity = 0 THEN 'end;' END
    END;
    INSERT OR IGNORE INTO {s}_log (what, "case") VALUES ('state; ' || NEW.id, 'END;');
END;
-- back
DROP TRIGGER {t}_closed;

-- migration: open_view
CREATE VIEW open_{t} AS
    SELECT id, title, quantity, state FROM {t} WHERE state <> 'it''s closed'; -- held ones too;
-- back
DROP VIEW open_{t};

-- migration: first_rows
INSERT INTO {t} (id, title, note, legacy_code, quantity, price) VALUES
    (1, 'one; {s}', 'it''s; -- no comment', 11, 1, 1.5),
    (2, 'two /* {s} */', NULL, 12, 20, 2.25),
    (3, 'three "{s}"; ''quoted''', x'41', NULL, 30, 0);
INSERT INTO {t} (id, parent_id, title) SELECT 4, min(id), 'four {s}' FROM {p};
-- back
UPDATE {t} SET parent_id = NULL;
DELETE FROM {t} WHERE id IN (1, 2, 3, 4);

-- migration: delete_trigger
CREATE TRIGGER open_{t}_deleted INSTEAD OF DELETE ON open_{t}
BEGIN
    UPDATE {t} SET state = 'it''s closed' WHERE id = OLD.id;
    INSERT INTO {s}_log (what) SELECT 'closed; ' || OLD.title WHERE NOT EXISTS (SELECT 1 FROM {s}_log WHERE what = ';');
END;
-- back
DROP TRIGGER open_{t}_deleted;

-- migration: partial_index
CREATE UNIQUE INDEX {t}_open_title ON {t} (title) WHERE state <> 'it''s closed' AND title <> ';';
-- back
DROP INDEX {t}_open_title;

-- migration: expression_index
CREATE INDEX {t}_lower_title ON {t} (lower(title || '; --'), price DESC);
CREATE INDEX {t}_kind ON {t} (json_extract(labels, '$.kind'));
-- back
DROP INDEX {t}_kind;
DROP INDEX {t}_lower_title;

-- migration: worth
ALTER TABLE {t} ADD COLUMN worth REAL GENERATED ALWAYS AS (quantity * price) VIRTUAL;
-- back
ALTER TABLE {t} DROP COLUMN worth;

-- migration: rename_note
ALTER TABLE {t} RENAME COLUMN note TO remark;
-- back
ALTER TABLE {t} RENAME COLUMN remark TO note;

-- migration: drop_legacy_code
ALTER TABLE {t} DROP COLUMN legacy_code;
-- back
ALTER TABLE {t} ADD COLUMN legacy_code INTEGER;

-- migration: fix_prices
-- Some were entered with tax; see the ticket of "March; 2024".
UPDATE {t} SET price = price * 2, remark = remark || '; price -- doubled' WHERE price > 0;
UPDATE {t} SET labels = json_set(labels, '$.fixed', 'it''s; me') WHERE id = 2;
DELETE FROM {s}_log WHERE what LIKE '%;' AND what <> 'END;';
-- back
UPDATE {t} SET labels = json_remove(labels, '$.fixed') WHERE id = 2;
UPDATE {t} SET price = price / 2, remark = replace(remark, '; price -- doubled', '') WHERE price > 0;

-- migration: lines
CREATE TABLE {s}_lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    {s}_id INTEGER NOT NULL REFERENCES {t} (id) ON DELETE CASCADE,
    amount INTEGER NOT NULL
) STRICT;
INSERT INTO {s}_lines ({s}_id, amount) SELECT id, quantity FROM {t} ORDER BY id;
-- back
DROP TABLE {s}_lines;

-- migration: rebuild_lines alone
PRAGMA foreign_keys = OFF;
CREATE TABLE {s}_lines_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    {s}_id INTEGER NOT NULL REFERENCES {t} (id) ON DELETE CASCADE,
    amount INTEGER NOT NULL CHECK (amount > 0),
    unit TEXT NOT NULL DEFAULT 'piece;'
) STRICT;
INSERT INTO {s}_lines_new (id, {s}_id, amount) SELECT id, {s}_id, amount FROM {s}_lines;
DROP TABLE {s}_lines;
ALTER TABLE {s}_lines_new RENAME TO {s}_lines;
CREATE INDEX {s}_lines_{s} ON {s}_lines ({s}_id);
PRAGMA foreign_keys = ON;
-- back
PRAGMA foreign_keys = OFF;
CREATE TABLE {s}_lines_old (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    {s}_id INTEGER NOT NULL REFERENCES {t} (id) ON DELETE CASCADE,
    amount INTEGER NOT NULL
) STRICT;
INSERT INTO {s}_lines_old (id, {s}_id, amount) SELECT id, {s}_id, amount FROM {s}_lines;
DROP TABLE {s}_lines;
ALTER TABLE {s}_lines_old RENAME TO {s}_lines;
PRAGMA foreign_keys = ON;

-- migration: busy_view
DROP TRIGGER open_{t}_deleted;
DROP VIEW open_{t};
CREATE VIEW open_{t} AS
    SELECT id, title, quantity, state, price FROM {t} WHERE state NOT IN ('it''s closed');
CREATE VIEW busy_{t} AS SELECT o.id, o.title AS "the; title" FROM open_{t} o WHERE o.quantity > 10;
-- back
DROP VIEW busy_{t};
DROP VIEW open_{t};
CREATE VIEW open_{t} AS
    SELECT id, title, quantity, state FROM {t} WHERE state <> 'it''s closed';
CREATE TRIGGER open_{t}_deleted INSTEAD OF DELETE ON open_{t}
BEGIN
    UPDATE {t} SET state = 'it''s closed' WHERE id = OLD.id;
END;

-- migration: unique_amount
CREATE UNIQUE INDEX {s}_lines_once ON {s}_lines ({s}_id, amount, unit COLLATE NOCASE);
-- back
DROP INDEX {s}_lines_once;

-- migration: log_trigger_with_units
DROP TRIGGER {t}_inserted;
CREATE TRIGGER {t}_inserted AFTER INSERT ON {t} FOR EACH ROW WHEN NEW.quantity > 1
BEGIN
    INSERT INTO {s}_log (what, "case") VALUES ('inserted; ' || NEW.id, CASE WHEN NEW.price > 0 THEN 'sold;' ELSE 'gift' END)
        ON CONFLICT DO UPDATE SET `how; often` = `how; often` + 1;
END;
-- back
DROP TRIGGER {t}_inserted;
CREATE TRIGGER {t}_inserted AFTER INSERT ON {t}
BEGIN
    INSERT OR REPLACE INTO {s}_log (what) VALUES ('inserted; ' || NEW.id);
END;

-- migration: calendar
CREATE TABLE {s}_calendar (day TEXT PRIMARY KEY, is_open INTEGER NOT NULL DEFAULT 1);
WITH RECURSIVE days (n, day) AS (
    SELECT 1, date('2024-01-01')
    UNION ALL
    SELECT n + 1, date(day, '+1 day') FROM days WHERE n < 30
)
INSERT INTO {s}_calendar (day) SELECT day FROM days;
UPDATE {s}_calendar SET is_open = CASE strftime('%w', day) WHEN '0' THEN 0 ELSE 1 END;
-- back
DROP TABLE {s}_calendar;

-- migration: merge_lines
CREATE TEMP TABLE merged AS SELECT {s}_id, sum(amount) AS amount FROM {s}_lines GROUP BY {s}_id;
INSERT INTO {s}_lines ({s}_id, amount, unit) SELECT {s}_id, amount, 'sum; of all' FROM merged ORDER BY {s}_id;
DROP TABLE temp.merged;
-- back
DELETE FROM {s}_lines WHERE unit = 'sum; of all';

-- migration: settings
CREATE TABLE {s}_settings (name TEXT NOT NULL, value TEXT, UNIQUE (name) ON CONFLICT REPLACE);
INSERT INTO {s}_settings VALUES ('greeting', 'it''s; fine'), ('query', 'SELECT 1; -- once');
INSERT INTO {s}_settings (name, value) VALUES ('greeting', '/* ; */');
-- back
DROP TABLE {s}_settings;

-- migration: rename_settings
ALTER TABLE {s}_settings RENAME TO {s}_options;
CREATE VIEW {s}_settings AS SELECT name, value FROM {s}_options;
-- back
DROP VIEW {s}_settings;
ALTER TABLE {s}_options RENAME TO {s}_settings;

-- migration: option_trigger
CREATE TRIGGER {s}_settings_set INSTEAD OF UPDATE ON {s}_settings
BEGIN
    INSERT INTO {s}_options (name, value) VALUES (NEW.name, NEW.value);
    DELETE FROM {s}_options WHERE value IS NULL AND name = CASE WHEN NEW.value IS NULL THEN NEW.name END;
END;
CREATE INDEX {s}_options_value ON {s}_options (value COLLATE NOCASE) WHERE value IS NOT NULL;
-- back
DROP INDEX {s}_options_value;
DROP TRIGGER {s}_settings_set;

-- migration: widen_title_index
DROP INDEX {t}_lower_title;
CREATE INDEX {t}_lower_title ON {t} (lower(title), price DESC, quantity);
-- back
DROP INDEX {t}_lower_title;
CREATE INDEX {t}_lower_title ON {t} (lower(title || '; --'), price DESC);
