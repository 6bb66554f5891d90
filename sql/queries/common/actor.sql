-- The caller of a request.

-- name: actor_load
-- index: user_actor, covering, then device_session primary key
SELECT u.uuid, u.roles | u.staff_roles, u.status, u.banned_until,
    s.id IS NOT NULL AND s.revoked_at IS NULL
FROM user AS u INDEXED BY user_actor
LEFT JOIN device_session AS s ON s.id = :credential AND s.user_id = u.id
WHERE u.id = :user;

-- name: actor_load_service
-- index: user_actor, covering, then service_token primary key
SELECT u.uuid, u.roles | u.staff_roles, u.status, u.banned_until,
    t.id IS NOT NULL AND t.revoked_at IS NULL
FROM user AS u INDEXED BY user_actor
LEFT JOIN service_token AS t ON t.id = :credential AND t.user_id = u.id
WHERE u.id = :user;

-- Whether the account has a second factor, and when the session proved it.
-- name: actor_factor
-- index: totp and device_session primary keys
SELECT EXISTS (SELECT 1 FROM totp
	WHERE user_id = :user AND confirmed_at IS NOT NULL),
    (SELECT mfa_at FROM device_session WHERE id = :session AND user_id = :user);

-- End and reason of the ban; no row if the account is not banned.
-- name: actor_ban
-- index: user primary key
SELECT banned_until, ban_reason FROM user WHERE id = :user AND status = 3;
