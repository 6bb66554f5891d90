-- Creates open one-time codes, generated usernames, changes of contact
-- addresses, settings of users, and renewed refresh tokens.

-- 1: the code belongs to an address without an account (user_id is null).
ALTER TABLE otp ADD COLUMN open INTEGER NOT NULL DEFAULT 0
CHECK (open IN (0, 1));

-- Accounts whose username was generated. The user can choose another one, once.
CREATE TABLE username_generated (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE
) STRICT;
