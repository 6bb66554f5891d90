-- E-mail addresses that do not accept mail.

-- name: mail_address_suppress
-- index: mail_suppression primary key
INSERT INTO mail_suppression(key, reason, status, created_at, expires_at)
VALUES (:key, :reason, :status, :now, :expires)
ON CONFLICT (key) DO UPDATE SET reason = excluded.reason,
    status = excluded.status, expires_at = excluded.expires_at;

-- name: mail_address_allow
-- index: mail_suppression primary key
DELETE FROM mail_suppression WHERE key = :key;

-- name: mail_address_suppressed
-- index: mail_suppression primary key
SELECT 1 FROM mail_suppression WHERE key = :key AND expires_at > :now;
