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
