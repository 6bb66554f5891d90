-- Counts the changes of all objects of a kind, so that a worker that keeps items
-- of lists needs no lookup for each of them while no object changes. There are
-- no new integer codes.

CREATE TABLE catalog_revision (
	kind		INTEGER PRIMARY KEY CHECK (kind BETWEEN 2 AND 3),
	n		INTEGER NOT NULL
) STRICT;
INSERT INTO catalog_revision(kind, n) VALUES (2, 1), (3, 1);

CREATE TRIGGER favoritable_revised AFTER UPDATE OF revision ON favoritable BEGIN
	UPDATE catalog_revision SET n = n + 1 WHERE kind = NEW.kind;
END;
