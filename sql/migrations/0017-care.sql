-- released: d196244fac68ec65628d67d6a01cabcf12153843a97e7c05c657e98593a94ac8
-- Creates the log of backups, restore drills and restores, with their results.
--
-- care.kind: 1 backup, 2 restore_drill (test of a restore), 3 restore.

CREATE TABLE care (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	kind		INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
	ok		INTEGER NOT NULL CHECK (ok IN (0, 1)),
	began_at	INTEGER NOT NULL,
	at		INTEGER NOT NULL CHECK (at >= began_at),
	name		TEXT,				-- name of the backup
	bytes		INTEGER CHECK (bytes >= 0),	-- size of its files
	error		TEXT,
	CHECK (ok = (error IS NULL))
) STRICT;
CREATE INDEX care_last ON care(kind, ok, id);
