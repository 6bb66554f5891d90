-- released: 66838ca7b3ff4e0758b1b7b592c85ffbda88592b40dd8c24eed68e2a2eff7b96
-- Creates the list of users with realtime connections, and tickets for clients
-- that cannot send an access token. There are no integer codes.

-- Users who are online because of an open connection. If earmark-realtime was
-- killed, its next process takes over these rows.
CREATE TABLE realtime_held (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	since		INTEGER NOT NULL
) STRICT;

-- Tickets. Each is valid once, for 30 seconds.
CREATE TABLE realtime_ticket (
	hash		BLOB PRIMARY KEY CHECK (length(hash) = 32),
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	session_id	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX realtime_ticket_user ON realtime_ticket(user_id);
CREATE INDEX realtime_ticket_expires ON realtime_ticket(expires_at);

-- For finding the users whose presence has expired.
CREATE INDEX presence_promise ON presence(until) WHERE status <> 0;
