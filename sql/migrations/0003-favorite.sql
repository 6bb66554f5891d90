-- released: f9381f6c3153b051bf122b4f321c722ade07acfecf4922fb4b167c9130bce741
-- The one relationship store: (user, entity, when).

-- Everything that can be a favorite, with its counter beside it. Rows are made
-- and removed by triggers on the table of the noun. kind: 1 listener 2 flyer
-- 3 destination 4 style 5 creative 6 document.
CREATE TABLE entity (
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),
	id		INTEGER NOT NULL,		-- in the noun's own table
	uuid		BLOB CHECK (length(uuid) = 16),	-- kinds 3 to 6
	favorites_count	INTEGER NOT NULL DEFAULT 0 CHECK (favorites_count >= 0),
	changed_at	INTEGER,			-- last save or unsave
	version		INTEGER NOT NULL DEFAULT 1,	-- of what lists show of it
	PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entity_uuid ON entity(uuid) WHERE uuid IS NOT NULL;
CREATE INDEX entity_popular ON entity(kind, favorites_count, id);

CREATE TABLE favorite (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	kind		INTEGER NOT NULL,
	entity_id	INTEGER NOT NULL,
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL,
	uuid		BLOB CHECK (length(uuid) = 16),	-- where a client sees one: kinds 3 to 6
	notify		INTEGER NOT NULL DEFAULT 0 CHECK (notify IN (0, 1)),
	note		TEXT,
	FOREIGN KEY (kind, entity_id) REFERENCES entity(kind, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX favorite_pair ON favorite(user_id, kind, entity_id);
-- Covers what the lists take from here: the table itself is not looked at.
CREATE INDEX favorite_recent ON favorite(user_id, kind, created_at, id, entity_id, uuid);
CREATE INDEX favorite_studio ON favorite(user_id, created_at, id) WHERE kind >= 4;
CREATE INDEX favorite_entity ON favorite(kind, entity_id);
CREATE UNIQUE INDEX favorite_uuid ON favorite(uuid) WHERE uuid IS NOT NULL;
CREATE INDEX favorite_wish ON favorite(entity_id, id) WHERE notify = 1;

-- How many of a kind a user has, and the version of that list: it moves with
-- each save, unsave and change of a listed entity, so an ETag is one read.
CREATE TABLE favorite_total (
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	kind		INTEGER NOT NULL,
	n		INTEGER NOT NULL CHECK (n >= 0),
	version		INTEGER NOT NULL,
	PRIMARY KEY (user_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER favorite_count_add AFTER INSERT ON favorite BEGIN
	UPDATE entity SET favorites_count = favorites_count + 1,
	    version = version + 1, changed_at = NEW.created_at
	WHERE kind = NEW.kind AND id = NEW.entity_id;
	INSERT INTO favorite_total(user_id, kind, n, version)
	VALUES (NEW.user_id, NEW.kind, 1, 1)
	ON CONFLICT (user_id, kind) DO UPDATE
	SET n = n + 1, version = version + 1;
END;
CREATE TRIGGER favorite_count_drop AFTER DELETE ON favorite BEGIN
	UPDATE entity SET favorites_count = favorites_count - 1,
	    version = version + 1
	WHERE kind = OLD.kind AND id = OLD.entity_id;
	UPDATE favorite_total SET n = n - 1, version = version + 1
	WHERE user_id = OLD.user_id AND kind = OLD.kind;
END;

CREATE TRIGGER favorite_wish AFTER UPDATE OF notify, note ON favorite BEGIN
	UPDATE favorite_total SET version = version + 1
	WHERE user_id = NEW.user_id AND kind = NEW.kind;
END;

-- Activity log and change feed in one: a row for each save and unsave, in
-- commit order. Rows older than jobs.history_days are pruned; the highest
-- pruned seq is setting 'favorite_log_floor'.
CREATE TABLE favorite_log (
	seq		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	kind		INTEGER NOT NULL,
	entity_id	INTEGER NOT NULL,
	entity_uuid	BLOB,
	action		INTEGER NOT NULL CHECK (action IN (0, 1)),	-- unsaved saved
	at		INTEGER NOT NULL,
	request_id	TEXT NOT NULL
) STRICT;
CREATE INDEX favorite_log_user ON favorite_log(user_id, seq);
CREATE INDEX favorite_log_entity ON favorite_log(kind, entity_id, seq);

-- Saves an hour, rolled up from the log by the jobs; and the ranking made
-- from them. window: 0 24h, 1 7d, 2 30d.
CREATE TABLE popular_hour (
	kind		INTEGER NOT NULL,
	hour		INTEGER NOT NULL,		-- ms, start
	entity_id	INTEGER NOT NULL,
	saves		INTEGER NOT NULL,
	PRIMARY KEY (hour, kind, entity_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE popular (
	window		INTEGER NOT NULL,
	kind		INTEGER NOT NULL,
	rank		INTEGER NOT NULL,
	entity_id	INTEGER NOT NULL,
	saves		INTEGER NOT NULL,
	PRIMARY KEY (window, kind, rank)
) STRICT, WITHOUT ROWID;

-- When customers who wished it were last told that a listener is free.
CREATE TABLE notify_state (
	listener_id	INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	told_at		INTEGER NOT NULL,
	PRIMARY KEY (listener_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notify_state_user ON notify_state(user_id);
-- Listeners who came online or became free, for the job to look at.
CREATE TABLE notify_due (
	listener_id	INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	at		INTEGER NOT NULL
) STRICT;

-- presence.version counts every change of what a listener's card shows, so a
-- list of cards has its ETag from one table.
CREATE TRIGGER user_card AFTER UPDATE OF username, sex, bio, interests, image,
preferred_language, country ON user BEGIN
	UPDATE presence SET version = version + 1 WHERE user_id = NEW.id;
END;
CREATE TRIGGER listener_card AFTER UPDATE OF rating_sum, rating_count,
mean_call_ms ON listener BEGIN
	UPDATE presence SET version = version + 1 WHERE user_id = NEW.user_id;
END;

CREATE TRIGGER listener_entity AFTER INSERT ON listener BEGIN
	INSERT INTO entity(kind, id) VALUES (1, NEW.user_id);
END;
CREATE TRIGGER listener_entity_drop AFTER DELETE ON listener BEGIN
	DELETE FROM entity WHERE kind = 1 AND id = OLD.user_id;
END;
