DELETE FROM notes; INSERT INTO notes (id) VALUES (1);
