-- released: b2e5ceea50d78a2265b757ea36893c77881bb4f296f0d260220418628a1853de
-- Creates calls, their totals, and the presence of users in media channels.
--
-- call.state: 0 ringing, 1 accepted, 2 ended (after it was accepted),
-- 3 rejected, 4 cancelled, 5 missed.
-- call.cause: 1 customer, 2 listener, 3 money, 4 ban, 5 deleted, 6 operator,
-- 7 left; as session.cause. It is null if the call was not accepted and a party
-- or the deadline ended it.
-- call_media.what: 1 joined, 2 left.

CREATE TABLE call (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	caller_id	INTEGER NOT NULL REFERENCES user(id),
	callee_id	INTEGER NOT NULL REFERENCES user(id),
	channel		TEXT NOT NULL UNIQUE,
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 5),
	created_at	INTEGER NOT NULL,
	ring_until	INTEGER NOT NULL,
	accepted_at	INTEGER,
	ended_at	INTEGER,
	ended_by	INTEGER,		-- null: the server
	cause		INTEGER,
	session_id	INTEGER REFERENCES session(id),
	signals_at	INTEGER NOT NULL DEFAULT 0,	-- start of the minute
	signals		INTEGER NOT NULL DEFAULT 0,	-- in this minute
	CHECK (caller_id <> callee_id),
	CHECK ((state < 2) = (ended_at IS NULL))
) STRICT;
CREATE INDEX call_caller ON call(caller_id, id);
CREATE INDEX call_callee ON call(callee_id, id);
CREATE INDEX call_ringing ON call(ring_until) WHERE state = 0;
CREATE INDEX call_running ON call(accepted_at) WHERE state = 1;
CREATE UNIQUE INDEX call_session ON call(session_id) WHERE session_id IS NOT NULL;

-- A user has at most one live call, as caller or callee.
CREATE TABLE call_live (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id),
	call_id		INTEGER NOT NULL REFERENCES call(id)
) STRICT;
CREATE INDEX call_live_call ON call_live(call_id);

CREATE TABLE call_total (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id),
	n		INTEGER NOT NULL,
	missed_row	INTEGER NOT NULL DEFAULT 0	-- consecutive
) STRICT;
CREATE TRIGGER call_add AFTER INSERT ON call BEGIN
	INSERT INTO call_live(user_id, call_id)
	VALUES (NEW.caller_id, NEW.id), (NEW.callee_id, NEW.id);
	INSERT INTO call_total(user_id, n)
	VALUES (NEW.caller_id, 1), (NEW.callee_id, 1)
	ON CONFLICT (user_id) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER call_over AFTER UPDATE OF state ON call
WHEN OLD.state < 2 AND NEW.state >= 2 BEGIN
	DELETE FROM call_live WHERE call_id = NEW.id;
	DELETE FROM call_seat WHERE call_id = NEW.id;
END;
CREATE TRIGGER call_missed AFTER UPDATE OF state ON call
WHEN OLD.state = 0 AND NEW.state <> 0 BEGIN
	UPDATE call_total SET missed_row = iif(NEW.state = 5, missed_row + 1,
	    iif(NEW.state IN (1, 3), 0, missed_row))
	WHERE user_id = NEW.callee_id;
END;
CREATE TRIGGER call_final BEFORE UPDATE OF state ON call
WHEN OLD.state >= 2 BEGIN
	SELECT RAISE(ABORT, 'a call that is over stays so');
END;

-- Events of the media network. Each notice is stored once.
CREATE TABLE call_media (
	notice		TEXT PRIMARY KEY,
	call_id		INTEGER NOT NULL REFERENCES call(id),
	user_id		INTEGER NOT NULL,
	what		INTEGER NOT NULL CHECK (what IN (1, 2)),
	client_seq	INTEGER NOT NULL,
	at		INTEGER NOT NULL,
	reason		INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX call_media_call ON call_media(call_id, user_id, client_seq);
-- The state of each user by the newest of these events.
CREATE TABLE call_seat (
	call_id		INTEGER NOT NULL REFERENCES call(id),
	user_id		INTEGER NOT NULL,
	client_seq	INTEGER NOT NULL,
	left_at		INTEGER,
	PRIMARY KEY (call_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_seat_left ON call_seat(left_at) WHERE left_at IS NOT NULL;

-- An event may grant access to a media channel until rtc_until. The credentials
-- are generated when the event is read. They are not stored.
ALTER TABLE event ADD COLUMN channel TEXT;
ALTER TABLE event ADD COLUMN rtc_until INTEGER;
