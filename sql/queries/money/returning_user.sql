-- Addresses that accounts gave up, and accounts that verified them again.

-- name: returning_user_keep
-- index: former_address primary key
INSERT INTO former_address(hash, user_id, deleted_at)
VALUES (:hash, :user, :now)
ON CONFLICT (hash) DO UPDATE SET user_id = excluded.user_id,
    deleted_at = excluded.deleted_at;

-- name: returning_user_find
-- index: former_address and user primary keys
SELECT f.user_id, f.deleted_at, u.status = 2 FROM former_address AS f
CROSS JOIN user AS u ON u.id = f.user_id
WHERE f.hash = :hash AND f.deleted_at > :since;

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

-- The account that returned for a deleted one, or for one that did so. :since:
-- earlier deletions do not count. An account that did not return is itself.
-- name: returning_user_payer
-- index: closed_wallet primary key, returning_user_former
WITH RECURSIVE account(id, n) AS (
    VALUES (:user, 0)
    UNION ALL
    SELECT (SELECT min(r.user_id) FROM returning_user AS r
	WHERE r.former_id = a.id), a.n + 1
    FROM account AS a CROSS JOIN closed_wallet AS c ON c.user_id = a.id
    WHERE c.closed_at > :since AND a.n < 100)
SELECT id, max(n) FROM account WHERE id IS NOT NULL;

-- Deletes all hashes of the account that had an address.
-- name: returning_user_forget
-- index: former_address primary key, former_address_user
DELETE FROM former_address
WHERE user_id = (SELECT user_id FROM former_address WHERE hash = :hash)
RETURNING user_id;
