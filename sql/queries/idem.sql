-- Idempotency keys.

-- name: idem_find
-- index: idempotency primary key
SELECT request, rc, location, body, created_at FROM idempotency
WHERE user_id = :user AND key = :key AND created_at > :since;

-- name: idem_keep
-- index: idempotency primary key
INSERT INTO idempotency(user_id, key, request, rc, location, body, created_at)
VALUES (:user, :key, :request, :rc, :location, :body, :now)
ON CONFLICT (user_id, key) DO UPDATE SET request = excluded.request,
    rc = excluded.rc, location = excluded.location, body = excluded.body,
    created_at = excluded.created_at;

-- name: idem_release
-- index: idempotency primary key
UPDATE idempotency SET rc = -2 WHERE user_id = :user AND key = :key AND rc = -1;
