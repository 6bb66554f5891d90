-- released: b01bc68dc5b5512e042608320b5e28e9437a279f5b810603ac585dc890333fec
-- Creates accounts, login sessions of devices, refresh tokens, one-time codes
-- and the counters of throttled operations.
--
-- user.status: 0 pending_verification, 1 active, 2 deleted, 3 banned.
-- user.roles: bits; 1 customer, 2 listener, 4 admin, 8 service.
-- otp.purpose: 0 register, 1 login, 2 reset (sets a new password).

-- The columns from id to version come first because every request reads them.
CREATE TABLE user (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid		BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
	status		INTEGER NOT NULL DEFAULT 0
			CHECK (status IN (0, 1, 2, 3)),
	roles		INTEGER NOT NULL DEFAULT 1 CHECK (roles BETWEEN 0 AND 15),
	banned_until	INTEGER,			-- null: permanently
	version		INTEGER NOT NULL DEFAULT 1,	-- of the profile
	username	TEXT NOT NULL UNIQUE CHECK (username = lower(username)),
	sex		TEXT CHECK (sex IN ('male', 'female', 'other')),
	bio		TEXT,
	interests	TEXT,				-- one item per line
	image		TEXT,				-- file name under media/
	preferred_language TEXT,
	country		TEXT,
	email		TEXT COLLATE NOCASE,
	phone		TEXT,				-- E.164
	email_ok	INTEGER NOT NULL DEFAULT 1 CHECK (email_ok IN (0, 1)),
	phone_ok	INTEGER NOT NULL DEFAULT 1 CHECK (phone_ok IN (0, 1)),
	password	TEXT,				-- Argon2id; null: codes only
	referral_code	TEXT NOT NULL UNIQUE,
	referred_by	INTEGER REFERENCES user(id),
	ban_reason	TEXT,
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL
) STRICT;
-- Only one account can have an address as verified (email_ok, phone_ok). Any
-- number of accounts can have it as unverified. Therefore a registration does
-- not reveal whether another account uses the address, and cannot block it.
CREATE UNIQUE INDEX user_email ON user(email) WHERE email_ok = 1;
CREATE UNIQUE INDEX user_phone ON user(phone) WHERE phone_ok = 1;
CREATE INDEX user_email_claim ON user(email, status, phone IS NULL, id)
WHERE email_ok = 0;
CREATE INDEX user_phone_claim ON user(phone, status, id) WHERE phone_ok = 0;
CREATE INDEX user_pending ON user(created_at) WHERE status = 0;
CREATE INDEX user_referred_by ON user(referred_by) WHERE referred_by IS NOT NULL;
CREATE INDEX user_banned ON user(banned_until) WHERE status = 3;
-- For lists of administrators: accounts that are not active, and the staff.
CREATE INDEX user_unusual ON user(status) WHERE status <> 1;
CREATE INDEX user_staff ON user(id) WHERE roles >= 4;

-- The login session of a device. All its refresh tokens belong to one row.
CREATE TABLE device_session (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	revoked_at	INTEGER,
	created_at	INTEGER NOT NULL,
	used_at		INTEGER NOT NULL,		-- last refresh
	user_agent	TEXT
) STRICT;
CREATE INDEX device_session_user ON device_session(user_id, id);
CREATE INDEX device_session_used ON device_session(used_at);
CREATE INDEX device_session_revoked ON device_session(revoked_at)
WHERE revoked_at IS NOT NULL;

-- Refresh tokens, identified by their SHA-256. The successor of a used token is
-- derived from it. If a client did not receive the response, a retry returns
-- the same pair of tokens.
CREATE TABLE refresh_token (
	hash		BLOB PRIMARY KEY CHECK (length(hash) = 32),
	session_id	INTEGER NOT NULL REFERENCES device_session(id) ON DELETE CASCADE,
	expires_at	INTEGER NOT NULL,
	spent_at	INTEGER,			-- null: not used
	successor	BLOB				-- its hash
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_session ON refresh_token(session_id);
CREATE INDEX refresh_token_expires ON refresh_token(expires_at);

-- One-time codes. Only the newest code of an address and purpose is valid. An
-- address without an account has a row too: user_id is null and no code
-- matches. Clients therefore cannot detect which addresses have an account.
CREATE TABLE otp (
	key		BLOB PRIMARY KEY CHECK (length(key) = 32), -- keyed hash of address, purpose
	user_id		INTEGER REFERENCES user(id) ON DELETE CASCADE,
	purpose		INTEGER NOT NULL CHECK (purpose IN (0, 1, 2)),
	hash		BLOB NOT NULL CHECK (length(hash) = 32),	-- keyed hash of the code
	tries_left	INTEGER NOT NULL CHECK (tries_left >= 0),
	created_at	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX otp_user ON otp(user_id) WHERE user_id IS NOT NULL;
CREATE INDEX otp_expires ON otp(expires_at);

-- Counters of a time window: failed logins, sent codes, failed codes.
CREATE TABLE throttle (
	scope		TEXT NOT NULL,			-- 'login', 'otp_send', ...
	key		BLOB NOT NULL,			-- keyed hash
	n		INTEGER NOT NULL,
	started_at	INTEGER NOT NULL,
	ends_at		INTEGER NOT NULL,
	PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX throttle_ends ON throttle(ends_at);
