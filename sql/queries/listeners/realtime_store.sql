-- Realtime connections.

-- name: realtime_store_ticket_add
-- index: realtime_ticket primary key
INSERT INTO realtime_ticket(hash, user_id, session_id, service_token_id,
    expires_at)
VALUES (:hash, :user, :session, :service_token, :expires);

-- name: realtime_store_ticket_take
-- index: realtime_ticket primary key
DELETE FROM realtime_ticket WHERE hash = :hash
RETURNING user_id, session_id, service_token_id, expires_at;

-- name: realtime_store_ticket_prune
-- index: realtime_ticket_expires
DELETE FROM realtime_ticket WHERE expires_at < :now;

-- The newest event of all users.
-- name: realtime_store_head
-- index: event primary key
SELECT coalesce(max(id), 0) FROM event;

-- name: realtime_store_feed
-- index: event primary key
SELECT id, user_id, seq, type, at, data, channel, device FROM event
WHERE id > :after ORDER BY id LIMIT :limit;

-- Users that have this listener as a favorite, except those whom a block hides.
-- name: realtime_store_watchers
-- index: favorite_entity; user_block_pair primary key
SELECT f.user_id FROM favorite AS f
WHERE f.kind = 1 AND f.entity_id = :listener
    AND NOT EXISTS (SELECT 1 FROM user_block_pair AS b
	WHERE b.user_id = :listener AND b.other_id = f.user_id);

-- The newest revocation.
-- name: realtime_store_revocation_head
-- index: realtime_revocation primary key
SELECT coalesce(max(id), 0) FROM realtime_revocation;

-- name: realtime_store_revocations
-- index: realtime_revocation primary key
SELECT id, user_id, coalesce(session_id, 0), coalesce(service_token_id, 0)
FROM realtime_revocation WHERE id > :after ORDER BY id;

-- name: realtime_store_hold
-- index: realtime_user primary key
INSERT INTO realtime_user(user_id, since) VALUES (:user, :now)
ON CONFLICT (user_id) DO UPDATE SET disconnected_at = NULL;

-- name: realtime_store_release
-- index: realtime_user primary key
UPDATE realtime_user SET disconnected_at = :now WHERE user_id = :user;

-- All held users; read once, when the daemon starts.
-- name: realtime_store_held
-- index: realtime_user primary key
-- allow: scan
SELECT user_id FROM realtime_user WHERE disconnected_at IS NULL;

-- Deletes rows of users whose last connection ended before :before.
-- name: realtime_store_forget
-- index: realtime_user_disconnected
DELETE FROM realtime_user WHERE user_id IN (SELECT user_id FROM realtime_user
    WHERE disconnected_at < :before ORDER BY disconnected_at LIMIT :max);
