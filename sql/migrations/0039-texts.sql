-- Adds the language of messages, notifications of the kind account, and the
-- e-mail addresses that do not accept mail.
--
-- notification.kind: 1 calls, 2 available, 3 messages, 4 news, 5 account.
-- preference.account_off: 1 in_app, 2 push, 4 sms, 8 email.
-- mail_suppression.reason: 1 rejected at once, 2 bounced.

-- The best language of the last Accept-Language header of the user; null:
-- unknown. preferred_language precedes it.
ALTER TABLE user ADD COLUMN accept_language TEXT;

ALTER TABLE preference ADD COLUMN account_off INTEGER NOT NULL DEFAULT 0
    CHECK (account_off BETWEEN 0 AND 15);

-- Addresses that mail is not sent to. key is a keyed hash of the address, so
-- the table contains no personal data.
CREATE TABLE mail_suppression (
	key		BLOB PRIMARY KEY CHECK (length(key) = 16),
	reason		INTEGER NOT NULL CHECK (reason IN (1, 2)),
	status		TEXT NOT NULL,			-- RFC 3463, "5.1.1"
	created_at	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_suppression_expires ON mail_suppression(expires_at);

-- The kind is checked, so the table is rebuilt.
DROP TRIGGER notification_added;
DROP TRIGGER notification_seen;
DROP TRIGGER notification_dropped;
DROP INDEX notification_user;
DROP INDEX notification_unread;
DROP INDEX notification_created;
ALTER TABLE notification RENAME TO notification_old;
CREATE TABLE notification (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
	title		TEXT NOT NULL,
	body		TEXT NOT NULL,
	data		TEXT,				-- a JSON object
	created_at	INTEGER NOT NULL,
	read_at		INTEGER
) STRICT;
INSERT INTO notification(id, user_id, kind, title, body, data, created_at,
    read_at)
SELECT id, user_id, kind, title, body, data, created_at, read_at
FROM notification_old;
UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT seq
    FROM sqlite_sequence WHERE name = 'notification_old'), 0))
WHERE name = 'notification';
INSERT INTO sqlite_sequence(name, seq)
SELECT 'notification', seq FROM sqlite_sequence
WHERE name = 'notification_old' AND NOT EXISTS (SELECT 1
    FROM sqlite_sequence WHERE name = 'notification');
DROP TABLE notification_old;
CREATE INDEX notification_user ON notification(user_id, id);
CREATE INDEX notification_unread ON notification(user_id, id)
WHERE read_at IS NULL;
CREATE INDEX notification_created ON notification(created_at);
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
