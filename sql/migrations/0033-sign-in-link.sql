-- Adds one-time links.
--
-- one_time_link.kind: 1 sign_in (signs user_id in), 2 staff_invitation (grants
-- roles, bits as in user.roles).

-- Links that work once. The database stores the SHA-256 of the token.
CREATE TABLE one_time_link (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	hash		BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	kind		INTEGER NOT NULL CHECK (kind IN (1, 2)),
	user_id		INTEGER REFERENCES user(id) ON DELETE CASCADE, -- null: anybody
	roles		INTEGER NOT NULL DEFAULT 0 CHECK (roles BETWEEN 0 AND 127),
	created_by	INTEGER REFERENCES user(id) ON DELETE SET NULL, -- null: `earmark`
	created_at	INTEGER NOT NULL,
	expires_at	INTEGER NOT NULL,
	CHECK ((kind = 1) = (user_id IS NOT NULL))
) STRICT;
CREATE INDEX one_time_link_user ON one_time_link(user_id)
WHERE user_id IS NOT NULL;
CREATE INDEX one_time_link_creator ON one_time_link(created_by)
WHERE created_by IS NOT NULL;
CREATE INDEX one_time_link_kind ON one_time_link(kind, id);
CREATE INDEX one_time_link_expires ON one_time_link(expires_at);
