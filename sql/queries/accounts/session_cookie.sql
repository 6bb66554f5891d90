-- Login sessions with a cookie.

-- Makes a login session one with a cookie. Its refresh tokens are deleted.
-- name: session_cookie_set
-- index: device_session primary key
UPDATE device_session SET cookie = :hash, staff = :staff WHERE id = :id;

-- name: session_cookie_drop_tokens
-- index: refresh_token_session
DELETE FROM refresh_token WHERE session_id = :id;

-- name: session_cookie_find
-- index: device_session_cookie
SELECT id, user_id, iif(staff, created_at, used_at), created_at
FROM device_session
WHERE cookie = :hash AND staff = :staff AND revoked_at IS NULL;

-- name: session_cookie_renew
-- index: device_session primary key
UPDATE device_session SET used_at = :now WHERE id = :id AND staff = 0;
