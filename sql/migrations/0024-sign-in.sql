-- Creates one-time codes that belong to one account, their state for clients,
-- counters by identifier, and the networks from which accounts sign in.
--
-- otp.purpose: 0 register, 1 login, 2 reset; 3 is reserved for codes that sign
-- in or create an account.
--
-- Codes sent before this migration become invalid.

DROP TABLE otp;

-- A code belongs to one account, one purpose and one address. A single row with
-- user_id null is written for identifiers without an account, so that these
-- requests do the same work. It matches no code.
CREATE TABLE otp (
	key		BLOB PRIMARY KEY CHECK (length(key) = 32), -- keyed hash of purpose, account, address
	user_id		INTEGER REFERENCES user(id) ON DELETE CASCADE,
	purpose		INTEGER NOT NULL CHECK (purpose BETWEEN 0 AND 3),
	sent		BLOB CHECK (length(sent) = 32),	-- keyed hash of the address
	network		BLOB CHECK (length(network) = 32), -- keyed hash; null: not a registration by SMS
	hash		BLOB NOT NULL CHECK (length(hash) = 32), -- keyed hash of the code
	tries_left	INTEGER NOT NULL CHECK (tries_left >= 0),
	used_at		INTEGER,			-- null: not used
	created_at	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX otp_user ON otp(user_id) WHERE user_id IS NOT NULL;
CREATE INDEX otp_expires ON otp(expires_at);
CREATE INDEX otp_sent ON otp(sent, purpose, created_at);

-- The state of codes that a client can observe, by identifier. Each request
-- for a code writes a row, whether or not an account has the identifier. The
-- number of rows is limited: the oldest are deleted.
CREATE TABLE otp_request (
	seq		INTEGER PRIMARY KEY AUTOINCREMENT,
	key		BLOB NOT NULL UNIQUE CHECK (length(key) = 32), -- keyed hash of purpose, identifier
	code		BLOB NOT NULL CHECK (length(code) = 32), -- otp.key
	tries_left	INTEGER NOT NULL CHECK (tries_left >= 0),
	created_at	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX otp_request_expires ON otp_request(expires_at);

-- Counters of a time window that clients can observe, by identifier, whether or
-- not an account has it. The number of rows is limited: the oldest are deleted.
-- The table throttle contains the counters of accounts, which clients cannot
-- observe.
CREATE TABLE public_counter (
	seq		INTEGER PRIMARY KEY AUTOINCREMENT,
	scope		TEXT NOT NULL,			-- 'login', 'otp_send', 'otp_guess'
	key		BLOB NOT NULL CHECK (length(key) = 32),	-- keyed hash
	n		INTEGER NOT NULL,
	ends_at		INTEGER NOT NULL,
	UNIQUE (scope, key)
) STRICT;
CREATE INDEX public_counter_ends ON public_counter(ends_at);

-- The networks (IPv4 /24, IPv6 /64) from which an account has signed in.
CREATE TABLE sign_in_network (
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	network		BLOB NOT NULL CHECK (length(network) = 32), -- keyed hash of account, network
	used_at		INTEGER NOT NULL,		-- last sign-in
	PRIMARY KEY (user_id, network)
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_network_used ON sign_in_network(used_at);
