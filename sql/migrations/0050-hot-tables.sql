-- Makes the inserts of messages, notifications, transfers and sessions cheaper.
-- SQLite builds a table for each list of more than two values, at each insert.
-- outbox.channel: 1 SMS, 2 e-mail, 3 push. state: 0 pending, 1 sent, 2 failed.
-- provider: 1 APNs, for push, else 0.

CREATE TABLE outbox_new (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	channel		INTEGER NOT NULL CHECK (channel BETWEEN 1 AND 3),
	provider	INTEGER NOT NULL DEFAULT 0 CHECK (provider BETWEEN 0 AND 1),
	user_id		INTEGER REFERENCES user(id) ON DELETE SET NULL,
	recipient	TEXT,
	template	TEXT NOT NULL,
	code		TEXT,
	title		TEXT,
	body		TEXT,
	data		TEXT,				-- JSON
	urgent		INTEGER NOT NULL DEFAULT 0 CHECK (urgent BETWEEN 0 AND 1),
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
	attempts	INTEGER NOT NULL DEFAULT 0,
	due_at		INTEGER NOT NULL,
	leased_until	INTEGER NOT NULL DEFAULT 0,
	expires_at	INTEGER NOT NULL,
	created_at	INTEGER NOT NULL,
	done_at		INTEGER,
	error		TEXT
) STRICT;
INSERT INTO outbox_new(id, channel, provider, user_id, recipient, template,
    code, title, body, data, urgent, state, attempts, due_at, leased_until,
    expires_at, created_at, done_at, error)
SELECT id, channel, provider, user_id, recipient, template,
    code, title, body, data, urgent, state, attempts, due_at, leased_until,
    expires_at, created_at, done_at, error
FROM outbox;
DELETE FROM sqlite_sequence WHERE name = 'outbox_new';
UPDATE sqlite_sequence SET name = 'outbox_new' WHERE name = 'outbox';
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_done ON outbox(done_at) WHERE done_at IS NOT NULL;
CREATE INDEX outbox_state ON outbox(state, channel, id);
CREATE INDEX outbox_user ON outbox(user_id, id, state, channel)
WHERE user_id IS NOT NULL;
CREATE INDEX outbox_due ON outbox(channel, provider, urgent, due_at, id)
WHERE state = 0;
CREATE TRIGGER counter_outbox_add AFTER INSERT ON outbox BEGIN
	UPDATE counter SET n = n + 1
	WHERE name = 'outbox:' || NEW.state || ':' || NEW.channel;
END;
CREATE TRIGGER counter_outbox_move AFTER UPDATE OF state ON outbox
WHEN OLD.state <> NEW.state BEGIN
	UPDATE counter SET n = n - 1
	WHERE name = 'outbox:' || OLD.state || ':' || OLD.channel;
	UPDATE counter SET n = n + 1
	WHERE name = 'outbox:' || NEW.state || ':' || NEW.channel;
END;
CREATE TRIGGER counter_outbox_drop AFTER DELETE ON outbox BEGIN
	UPDATE counter SET n = n - 1
	WHERE name = 'outbox:' || OLD.state || ':' || OLD.channel;
END;

-- A notification is deleted for a new one only if the user has too many. The
-- ids are in the order of time, so the deletion of old rows needs no index.
DROP INDEX notification_created;
DROP TRIGGER notification_added;
CREATE TRIGGER notification_added AFTER INSERT ON notification BEGIN
	INSERT INTO notification_total(user_id, n, unread, version)
	VALUES (NEW.user_id, 1, 1, 1)
	ON CONFLICT (user_id) DO UPDATE SET n = n + 1, unread = unread + 1,
	    version = version + 1;
END;
CREATE TRIGGER notification_trim AFTER UPDATE OF n ON notification_total
WHEN NEW.n > 500 AND NEW.n > OLD.n BEGIN
	DELETE FROM notification WHERE id = (SELECT id FROM notification
	    WHERE user_id = NEW.user_id ORDER BY id LIMIT 1);
END;

DROP TRIGGER fact_promotion;
CREATE TRIGGER fact_promotion AFTER INSERT ON transfer
WHEN NEW.type BETWEEN 4 AND 6 OR NEW.type = 8 OR NEW.type = 11 BEGIN
	INSERT INTO fact(metric, at, label, n)
	    SELECT 11, NEW.at, CASE WHEN NEW.type IN (4, 5) THEN 'minutes'
		WHEN NEW.type = 11 THEN 'referral' ELSE 'bonus' END, -amount
	    FROM entry WHERE transfer_id = NEW.id AND account_id = 9;
END;

-- Two inserts need no temporary table.
DROP TRIGGER session_add;
CREATE TRIGGER session_add AFTER INSERT ON session BEGIN
	INSERT INTO session_total(user_id, as_customer)
	VALUES (NEW.customer_id, 1)
	ON CONFLICT (user_id) DO UPDATE SET as_customer = as_customer + 1;
	INSERT INTO session_total(user_id, as_listener)
	VALUES (NEW.listener_id, 1)
	ON CONFLICT (user_id) DO UPDATE SET as_listener = as_listener + 1;
END;

-- An insert with AUTOINCREMENT reads sqlite_sequence from its first row to that
-- of the table. The tables with the most inserts come first.
UPDATE sqlite_sequence SET rowid = rowid + 1000;
INSERT INTO sqlite_sequence(rowid, name, seq)
SELECT t.key + 1, t.value, coalesce((SELECT seq FROM sqlite_sequence
    WHERE name = t.value), 0)
FROM json_each('["event","favorite","outbox","notification","fact",
    "payment_event"]') AS t;
DELETE FROM sqlite_sequence WHERE rowid > 1000
AND name IN (SELECT name FROM sqlite_sequence WHERE rowid <= 1000);
