-- Recent sign-ins.

-- name: reauth_recent
-- index: device_session primary key
SELECT 1 FROM device_session
WHERE id = :session AND user_id = :user AND revoked_at IS NULL
    AND created_at > :since;
