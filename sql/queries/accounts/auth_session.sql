-- Signed-in devices and their refresh tokens.

-- name: auth_session_add
-- index: device_session primary key
INSERT INTO device_session(user_id, created_at, used_at, user_agent, mfa_at,
    from_password)
VALUES (:user, :now, :now, :agent, :mfa, :password);

-- Deletes the oldest devices of a user with more than :max.
-- name: auth_session_trim
-- index: device_session_user, then the primary key
DELETE FROM device_session WHERE id IN (SELECT id FROM device_session
    WHERE user_id = :user ORDER BY id DESC LIMIT 5 OFFSET :max);

-- name: auth_session_used
-- index: device_session primary key
UPDATE device_session SET used_at = :now WHERE id = :id;

-- name: auth_session_revoke
-- index: device_session primary key
UPDATE device_session SET revoked_at = :now
WHERE id = :id AND user_id = :user AND revoked_at IS NULL;

-- name: auth_session_revoke_all
-- index: device_session_user
UPDATE device_session SET revoked_at = :now
WHERE user_id = :user AND revoked_at IS NULL AND id <> :but;

-- Used codes are kept, so that using one again gets the same response.
-- name: auth_session_drop_codes
-- index: otp_user
DELETE FROM otp WHERE user_id = :id AND used_at IS NULL;

-- name: auth_session_count
-- index: device_session_user
SELECT count(*) FROM device_session
WHERE user_id = :user AND revoked_at IS NULL AND used_at > :since;

-- name: auth_session_list
-- index: device_session_user
SELECT id, created_at, used_at, user_agent FROM device_session
WHERE user_id = :user AND id < :before
    AND revoked_at IS NULL AND used_at > :since
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- A device for the audit log.
-- name: auth_session_audit
-- index: device_session primary key
SELECT json_object('device_id', id, 'user_agent', user_agent, 'signed_in',
    json(iif(revoked_at IS NULL, 'true', 'false')))
FROM device_session WHERE id = :id;

-- name: refresh_token_add
-- index: refresh_token primary key
INSERT INTO refresh_token(hash, session_id, expires_at)
VALUES (:hash, :session, :expires);

-- Deletes the oldest tokens of a device with more than :max.
-- name: refresh_token_trim
-- index: refresh_token_session, then the primary key
DELETE FROM refresh_token WHERE hash IN (SELECT hash FROM refresh_token
    WHERE session_id = :session ORDER BY expires_at DESC LIMIT 5 OFFSET :max);

-- name: refresh_token_get
-- index: primary keys
SELECT r.session_id, d.user_id, r.expires_at, r.spent_at,
    EXISTS (SELECT 1 FROM refresh_token AS s
	WHERE s.hash = r.successor AND s.spent_at IS NOT NULL),
    d.revoked_at IS NOT NULL, u.status, u.banned_until, r.renewals,
    r.replaced, d.created_at
FROM refresh_token AS r
JOIN device_session AS d ON d.id = r.session_id
JOIN user AS u ON u.id = d.user_id
WHERE r.hash = :hash;

-- A used token stays valid as long as its successor, which it may return again.
-- name: refresh_token_spend
-- index: refresh_token primary key
UPDATE refresh_token SET spent_at = :now, successor = :successor,
    renewals = :renewals, expires_at = :expires
WHERE hash = :hash;

-- name: refresh_token_replace
-- index: refresh_token primary key, twice
UPDATE refresh_token SET replaced = 1
WHERE hash = (SELECT successor FROM refresh_token WHERE hash = :hash);
