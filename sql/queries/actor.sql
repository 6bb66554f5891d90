-- Who is calling.

-- name: actor_load
-- index: user and device_session primary keys
SELECT u.uuid, u.roles, u.status, u.banned_until,
    s.id IS NOT NULL AND s.revoked_at IS NULL
FROM user AS u
LEFT JOIN device_session AS s ON s.id = :session AND s.user_id = u.id
WHERE u.id = :user;
