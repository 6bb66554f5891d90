-- Adds roles of staff, second factors and their challenges.
--
-- user.staff_roles: bits; 16 finance, 32 support, 64 moderator. The other roles
-- are in user.roles, whose CHECK allows no other bits.
-- one_time_link.roles contains bits of both columns.

ALTER TABLE user ADD COLUMN staff_roles INTEGER NOT NULL DEFAULT 0
CHECK (staff_roles & ~112 = 0);

DROP INDEX user_staff;
CREATE INDEX user_staff ON user(id) WHERE roles >= 4 OR staff_roles <> 0;

-- Counts accounts by role and status, like the triggers of user.roles.
INSERT INTO tally(name, n)
SELECT 'role:' || r.value || ':' || s.value, 0
FROM json_each('[16,32,64]') AS r CROSS JOIN json_each('[0,1,2,3]') AS s;
CREATE TRIGGER tally_staff_add AFTER INSERT ON user
WHEN NEW.staff_roles <> 0 BEGIN
	UPDATE tally SET n = n + 1 WHERE name IN (
	    iif(NEW.staff_roles & 16, 'role:16:' || NEW.status, ''),
	    iif(NEW.staff_roles & 32, 'role:32:' || NEW.status, ''),
	    iif(NEW.staff_roles & 64, 'role:64:' || NEW.status, ''));
END;
CREATE TRIGGER tally_staff_move AFTER UPDATE OF staff_roles, status ON user
WHEN (OLD.staff_roles <> 0 OR NEW.staff_roles <> 0)
    AND (OLD.staff_roles <> NEW.staff_roles OR OLD.status <> NEW.status) BEGIN
	UPDATE tally SET n = n - 1 WHERE name IN (
	    iif(OLD.staff_roles & 16, 'role:16:' || OLD.status, ''),
	    iif(OLD.staff_roles & 32, 'role:32:' || OLD.status, ''),
	    iif(OLD.staff_roles & 64, 'role:64:' || OLD.status, ''));
	UPDATE tally SET n = n + 1 WHERE name IN (
	    iif(NEW.staff_roles & 16, 'role:16:' || NEW.status, ''),
	    iif(NEW.staff_roles & 32, 'role:32:' || NEW.status, ''),
	    iif(NEW.staff_roles & 64, 'role:64:' || NEW.status, ''));
END;
CREATE TRIGGER tally_staff_drop AFTER DELETE ON user
WHEN OLD.staff_roles <> 0 BEGIN
	UPDATE tally SET n = n - 1 WHERE name IN (
	    iif(OLD.staff_roles & 16, 'role:16:' || OLD.status, ''),
	    iif(OLD.staff_roles & 32, 'role:32:' || OLD.status, ''),
	    iif(OLD.staff_roles & 64, 'role:64:' || OLD.status, ''));
END;

-- Second factors: secrets of time-based codes (RFC 6238), encrypted with a key
-- that is derived from the secret key of the installation.
CREATE TABLE totp (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	secret		BLOB NOT NULL,
	counter		INTEGER NOT NULL DEFAULT 0,	-- time step of the last code
	created_at	INTEGER NOT NULL,
	confirmed_at	INTEGER				-- null: not active
) STRICT;

-- Recovery codes that were not used, as keyed hashes.
CREATE TABLE recovery_code (
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	hash		BLOB NOT NULL CHECK (length(hash) = 32),
	PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

-- Sign-ins that wait for the second factor, by the SHA-256 of mfa_token.
CREATE TABLE mfa_challenge (
	hash		BLOB PRIMARY KEY CHECK (length(hash) = 32),
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	tries_left	INTEGER NOT NULL CHECK (tries_left >= 0),
	created_at	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mfa_challenge_user ON mfa_challenge(user_id, created_at);
CREATE INDEX mfa_challenge_expires ON mfa_challenge(expires_at);

-- When the session last proved a second factor; null: never.
ALTER TABLE device_session ADD COLUMN mfa_at INTEGER;
