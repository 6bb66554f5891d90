-- Bans of accounts.

-- The status, and whether an address is verified or the account has none.
-- name: account_ban_state
-- index: user primary key
SELECT status, (email IS NOT NULL AND email_ok = 1)
    OR (phone IS NOT NULL AND phone_ok = 1)
    OR (email IS NULL AND phone IS NULL)
FROM user WHERE id = :id;

-- name: account_ban_set
-- index: user primary key
UPDATE user SET status = 3, banned_until = :until, ban_reason = :reason,
    version = version + 1, updated_at = :now
WHERE id = :id;

-- name: account_ban_lift
-- index: user primary key
UPDATE user SET status = :status, banned_until = NULL, ban_reason = NULL,
    version = version + 1, updated_at = :now
WHERE id = :id;

-- Expired bans.
-- name: account_ban_due
-- index: user_banned
SELECT id FROM user INDEXED BY user_banned
WHERE status = 3 AND banned_until <= :until
ORDER BY banned_until
LIMIT :limit;
