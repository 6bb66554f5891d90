-- Tokens of other backends.

-- name: service_token_find
-- index: service_token hash
SELECT user_id, id FROM service_token
WHERE hash = :hash AND revoked_at IS NULL;

-- name: service_token_add
-- index: service_token_user
INSERT INTO service_token(user_id, hash, created_at)
VALUES (:user, :hash, :now);

-- name: service_token_revoke
-- index: service_token_user
UPDATE service_token SET revoked_at = :now
WHERE user_id = :user AND revoked_at IS NULL;

-- The list for the operator. Tokens are few, so the table is scanned.
-- name: service_token_list
-- index: service_token primary key, user primary key
-- allow: scan
SELECT u.username, t.created_at, t.revoked_at
FROM service_token AS t
CROSS JOIN user AS u ON u.id = t.user_id
ORDER BY t.id;
