-- Second factors and sign-ins that wait for them.

-- name: mfa_state
-- index: totp primary key, recovery_code primary key
SELECT t.confirmed_at IS NOT NULL,
    (SELECT count(*) FROM recovery_code AS r WHERE r.user_id = t.user_id)
FROM totp AS t WHERE t.user_id = :user;

-- name: mfa_factor
-- index: totp primary key
SELECT secret, created_at, ifnull(confirmed_at, 0) FROM totp
WHERE user_id = :user;

-- Replaces a secret that is not active.
-- name: mfa_totp_add
-- index: totp primary key
INSERT INTO totp(user_id, secret, created_at) VALUES (:user, :secret, :now)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, counter = 0,
    created_at = max(excluded.created_at, totp.created_at + 1)
WHERE totp.confirmed_at IS NULL;

-- name: mfa_totp_activate
-- index: totp primary key
UPDATE totp SET confirmed_at = :now, counter = :step
WHERE user_id = :user AND created_at = :created AND confirmed_at IS NULL;

-- Each step is accepted once, and none before it.
-- name: mfa_totp_used
-- index: totp primary key
UPDATE totp SET counter = :step
WHERE user_id = :user AND created_at = :created AND counter < :step
    AND confirmed_at IS NOT NULL;

-- name: mfa_recovery_add
-- index: recovery_code primary key
INSERT INTO recovery_code(user_id, hash) VALUES (:user, :hash);

-- name: mfa_recovery_use
-- index: recovery_code primary key
DELETE FROM recovery_code WHERE user_id = :user AND hash = :hash;

-- name: mfa_drop_totp
-- index: totp primary key
DELETE FROM totp WHERE user_id = :user;

-- name: mfa_drop_recovery
-- index: recovery_code primary key
DELETE FROM recovery_code WHERE user_id = :user;

-- name: mfa_drop_challenges
-- index: mfa_challenge_user
DELETE FROM mfa_challenge WHERE user_id = :user;

-- name: mfa_session
-- index: device_session primary key
UPDATE device_session SET mfa_at = :now WHERE id = :id AND user_id = :user;

-- name: mfa_challenge_add
-- index: mfa_challenge primary key
INSERT INTO mfa_challenge(hash, user_id, tries_left, created_at, expires_at,
    from_password)
VALUES (:hash, :user, :tries, :now, :expires, :password);

-- Deletes the oldest challenges of a user with more than :max.
-- name: mfa_challenge_trim
-- index: mfa_challenge_user, then the primary key
DELETE FROM mfa_challenge WHERE hash IN (SELECT hash FROM mfa_challenge
    WHERE user_id = :user ORDER BY created_at DESC LIMIT 5 OFFSET :max);

-- name: mfa_challenge_find
-- index: mfa_challenge primary key
SELECT user_id, tries_left, from_password FROM mfa_challenge
WHERE hash = :hash AND expires_at > :now;

-- name: mfa_challenge_tries
-- index: mfa_challenge primary key
UPDATE mfa_challenge SET tries_left = :tries WHERE hash = :hash;

-- name: mfa_challenge_drop
-- index: mfa_challenge primary key
DELETE FROM mfa_challenge WHERE hash = :hash;
