-- One-time codes.

-- name: otp_get
-- index: otp primary key
SELECT user_id, hash, tries_left, created_at, expires_at FROM otp
WHERE key = :key;

-- The newest alone is valid.
-- name: otp_put
-- index: otp primary key
INSERT INTO otp(key, user_id, purpose, hash, tries_left, created_at, expires_at)
VALUES (:key, :user, :purpose, :hash, :tries, :now, :expires)
ON CONFLICT (key) DO UPDATE SET user_id = excluded.user_id,
    hash = excluded.hash, tries_left = excluded.tries_left,
    created_at = excluded.created_at, expires_at = excluded.expires_at;

-- name: otp_miss
-- index: otp primary key
UPDATE otp SET tries_left = tries_left - 1 WHERE key = :key AND tries_left > 0;

-- name: otp_drop
-- index: otp primary key
DELETE FROM otp WHERE key = :key;
