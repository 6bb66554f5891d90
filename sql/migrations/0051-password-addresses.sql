-- Marks what was added to an account by knowing only its password. A password
-- reset removes it, because a thief of the former password may have added it.
-- There are no new integer codes.
--
-- from_password: 1 if the session signed in with the password, or with an
-- address or identity that such a session had added; 0 otherwise, or unknown.
-- A second factor does not change it.

ALTER TABLE device_session ADD COLUMN from_password INTEGER NOT NULL DEFAULT 0
CHECK (from_password IN (0, 1));
ALTER TABLE mfa_challenge ADD COLUMN from_password INTEGER NOT NULL DEFAULT 0
CHECK (from_password IN (0, 1));
-- Of the session that linked the identity.
ALTER TABLE identity ADD COLUMN from_password INTEGER NOT NULL DEFAULT 0
CHECK (from_password IN (0, 1));

-- Verified addresses that such a session added.
-- channel: 1 SMS, 2 e-mail, as in outbox.channel.
CREATE TABLE password_address (
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	channel		INTEGER NOT NULL CHECK (channel IN (1, 2)),
	PRIMARY KEY (user_id, channel)
) STRICT, WITHOUT ROWID;
