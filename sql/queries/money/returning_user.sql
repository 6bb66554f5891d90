-- Addresses of deleted accounts, and accounts that verified them again.

-- name: returning_user_keep
-- index: former_address primary key
INSERT INTO former_address(hash, user_id, deleted_at)
VALUES (:hash, :user, :now)
ON CONFLICT (hash) DO UPDATE SET user_id = excluded.user_id,
    deleted_at = excluded.deleted_at;

-- name: returning_user_find
-- index: former_address primary key
SELECT user_id, deleted_at FROM former_address
WHERE hash = :hash AND deleted_at > :since;

-- name: returning_user_link
-- index: none: an insert
INSERT INTO returning_user(user_id, former_id, at)
VALUES (:user, :former, :now)
ON CONFLICT (user_id, former_id) DO NOTHING;

-- Adds the redemptions of a deleted account, and those of its former accounts.
-- name: returning_user_redemptions
-- index: redemption_user; former_redemption primary key
-- allow: sort
INSERT INTO former_redemption(user_id, promotion_id, n)
SELECT :user, promotion_id, sum(n) FROM (
    SELECT promotion_id, max(n) AS n
    FROM redemption INDEXED BY redemption_user
    WHERE user_id = :former GROUP BY promotion_id
    UNION ALL
    SELECT promotion_id, n FROM former_redemption WHERE user_id = :former)
WHERE true
GROUP BY promotion_id
ON CONFLICT (user_id, promotion_id) DO UPDATE SET n = n + excluded.n;

-- name: returning_user_forget
-- index: former_address primary key
DELETE FROM former_address WHERE hash = :hash RETURNING user_id;
