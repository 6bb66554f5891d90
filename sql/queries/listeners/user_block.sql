-- Users that a user has blocked.

-- name: user_block_add
-- index: user_block primary key
INSERT INTO user_block(user_id, blocked_id, created_at)
VALUES (:user, :blocked, :now)
ON CONFLICT (user_id, blocked_id) DO NOTHING;

-- name: user_block_remove
-- index: user_block primary key
DELETE FROM user_block WHERE user_id = :user AND blocked_id = :blocked;

-- name: user_block_between
-- index: user_block_pair primary key
SELECT EXISTS (SELECT 1 FROM user_block_pair
    WHERE user_id = :one AND other_id = :other);

-- name: user_block_count
-- index: user_block primary key
SELECT count(*) FROM user_block WHERE user_id = :user;

-- The account, unless it was deleted.
-- name: user_block_account
-- index: user primary key
SELECT 1 FROM user WHERE id = :user AND status <> 2;

-- name: user_block_list
-- index: user_block_recent, user primary key
SELECT b.blocked_id, iif(u.status = 2, NULL, u.username),
    iif(u.status = 2, NULL, u.image), b.created_at
FROM user_block AS b INDEXED BY user_block_recent
CROSS JOIN user AS u ON u.id = b.blocked_id
WHERE b.user_id = :user AND (b.created_at, b.blocked_id) < (:at, :id)
ORDER BY b.created_at DESC, b.blocked_id DESC LIMIT :limit OFFSET :offset;

-- Copies the blocks of a deleted account, and the blocks of it. The account that
-- returned and another user may have blocked each other's accounts.
-- name: user_block_carry_over
-- index: user_block primary key, user_block_blocked
INSERT INTO user_block(user_id, blocked_id, created_at)
SELECT :user, blocked_id, created_at FROM user_block
WHERE user_id = :former AND blocked_id <> :user
UNION ALL
SELECT user_id, :user, created_at FROM user_block
WHERE blocked_id = :former AND user_id <> :user
ON CONFLICT (user_id, blocked_id) DO NOTHING;

-- The time of a block.
-- name: user_block_get
-- index: user_block primary key
SELECT created_at FROM user_block
WHERE user_id = :user AND blocked_id = :blocked;
