-- Adds sign-in with OpenID providers.

-- Accounts of providers that sign an account in. issuer and subject are the
-- claims iss and sub; provider is the name of the section [oidc.NAME].
CREATE TABLE identity (
	id		INTEGER PRIMARY KEY,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	provider	TEXT NOT NULL,
	issuer		TEXT NOT NULL,
	subject		TEXT NOT NULL,
	created_at	INTEGER NOT NULL,
	used_at		INTEGER NOT NULL,
	UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX identity_user ON identity(user_id, id);

-- SHA-256 of the signed text of each ID token that was used, until it expires.
CREATE TABLE used_id_token (
	hash		BLOB PRIMARY KEY CHECK (length(hash) = 32),
	expires_at	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_id_token_expires ON used_id_token(expires_at);

-- When the keys of a provider were fetched from a URL.
CREATE TABLE oidc_provider (
	name		TEXT PRIMARY KEY,
	url		TEXT NOT NULL,
	tried_at	INTEGER NOT NULL,	-- start of the last request; 0: none
	fetched_at	INTEGER NOT NULL,	-- of the keys; 0: never
	fresh_until	INTEGER NOT NULL,
	wanted		INTEGER NOT NULL CHECK (wanted IN (0, 1)),
	error		TEXT			-- of the last request; null: none
) STRICT, WITHOUT ROWID;

-- Public keys. type: 1 RSA (first: n, second: e), 2 P-256 (x, y).
CREATE TABLE oidc_key (
	provider	TEXT NOT NULL REFERENCES oidc_provider(name) ON DELETE CASCADE,
	kid		TEXT NOT NULL,
	type		INTEGER NOT NULL CHECK (type IN (1, 2)),
	first		BLOB NOT NULL,
	second		BLOB NOT NULL,
	PRIMARY KEY (provider, kid, type)
) STRICT, WITHOUT ROWID;
