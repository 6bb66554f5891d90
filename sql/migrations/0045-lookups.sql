-- Makes two lookups cheaper that requests of many users repeat.
--
-- favoritable.kind: 1 listener, 2 flyer, 3 destination, 4 style, 5 creative,
-- 6 document.

-- The id is before the kind in the primary key of favoritable. All rows of a
-- list have the same kind, and lookups are by both columns: with the id first,
-- SQLite compares one column of most keys instead of two.
--
-- The table is created again under its name, because ALTER TABLE ... RENAME
-- rejects triggers that name a table that does not exist.

CREATE TABLE favoritable_old AS SELECT * FROM favoritable;
DROP TABLE favoritable;
CREATE TABLE favoritable (
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),
	id		INTEGER NOT NULL,		-- of the row of the kind
	uuid		BLOB CHECK (length(uuid) = 16),	-- kinds 3 to 6
	favorites_count	INTEGER NOT NULL DEFAULT 0 CHECK (favorites_count >= 0),
	changed_at	INTEGER,			-- last save or unsave
	version		INTEGER NOT NULL DEFAULT 1,	-- of its public data
	PRIMARY KEY (id, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO favoritable(kind, id, uuid, favorites_count, changed_at, version)
    SELECT kind, id, uuid, favorites_count, changed_at, version
    FROM favoritable_old ORDER BY id, kind;
DROP TABLE favoritable_old;

CREATE UNIQUE INDEX favoritable_uuid ON favoritable(uuid)
WHERE uuid IS NOT NULL;
CREATE INDEX favoritable_popular ON favoritable(kind, favorites_count, id);

-- The columns of the caller that each request reads. Rows of user are ten times
-- as long, so fewer of them fit into the page cache of a worker.
CREATE INDEX user_actor ON user(id, uuid, roles, staff_roles, status,
    banned_until);
