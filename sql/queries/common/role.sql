-- The roles of accounts.

-- name: role_get
-- index: user primary key
SELECT roles | staff_roles FROM user WHERE id = :id AND status <> 2;

-- name: role_set
-- index: user primary key
UPDATE user SET roles = :roles & 15, staff_roles = :roles & 112,
    version = version + 1, updated_at = :now
WHERE id = :id;
