-- Creates open one-time codes, generated usernames, changes of contact
-- addresses, settings of users, and renewed refresh tokens.

-- 1: the code belongs to an address without an account (user_id is null).
ALTER TABLE otp ADD COLUMN open INTEGER NOT NULL DEFAULT 0
CHECK (open IN (0, 1));

-- Accounts whose username was generated. The user can choose another one, once.
CREATE TABLE username_generated (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE
) STRICT;

-- A used refresh token whose successor was not used can return another one.
-- renewals: how many others it has returned. replaced: 1 if another successor
-- took the place of this token; using it then signs the device out.
ALTER TABLE refresh_token ADD COLUMN renewals INTEGER NOT NULL DEFAULT 0
CHECK (renewals >= 0);
ALTER TABLE refresh_token ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0
CHECK (replaced IN (0, 1));

-- Changes of contact addresses that wait for the code.
-- channel: 1 SMS, 2 e-mail, as in outbox.channel.
CREATE TABLE contact_change (
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	channel		INTEGER NOT NULL CHECK (channel IN (1, 2)),
	address		TEXT NOT NULL,			-- the new one
	hash		BLOB NOT NULL CHECK (length(hash) = 32), -- keyed hash of the code
	tries_left	INTEGER NOT NULL CHECK (tries_left >= 0),
	created_at	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL,
	PRIMARY KEY (user_id, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_change_expires ON contact_change(expires_at);

-- The addresses of an account before each change. The link in the notice
-- restores them. The database stores the SHA-256 of its token.
CREATE TABLE contact_undo (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	hash		BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	email		TEXT,
	phone		TEXT,
	email_ok	INTEGER NOT NULL CHECK (email_ok IN (0, 1)),
	phone_ok	INTEGER NOT NULL CHECK (phone_ok IN (0, 1)),
	created_at	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_undo_user ON contact_undo(user_id, id);
CREATE INDEX contact_undo_expires ON contact_undo(expires_at);

-- Accounts whose addresses cannot be changed for a time, after a change was
-- undone.
CREATE TABLE contact_lock (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	until		INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_lock_until ON contact_lock(until);

-- What happened to the security of an account. The oldest rows of a user are
-- deleted.
-- kind: 1 signed_in, 2 password_changed, 3 email_changed, 4 phone_changed,
-- 5 contact_restored, 6 signed_out_everywhere, 7 identity_linked,
-- 8 identity_unlinked, 9 username_changed.
CREATE TABLE security_log (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 32),
	session_id	INTEGER,			-- null: none; may be deleted
	detail		TEXT,				-- user agent, masked address
	at		INTEGER NOT NULL
) STRICT;
CREATE INDEX security_log_user ON security_log(user_id, id);
CREATE INDEX security_log_at ON security_log(at);

-- What users have set.
CREATE TABLE user_setting (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	time_zone	TEXT,				-- "Asia/Kolkata"; null: preference.utc_offset
	hide_last_seen	INTEGER NOT NULL DEFAULT 0 CHECK (hide_last_seen IN (0, 1))
) STRICT;
