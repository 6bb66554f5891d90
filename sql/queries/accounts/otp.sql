-- One-time codes, and the requests for them by identifier.

-- name: otp_get
-- index: otp primary key
SELECT key, user_id, hash, sent, network, site, tries_left, used_at,
    created_at, expires_at, open
FROM otp
WHERE key = :key;

-- The newest codes that were sent to an address.
-- name: otp_newest
-- index: otp_sent
SELECT key, user_id, hash, sent, network, site, tries_left, used_at,
    created_at, expires_at, open
FROM otp
WHERE sent = :sent AND purpose = :purpose
ORDER BY created_at DESC LIMIT :limit;

-- Another code of a registration does not change its network.
-- name: otp_put
-- index: otp primary key
INSERT INTO otp(key, user_id, open, purpose, sent, network, site, hash,
    tries_left, created_at, expires_at)
VALUES (:key, :user, :open, :purpose, :sent, :network, :site, :hash, :tries,
    :now, :expires)
ON CONFLICT (key) DO UPDATE SET hash = excluded.hash,
    network = coalesce(excluded.network, network),
    site = coalesce(excluded.site, site),
    tries_left = excluded.tries_left, used_at = NULL,
    created_at = excluded.created_at, expires_at = excluded.expires_at;

-- name: otp_miss
-- index: otp primary key
UPDATE otp SET tries_left = tries_left - 1 WHERE key = :key AND tries_left > 0;

-- name: otp_used
-- index: otp primary key
UPDATE otp SET used_at = :now WHERE key = :key;

-- name: otp_request_get
-- index: otp_request key
SELECT code, created_at, expires_at, seq FROM otp_request
WHERE key = :key;

-- A repeated request gets a new rowid, so that it is the newest.
-- name: otp_request_put
-- index: otp_request primary key and key
INSERT OR REPLACE INTO otp_request(key, code, created_at, expires_at)
VALUES (:key, :code, :now, :expires);

-- name: otp_request_trim
-- index: otp_request primary key
DELETE FROM otp_request
WHERE seq <= (SELECT max(seq) FROM otp_request) - :max;
