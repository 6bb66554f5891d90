-- released: 553fcc297953b89f2476108e4a2d70c7fc420205545df63266ba238c84e5b9e4
-- Creates notifications, their preferences, push devices, and the tokens of
-- service accounts; adds urgent messages to the outbox.
--
-- notification.kind: 1 calls, 2 available (a listener is available),
-- 3 messages, 4 news.
-- preference.off: bits of kind 1; 1 in_app, 2 push, 4 sms, 8 email. The bits of
-- each further kind are shifted left by 4.
-- push_device.platform: 0 android, 1 ios, 2 web.
-- push_device.kind: 0 token (FCM registration token), 1 fid (Firebase
-- installation id).

-- In-app notifications. The newest 500 of a user are kept for 90 days.
CREATE TABLE notification (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
	title		TEXT NOT NULL,
	body		TEXT NOT NULL,
	data		TEXT,				-- a JSON object
	created_at	INTEGER NOT NULL,
	read_at		INTEGER
) STRICT;
CREATE INDEX notification_user ON notification(user_id, id);
CREATE INDEX notification_unread ON notification(user_id, id)
WHERE read_at IS NULL;
CREATE INDEX notification_created ON notification(created_at);

CREATE TABLE notification_total (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	n		INTEGER NOT NULL,
	unread		INTEGER NOT NULL,
	version		INTEGER NOT NULL
) STRICT;
CREATE TRIGGER notification_added AFTER INSERT ON notification BEGIN
	INSERT INTO notification_total(user_id, n, unread, version)
	VALUES (NEW.user_id, 1, 1, 1)
	ON CONFLICT (user_id) DO UPDATE SET n = n + 1, unread = unread + 1,
	    version = version + 1;
	DELETE FROM notification WHERE id = (SELECT id FROM notification
	    WHERE user_id = NEW.user_id ORDER BY id LIMIT 1)
	    AND (SELECT n FROM notification_total
		WHERE user_id = NEW.user_id) > 500;
END;
CREATE TRIGGER notification_seen AFTER UPDATE OF read_at ON notification
WHEN OLD.read_at IS NULL AND NEW.read_at IS NOT NULL BEGIN
	UPDATE notification_total SET unread = unread - 1, version = version + 1
	WHERE user_id = NEW.user_id;
END;
CREATE TRIGGER notification_dropped AFTER DELETE ON notification BEGIN
	UPDATE notification_total SET n = n - 1, version = version + 1,
	    unread = unread - (OLD.read_at IS NULL)
	WHERE user_id = OLD.user_id;
END;

-- Notifications that a user has turned off. Quiet hours are minutes since
-- midnight in the time zone of the user.
CREATE TABLE preference (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	off		INTEGER NOT NULL DEFAULT 0 CHECK (off BETWEEN 0 AND 65535),
	quiet_start	INTEGER CHECK (quiet_start BETWEEN 0 AND 1439),
	quiet_end	INTEGER CHECK (quiet_end BETWEEN 0 AND 1439),
	utc_offset	INTEGER NOT NULL DEFAULT 0
			CHECK (utc_offset BETWEEN -840 AND 840),	-- minutes east of UTC
	CHECK ((quiet_start IS NULL) = (quiet_end IS NULL))
) STRICT;

-- Devices that receive push messages. A token belongs to the user who
-- registered it last.
CREATE TABLE push_device (
	token		TEXT PRIMARY KEY,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	platform	INTEGER NOT NULL CHECK (platform IN (0, 1, 2)),
	kind		INTEGER NOT NULL CHECK (kind IN (0, 1)),
	created_at	INTEGER NOT NULL,
	used_at		INTEGER NOT NULL		-- last registration
) STRICT;
CREATE INDEX push_device_user ON push_device(user_id, used_at);
CREATE INDEX push_device_used ON push_device(used_at);

-- Tokens of service accounts, by which other backends sign in. hash is the
-- SHA-256 of the token.
CREATE TABLE service_token (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	hash		BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	created_at	INTEGER NOT NULL,
	revoked_at	INTEGER
) STRICT;
CREATE UNIQUE INDEX service_token_user ON service_token(user_id)
WHERE revoked_at IS NULL;
CREATE INDEX service_token_all ON service_token(user_id, id);

-- One-time codes and incoming calls are urgent: they are sent before other
-- messages.
ALTER TABLE outbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0
    CHECK (urgent IN (0, 1));
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox(lane, urgent, due_at, id) WHERE state = 0;
