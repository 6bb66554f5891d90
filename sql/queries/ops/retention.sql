-- Deletion of expired rows. Each statement deletes a small batch, oldest first.

-- Expired codes are kept for a day: their response differs from a wrong code.
-- name: retention_otp
-- index: otp_expires
DELETE FROM otp WHERE key IN (SELECT key FROM otp
    WHERE expires_at < :before ORDER BY expires_at LIMIT :max);

-- name: retention_otp_request
-- index: otp_request_expires
DELETE FROM otp_request WHERE seq IN (SELECT seq FROM otp_request
    WHERE expires_at < :before ORDER BY expires_at LIMIT :max);

-- name: retention_public_counter
-- index: public_counter_ends
DELETE FROM public_counter WHERE seq IN (SELECT seq FROM public_counter
    WHERE ends_at < :before ORDER BY ends_at LIMIT :max);

-- name: retention_suppression
-- index: mail_suppression_expires, then the primary key
DELETE FROM mail_suppression WHERE key IN (SELECT key FROM mail_suppression
    WHERE expires_at < :before ORDER BY expires_at LIMIT :max);

-- name: retention_network
-- index: sign_in_network_used, then the primary key
DELETE FROM sign_in_network WHERE (user_id, network) IN (
    SELECT user_id, network FROM sign_in_network
    WHERE used_at < :before ORDER BY used_at LIMIT :max);

-- name: retention_contact_change
-- index: contact_change_expires
DELETE FROM contact_change WHERE (user_id, channel) IN (SELECT user_id, channel
    FROM contact_change
    WHERE expires_at < :before ORDER BY expires_at LIMIT :max);

-- name: retention_contact_undo
-- index: contact_undo_expires
DELETE FROM contact_undo WHERE id IN (SELECT id FROM contact_undo
    WHERE expires_at < :before ORDER BY expires_at LIMIT :max);

-- name: retention_contact_lock
-- index: contact_lock_until
DELETE FROM contact_lock WHERE user_id IN (SELECT user_id FROM contact_lock
    WHERE until < :before ORDER BY until LIMIT :max);

-- name: retention_security_log
-- index: security_log_at
DELETE FROM security_log WHERE id IN (SELECT id FROM security_log
    WHERE at < :before ORDER BY at LIMIT :max);

-- name: retention_refresh
-- index: refresh_token_expires
DELETE FROM refresh_token WHERE hash IN (SELECT hash FROM refresh_token
    WHERE expires_at < :before ORDER BY expires_at LIMIT :max);

-- The tokens of a device are deleted before it, because there may be thousands.
-- name: retention_revoked_tokens
-- index: device_session_revoked, refresh_token_session
DELETE FROM refresh_token WHERE hash IN (SELECT r.hash
    FROM device_session AS d
    CROSS JOIN refresh_token AS r ON r.session_id = d.id
    WHERE d.revoked_at < :before LIMIT :max);

-- name: retention_revoked
-- index: device_session_revoked
DELETE FROM device_session WHERE id IN (SELECT id FROM device_session
    WHERE revoked_at < :before ORDER BY revoked_at LIMIT :max);

-- name: retention_unused
-- index: device_session_used
DELETE FROM device_session WHERE id IN (SELECT id FROM device_session
    WHERE used_at < :before ORDER BY used_at LIMIT :max);

-- name: retention_revocation
-- index: realtime_revocation_at, then the primary key
DELETE FROM realtime_revocation WHERE id IN (SELECT id FROM realtime_revocation
    WHERE at < :before ORDER BY at LIMIT :max);

-- name: retention_one_time_link
-- index: one_time_link_expires
DELETE FROM one_time_link WHERE id IN (SELECT id FROM one_time_link
    WHERE expires_at < :before ORDER BY expires_at LIMIT :max);

-- name: retention_mfa_challenge
-- index: mfa_challenge_expires, then the primary key
DELETE FROM mfa_challenge WHERE hash IN (SELECT hash FROM mfa_challenge
    WHERE expires_at < :before ORDER BY expires_at LIMIT :max);

-- name: retention_id_token
-- index: used_id_token_expires, then the primary key
DELETE FROM used_id_token WHERE hash IN (SELECT hash FROM used_id_token
    WHERE expires_at < :before ORDER BY expires_at LIMIT :max);

-- name: retention_throttle
-- index: throttle_ends, then the primary key
DELETE FROM throttle WHERE (scope, key) IN (SELECT scope, key FROM throttle
    WHERE ends_at < :before ORDER BY ends_at LIMIT :max);

-- name: retention_former_address
-- index: former_address_deleted
DELETE FROM former_address WHERE hash IN (SELECT hash FROM former_address
    WHERE deleted_at < :before ORDER BY deleted_at LIMIT :max);

-- Registrations that were not completed. No other row refers to them.
-- name: retention_pending
-- index: user_pending
DELETE FROM user WHERE id IN (SELECT id FROM user INDEXED BY user_pending
    WHERE status = 0 AND created_at < :before
    ORDER BY created_at LIMIT :max);

-- name: retention_idempotency
-- index: idempotency_created, then the primary key
DELETE FROM idempotency WHERE (user_id, key) IN (
    SELECT user_id, key FROM idempotency
    WHERE created_at < :before ORDER BY created_at LIMIT :max);

-- name: retention_outbox
-- index: outbox_done
DELETE FROM outbox WHERE id IN (SELECT id FROM outbox
    WHERE done_at < :before ORDER BY done_at LIMIT :max);

-- name: retention_sandbox
-- index: sandbox_webhook_created
DELETE FROM sandbox_webhook WHERE id IN (SELECT id FROM sandbox_webhook
    WHERE created_at < :before AND state <> 0
    ORDER BY created_at LIMIT :max);

-- name: retention_notification
-- index: notification primary key
-- allow: scan
DELETE FROM notification WHERE id IN (SELECT id FROM
    (SELECT id, created_at FROM notification ORDER BY id LIMIT :max)
    WHERE created_at < :before);

-- Push devices whose app was not opened for so long that the token is invalid.
-- name: retention_push_device
-- index: push_device_used, then the primary key
DELETE FROM push_device WHERE token IN (SELECT token FROM push_device
    WHERE used_at < :before ORDER BY used_at LIMIT :max);

-- The last of the oldest rows of the log that are old enough and counted.
-- name: retention_log_end
-- index: favorite_log primary key
SELECT max(seq) FROM (SELECT seq, at FROM favorite_log
    WHERE seq <= :upto ORDER BY seq LIMIT :max)
WHERE at < :before;

-- name: retention_log
-- index: favorite_log primary key
DELETE FROM favorite_log WHERE seq <= :end;

-- name: retention_hour
-- index: popular_hour primary key
DELETE FROM popular_hour WHERE (hour, kind, entity_id) IN (
    SELECT hour, kind, entity_id FROM popular_hour
    WHERE hour < :before ORDER BY hour LIMIT :max);
