-- The caller of a request.

-- name: actor_load
-- index: user, device_session and service_token primary keys
SELECT u.uuid, u.roles | u.staff_roles, u.status, u.banned_until,
    (s.id IS NOT NULL AND s.revoked_at IS NULL)
    OR (t.id IS NOT NULL AND t.revoked_at IS NULL)
FROM user AS u
LEFT JOIN device_session AS s ON s.id = :session AND s.user_id = u.id
LEFT JOIN service_token AS t ON t.id = :service_token AND t.user_id = u.id
WHERE u.id = :user;
