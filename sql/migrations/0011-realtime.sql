-- released: 66838ca7b3ff4e0758b1b7b592c85ffbda88592b40dd8c24eed68e2a2eff7b96
-- Who is connected, and tickets for who can not send a token.

-- Whose presence is held online by open connections. What a daemon that died
-- left here is taken over by the next one.
CREATE TABLE realtime_held (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	since		INTEGER NOT NULL
) STRICT;

-- Good once, for 30 seconds.
CREATE TABLE realtime_ticket (
	hash		BLOB PRIMARY KEY CHECK (length(hash) = 32),
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	session_id	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX realtime_ticket_user ON realtime_ticket(user_id);
CREATE INDEX realtime_ticket_expires ON realtime_ticket(expires_at);

-- Whose being online ends, by when.
CREATE INDEX presence_promise ON presence(until) WHERE status <> 0;
