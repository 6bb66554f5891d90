-- Limits media credentials, and stores the bans of users from media channels.
--
-- call.channel_name: the channel of a call that is over, after a later call
-- took over the name; call.channel is then '/' and the id. Otherwise null.
-- session.tokens_until: when the last media credential expires; 0: none issued.
-- session.token_ban: 1 if the users are banned from the channel at the end.
-- event.device: the login session that may receive the media credential, or
-- that answered the call; null: any.
-- media_ban.state: 0 to create, 1 created, 2 to delete, 3 done.

ALTER TABLE call ADD COLUMN channel_name TEXT;
ALTER TABLE session ADD COLUMN tokens_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN token_ban INTEGER NOT NULL DEFAULT 0;
CREATE INDEX session_tokens ON session(tokens_until)
WHERE state = 0 AND tokens_until > 0;
ALTER TABLE event ADD COLUMN device INTEGER;

-- A ban of a user from a channel at the media provider. It is needed until the
-- last credential of the user expires.
CREATE TABLE media_ban (
	id		INTEGER PRIMARY KEY,
	channel		TEXT NOT NULL,
	user_id		INTEGER NOT NULL,
	other_id	INTEGER NOT NULL,	-- the other party of the call
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
	rule_id		INTEGER,		-- at the provider; null: unknown
	attempts	INTEGER NOT NULL DEFAULT 0,
	due_at		INTEGER NOT NULL,
	leased_until	INTEGER NOT NULL DEFAULT 0,
	expires_at	INTEGER NOT NULL,
	error		TEXT
) STRICT;
CREATE INDEX media_ban_due ON media_ban(due_at) WHERE state IN (0, 2);
CREATE INDEX media_ban_user ON media_ban(user_id, other_id);
CREATE INDEX media_ban_expires ON media_ban(expires_at);
