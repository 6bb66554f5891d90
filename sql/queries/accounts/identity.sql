-- Accounts of OpenID providers that sign an account in.

-- name: identity_find
-- index: identity unique (issuer, subject)
SELECT id, user_id, from_password FROM identity
WHERE issuer = :issuer AND subject = :subject;

-- name: identity_add
-- index: identity primary key, device_session primary key
INSERT INTO identity(user_id, provider, issuer, subject, created_at, used_at,
    from_password)
VALUES (:user, :provider, :issuer, :subject, :now, :now,
    ifnull((SELECT from_password FROM device_session WHERE id = :session),
    :password));

-- name: identity_used
-- index: identity primary key
UPDATE identity SET used_at = :now WHERE id = :id;

-- name: identity_list
-- index: identity_user
SELECT id, provider, issuer, subject, created_at, used_at FROM identity
WHERE user_id = :user ORDER BY id LIMIT :max;

-- name: identity_drop
-- index: identity primary key
DELETE FROM identity WHERE id = :id AND user_id = :user;

-- name: identity_drop_all
-- index: identity_user
DELETE FROM identity WHERE user_id = :user;

-- name: identity_use_token
-- index: used_id_token primary key
INSERT INTO used_id_token(hash, expires_at) VALUES (:hash, :expires);
