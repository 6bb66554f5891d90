-- released: 570d28737d0c1d74bde42b745f4342b5db5936fb6377a3e08a80d1ede0c8617f
-- What the house itself needs: outbox, idempotency keys, jobs, audit.

-- Messages to the world, written in the transaction that caused them. The
-- code and address are wiped when the message is done.
CREATE TABLE outbox (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	lane		INTEGER NOT NULL CHECK (lane IN (1, 2, 3)),	-- sms email push
	user_id		INTEGER REFERENCES user(id) ON DELETE SET NULL,
	recipient	TEXT,
	template	TEXT NOT NULL,
	code		TEXT,
	title		TEXT,
	body		TEXT,
	data		TEXT,				-- JSON
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)), -- pending sent dead
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
	request		BLOB NOT NULL CHECK (length(request) = 32), -- route and body
	rc		INTEGER NOT NULL,		-- -1: still running
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
	done		INTEGER NOT NULL DEFAULT 0	-- things done, ever
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
	key		TEXT PRIMARY KEY,
	value		INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every write of an administrator; nothing is changed or deleted.
CREATE TABLE audit (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	at		INTEGER NOT NULL,
	actor_id	INTEGER,			-- null: the operator's program
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
