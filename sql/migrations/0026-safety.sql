-- Adds the kinds of calls that a listener offers, the log of rate changes, and
-- blocked users.

-- listener.rate_per_minute is the audio rate or, if audio is 0, the lowest
-- other rate. rate_video is null if the listener offers no video.
-- max_rate_notified is the maximum that the listener was notified of last.
ALTER TABLE listener ADD COLUMN audio INTEGER NOT NULL DEFAULT 1
	CHECK (audio IN (0, 1));
ALTER TABLE listener ADD COLUMN rate_video INTEGER
	CHECK (rate_video BETWEEN 0 AND 1000000000)
	CHECK (audio = 1 OR rate_video IS NOT NULL);
ALTER TABLE listener ADD COLUMN max_rate_notified INTEGER;
CREATE INDEX listener_rate_high
ON listener(max(rate_per_minute, ifnull(rate_video, 0)), max_rate_notified);

-- Rates before and after each change. Null: the kind was not offered.
-- registration: 1 if the listener registered with these rates.
CREATE TABLE listener_rate_change (
	id		INTEGER PRIMARY KEY,
	user_id		INTEGER NOT NULL REFERENCES listener(user_id) ON DELETE CASCADE,
	at		INTEGER NOT NULL,
	registration	INTEGER NOT NULL CHECK (registration IN (0, 1)),
	audio_before	INTEGER,
	video_before	INTEGER,
	audio		INTEGER,
	video		INTEGER
) STRICT;
CREATE INDEX listener_rate_change_user ON listener_rate_change(user_id, id);

-- Users that a user has blocked.
CREATE TABLE user_block (
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	blocked_id	INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	created_at	INTEGER NOT NULL,
	PRIMARY KEY (user_id, blocked_id),
	CHECK (user_id <> blocked_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_block_recent ON user_block(user_id, created_at, blocked_id);
CREATE INDEX user_block_blocked ON user_block(blocked_id, user_id);

-- Two rows, (a, b) and (b, a), if at least one of the users blocked the other.
-- Triggers keep them, so that other statements look up one row.
CREATE TABLE user_block_pair (
	user_id		INTEGER NOT NULL,
	other_id	INTEGER NOT NULL,
	PRIMARY KEY (user_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER user_block_add AFTER INSERT ON user_block BEGIN
	INSERT INTO user_block_pair(user_id, other_id)
	VALUES (NEW.user_id, NEW.blocked_id), (NEW.blocked_id, NEW.user_id)
	ON CONFLICT (user_id, other_id) DO NOTHING;
END;
CREATE TRIGGER user_block_drop AFTER DELETE ON user_block
WHEN NOT EXISTS (SELECT 1 FROM user_block
    WHERE user_id = OLD.blocked_id AND blocked_id = OLD.user_id) BEGIN
	DELETE FROM user_block_pair WHERE user_id = OLD.user_id AND other_id = OLD.blocked_id;
	DELETE FROM user_block_pair WHERE user_id = OLD.blocked_id AND other_id = OLD.user_id;
END;
