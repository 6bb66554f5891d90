-- released: d196244fac68ec65628d67d6a01cabcf12153843a97e7c05c657e98593a94ac8
-- Backups, proofs that one can be restored, restores; and how each ended.
CREATE TABLE care (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	kind		INTEGER NOT NULL CHECK (kind IN (1, 2, 3)), -- backup drill restore
	ok		INTEGER NOT NULL CHECK (ok IN (0, 1)),
	began_at	INTEGER NOT NULL,
	at		INTEGER NOT NULL CHECK (at >= began_at),
	name		TEXT,				-- the backup's
	bytes		INTEGER CHECK (bytes >= 0),	-- of its files
	error		TEXT,
	CHECK (ok = (error IS NULL))
) STRICT;
CREATE INDEX care_last ON care(kind, ok, id);
