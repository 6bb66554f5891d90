-- released: 3e31d4ae7626539855655cc3495e545e23147d8d36a3f476810f198a54d7c89d
-- Creates listeners, the presence of all users, the list of listeners that
-- searches read, and the counters of rows (tally).
--
-- listener.verification: 0 pending, 1 verified, 2 rejected.
-- presence.status: 0 offline, 1 online, 2 away; as set by the user.

CREATE TABLE listener (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	verification	INTEGER NOT NULL DEFAULT 0
			CHECK (verification IN (0, 1, 2)),
	version		INTEGER NOT NULL DEFAULT 1,
	rate_per_minute	INTEGER NOT NULL CHECK (rate_per_minute BETWEEN 0 AND 1000000000),
	rating_sum	INTEGER NOT NULL DEFAULT 0,
	rating_count	INTEGER NOT NULL DEFAULT 0,
	sessions_count	INTEGER NOT NULL DEFAULT 0,
	mean_call_ms	INTEGER,		-- of 30 days; null: no sessions
	languages	TEXT NOT NULL,		-- language codes, one per line
	reason		TEXT,			-- of the rejection
	registered_at	INTEGER NOT NULL,
	verified_at	INTEGER,
	-- Sort keys of lists. rating: the mean in tenths of a star. score: the
	-- mean in thousandths of a star, with five more ratings of 4 stars, so
	-- that a single rating of 5 does not outrank a hundred good ones.
	rating		INTEGER GENERATED ALWAYS AS (CASE WHEN rating_count > 0
			THEN (rating_sum * 10 + rating_count / 2) / rating_count
			ELSE 0 END) VIRTUAL,
	score		INTEGER GENERATED ALWAYS AS
			((rating_sum + 20) * 1000 / (rating_count + 5)) VIRTUAL
) STRICT;
CREATE INDEX listener_recent ON listener(registered_at, user_id);
CREATE INDEX listener_verification ON listener(verification, registered_at, user_id);

CREATE TABLE listener_language (
	language	TEXT NOT NULL,
	user_id		INTEGER NOT NULL REFERENCES listener(user_id) ON DELETE CASCADE,
	PRIMARY KEY (language, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX listener_language_user ON listener_language(user_id);

-- Presence: one short row per user, because lists read many of them. The
-- triggers below set listed to 1 for active users who are verified listeners.
-- A user is online if until is in the future and status is not 0.
CREATE TABLE presence (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	listed		INTEGER NOT NULL DEFAULT 0 CHECK (listed IN (0, 1)),
	status		INTEGER NOT NULL DEFAULT 0 CHECK (status IN (0, 1, 2)),
	online_until	INTEGER NOT NULL DEFAULT 0,
	reachable_until	INTEGER NOT NULL DEFAULT 0,
	busy_since	INTEGER,		-- start of the live call
	last_seen	INTEGER,
	version		INTEGER NOT NULL DEFAULT 1,
	until		INTEGER GENERATED ALWAYS AS
			(max(online_until, reachable_until)) VIRTUAL
) STRICT;
CREATE INDEX presence_listed ON presence(listed, user_id);
CREATE INDEX presence_here ON presence(until) WHERE listed = 1;

CREATE TRIGGER user_presence AFTER INSERT ON user BEGIN
	INSERT INTO presence(user_id) VALUES (NEW.id);
END;
CREATE TRIGGER user_listed AFTER UPDATE OF status ON user
WHEN OLD.status <> NEW.status BEGIN
	UPDATE presence SET version = version + 1, listed = NEW.status = 1
	    AND EXISTS (SELECT 1 FROM listener
		WHERE user_id = NEW.id AND verification = 1)
	WHERE user_id = NEW.id;
END;
CREATE TRIGGER listener_listed AFTER UPDATE OF verification ON listener
WHEN OLD.verification <> NEW.verification BEGIN
	UPDATE presence SET version = version + 1,
	    listed = NEW.verification = 1
	    AND (SELECT status FROM user WHERE id = NEW.user_id) = 1
	WHERE user_id = NEW.user_id;
END;
CREATE TRIGGER listener_listed_add AFTER INSERT ON listener
WHEN NEW.verification = 1 BEGIN
	UPDATE presence SET version = version + 1,
	    listed = (SELECT status FROM user WHERE id = NEW.user_id) = 1
	WHERE user_id = NEW.user_id;
END;
CREATE TRIGGER listener_listed_drop AFTER DELETE ON listener BEGIN
	UPDATE presence SET version = version + 1, listed = 0
	WHERE user_id = OLD.user_id AND listed = 1;
END;

-- A copy of the columns that searches filter and sort by, for listed listeners
-- only. WITHOUT ROWID lets (key, user_id) < (?, ?) seek by both columns of an
-- index.
CREATE TABLE listing (
	user_id		INTEGER PRIMARY KEY REFERENCES listener(user_id) ON DELETE CASCADE,
	sex		TEXT,
	country		TEXT,
	rating		INTEGER NOT NULL,
	score		INTEGER NOT NULL,
	rate		INTEGER NOT NULL,
	since		INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_rating ON listing(rating, user_id);
CREATE INDEX listing_score ON listing(score, user_id);
CREATE INDEX listing_rate ON listing(rate, user_id);
CREATE INDEX listing_since ON listing(since, user_id);

CREATE TRIGGER listing_add AFTER UPDATE OF listed ON presence
WHEN OLD.listed = 0 AND NEW.listed = 1 BEGIN
	INSERT INTO listing(user_id, sex, country, rating, score, rate, since)
	    SELECT u.id, u.sex, u.country, l.rating, l.score, l.rate_per_minute,
		l.registered_at
	    FROM user AS u JOIN listener AS l ON l.user_id = u.id
	    WHERE u.id = NEW.user_id;
END;
CREATE TRIGGER listing_drop AFTER UPDATE OF listed ON presence
WHEN OLD.listed = 1 AND NEW.listed = 0 BEGIN
	DELETE FROM listing WHERE user_id = NEW.user_id;
END;
CREATE TRIGGER listing_user AFTER UPDATE OF sex, country ON user BEGIN
	UPDATE listing SET sex = NEW.sex, country = NEW.country
	WHERE user_id = NEW.id;
END;
CREATE TRIGGER listing_listener AFTER UPDATE OF rating_sum, rating_count,
rate_per_minute, registered_at ON listener BEGIN
	UPDATE listing SET rating = NEW.rating, score = NEW.score,
	    rate = NEW.rate_per_minute, since = NEW.registered_at
	WHERE user_id = NEW.user_id;
END;

-- Numbers of rows, so that lists need not count: users by status, listeners by
-- verification, listed listeners. Names end with the code of the column.
CREATE TABLE tally (
	name		TEXT PRIMARY KEY,
	n		INTEGER NOT NULL CHECK (n >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO tally(name, n) VALUES
    ('user:0', 0), ('user:1', 0), ('user:2', 0), ('user:3', 0),
    ('listener:0', 0), ('listener:1', 0), ('listener:2', 0), ('listed', 0);
CREATE TRIGGER tally_user_add AFTER INSERT ON user BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'user:' || NEW.status;
END;
CREATE TRIGGER tally_user_move AFTER UPDATE OF status ON user
WHEN OLD.status <> NEW.status BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'user:' || OLD.status;
	UPDATE tally SET n = n + 1 WHERE name = 'user:' || NEW.status;
END;
CREATE TRIGGER tally_user_drop AFTER DELETE ON user BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'user:' || OLD.status;
END;
CREATE TRIGGER tally_listener_add AFTER INSERT ON listener BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'listener:' || NEW.verification;
END;
CREATE TRIGGER tally_listener_move AFTER UPDATE OF verification ON listener
WHEN OLD.verification <> NEW.verification BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'listener:' || OLD.verification;
	UPDATE tally SET n = n + 1 WHERE name = 'listener:' || NEW.verification;
END;
CREATE TRIGGER tally_listener_drop AFTER DELETE ON listener BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'listener:' || OLD.verification;
END;
CREATE TRIGGER tally_listed_add AFTER INSERT ON listing BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'listed';
END;
CREATE TRIGGER tally_listed_drop AFTER DELETE ON listing BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'listed';
END;

-- The full-text index of listeners. rowid is user.id.
CREATE VIRTUAL TABLE listener_text USING fts5(
	username, bio, interests, tokenize = 'unicode61 remove_diacritics 2',
	prefix = '2 3'
);
CREATE TRIGGER listener_text_add AFTER INSERT ON listener BEGIN
	INSERT INTO listener_text(rowid, username, bio, interests)
	    SELECT id, username, bio, interests FROM user WHERE id = NEW.user_id;
END;
CREATE TRIGGER listener_text_delete AFTER DELETE ON listener BEGIN
	DELETE FROM listener_text WHERE rowid = OLD.user_id;
END;
CREATE TRIGGER listener_text_change AFTER UPDATE OF username, bio, interests
ON user WHEN EXISTS (SELECT 1 FROM listener WHERE user_id = NEW.id) BEGIN
	UPDATE listener_text SET username = NEW.username, bio = NEW.bio,
	    interests = NEW.interests WHERE rowid = NEW.id;
END;
