-- released: f9381f6c3153b051bf122b4f321c722ade07acfecf4922fb4b167c9130bce741
-- Creates favorites of every kind, their counters, their log, the ranking and
-- the state of availability alerts.
--
-- kind, in all tables: 1 listener, 2 flyer, 3 destination, 4 style, 5 creative,
-- 6 document.
-- favorite_log.action: 0 unsaved, 1 saved.
-- popular.window: 0 the last 24 hours, 1 the last 7 days, 2 the last 30 days.

-- The objects that can be a favorite, and the number of favorites of each.
-- Triggers on the table of each kind insert and delete the rows.
CREATE TABLE entity (
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),
	id		INTEGER NOT NULL,		-- of the row of the kind
	uuid		BLOB CHECK (length(uuid) = 16),	-- kinds 3 to 6
	favorites_count	INTEGER NOT NULL DEFAULT 0 CHECK (favorites_count >= 0),
	changed_at	INTEGER,			-- last save or unsave
	version		INTEGER NOT NULL DEFAULT 1,	-- of its public data
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
	uuid		BLOB CHECK (length(uuid) = 16),	-- kinds 3 to 6 only
	notify		INTEGER NOT NULL DEFAULT 0 CHECK (notify IN (0, 1)),
	note		TEXT,
	FOREIGN KEY (kind, entity_id) REFERENCES entity(kind, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX favorite_pair ON favorite(user_id, kind, entity_id);
-- A covering index for lists: they do not read the table.
CREATE INDEX favorite_recent ON favorite(user_id, kind, created_at, id, entity_id, uuid);
CREATE INDEX favorite_studio ON favorite(user_id, created_at, id) WHERE kind >= 4;
CREATE INDEX favorite_entity ON favorite(kind, entity_id);
CREATE UNIQUE INDEX favorite_uuid ON favorite(uuid) WHERE uuid IS NOT NULL;
CREATE INDEX favorite_wish ON favorite(entity_id, id) WHERE notify = 1;

-- The number of favorites of a user by kind, and the version of this list. The
-- version increases with each save, unsave and change of an entity in the list.
-- The ETag of the list therefore needs only one row.
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

-- The activity log and the change feed: one row for each save and unsave, in
-- commit order. A job deletes rows older than jobs.history_days. The highest
-- deleted seq is in the setting favorite_log_floor.
CREATE TABLE favorite_log (
	seq		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	kind		INTEGER NOT NULL,
	entity_id	INTEGER NOT NULL,
	entity_uuid	BLOB,
	action		INTEGER NOT NULL CHECK (action IN (0, 1)),
	at		INTEGER NOT NULL,
	request_id	TEXT NOT NULL
) STRICT;
CREATE INDEX favorite_log_user ON favorite_log(user_id, seq);
CREATE INDEX favorite_log_entity ON favorite_log(kind, entity_id, seq);

-- The number of saves per hour, summed from the log by a job, and the ranking
-- that is computed from these numbers.
CREATE TABLE popular_hour (
	kind		INTEGER NOT NULL,
	hour		INTEGER NOT NULL,		-- start, ms
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

-- The time of the last availability alert to a customer about a listener.
CREATE TABLE notify_state (
	listener_id	INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	told_at		INTEGER NOT NULL,
	PRIMARY KEY (listener_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notify_state_user ON notify_state(user_id);
-- Listeners who came online or became free. A job sends the alerts.
CREATE TABLE notify_due (
	listener_id	INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	at		INTEGER NOT NULL
) STRICT;

-- presence.version increases with each change of the public data of a listener.
-- The ETag of a list of listeners therefore needs only the table presence.
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
