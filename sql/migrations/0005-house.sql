-- released: 570d28737d0c1d74bde42b745f4342b5db5936fb6377a3e08a80d1ede0c8617f
-- Creates the outbox of messages, idempotency keys, jobs, settings and the
-- audit log.
--
-- outbox.lane: 1 sms, 2 email, 3 push; the channel of the message.
-- outbox.state: 0 pending, 1 sent, 2 dead (given up).
-- idempotency.rc: -2 the request was given up, -1 the request is running,
-- 0 and above: enum rc of the stored response (lib/base/err.h).

-- Messages by SMS, email and push. The transaction that causes a message
-- inserts it. Its code and recipient are cleared when it was sent or given up.
CREATE TABLE outbox (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	lane		INTEGER NOT NULL CHECK (lane IN (1, 2, 3)),
	user_id		INTEGER REFERENCES user(id) ON DELETE SET NULL,
	recipient	TEXT,
	template	TEXT NOT NULL,
	code		TEXT,
	title		TEXT,
	body		TEXT,
	data		TEXT,				-- JSON
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
	attempts	INTEGER NOT NULL DEFAULT 0,
	due_at		INTEGER NOT NULL,
	leased_until	INTEGER NOT NULL DEFAULT 0,
	expires_at	INTEGER NOT NULL,
	created_at	INTEGER NOT NULL,
	done_at		INTEGER,
	error		TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox(lane, due_at, id) WHERE state = 0;
CREATE INDEX outbox_done ON outbox(done_at) WHERE done_at IS NOT NULL;
CREATE INDEX outbox_user ON outbox(user_id) WHERE user_id IS NOT NULL;

CREATE TABLE idempotency (
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	key		TEXT NOT NULL,
	request		BLOB NOT NULL CHECK (length(request) = 32), -- SHA-256 of route and body
	rc		INTEGER NOT NULL,
	location	TEXT,
	body		BLOB,
	created_at	INTEGER NOT NULL,
	PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_created ON idempotency(created_at);

CREATE TABLE job (
	name		TEXT PRIMARY KEY,
	due_at		INTEGER NOT NULL,
	ran_at		INTEGER,
	done		INTEGER NOT NULL DEFAULT 0	-- total number of items
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
	key		TEXT PRIMARY KEY,
	value		INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The changes that administrators made. Rows are never changed or deleted.
CREATE TABLE audit (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	at		INTEGER NOT NULL,
	actor_id	INTEGER,			-- null: the operator
	action		TEXT NOT NULL,			-- 'user.ban', ...
	target		TEXT NOT NULL,			-- 'user:12'
	before		TEXT,
	after		TEXT,
	request_id	TEXT
) STRICT;
CREATE INDEX audit_actor ON audit(actor_id, id);
CREATE INDEX audit_target ON audit(target, id);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN
	SELECT RAISE(ABORT, 'audit rows are final');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN
	SELECT RAISE(ABORT, 'audit rows are final');
END;
