-- Stored responses by Idempotency-Key.

-- name: idempotency_find
-- index: idempotency primary key
SELECT request, rc, location, body, created_at, media_type FROM idempotency
WHERE user_id = :user AND key = :key AND created_at > :since;

-- name: idempotency_keep
-- index: idempotency primary key
INSERT INTO idempotency(user_id, key, request, rc, location, body, created_at,
    media_type)
VALUES (:user, :key, :request, :rc, :location, :body, :now, :media_type)
ON CONFLICT (user_id, key) DO UPDATE SET request = excluded.request,
    rc = excluded.rc, location = excluded.location, body = excluded.body,
    created_at = excluded.created_at, media_type = excluded.media_type;

-- name: idempotency_usage
-- index: quota_usage primary key
SELECT n_keys, key_bytes FROM quota_usage WHERE user_id = :user;

-- Deletes the oldest keys that have a response.
-- name: idempotency_trim
-- index: idempotency_user, then the primary key
DELETE FROM idempotency WHERE (user_id, key) IN (
    SELECT user_id, key FROM idempotency
    WHERE user_id = :user AND rc <> -1 ORDER BY created_at LIMIT :max);

-- name: idempotency_release
-- index: idempotency primary key
UPDATE idempotency SET rc = -2 WHERE user_id = :user AND key = :key AND rc = -1;
