-- Changes of contact addresses.

-- name: contact_change_get
-- index: contact_change primary key
SELECT address, hash, tries_left, created_at, expires_at FROM contact_change
WHERE user_id = :user AND channel = :channel;

-- name: contact_change_put
-- index: contact_change primary key
INSERT OR REPLACE INTO contact_change(user_id, channel, address, hash,
    tries_left, created_at, expires_at)
VALUES (:user, :channel, :address, :hash, :tries, :now, :expires);

-- name: contact_change_miss
-- index: contact_change primary key
UPDATE contact_change SET tries_left = tries_left - 1
WHERE user_id = :user AND channel = :channel AND tries_left > 0;

-- name: contact_change_drop
-- index: contact_change primary key
DELETE FROM contact_change WHERE user_id = :user AND channel = :channel;

-- name: contact_change_drop_all
-- index: contact_change primary key
DELETE FROM contact_change WHERE user_id = :user;

-- name: contact_undo_add
-- index: user primary key, device_session primary key
INSERT INTO contact_undo(hash, user_id, email, phone, email_ok, phone_ok,
    signed_in_at, sent_to, created_at, expires_at)
SELECT :hash, id, email, phone, email_ok, phone_ok,
    (SELECT created_at FROM device_session WHERE id = :session), :to, :now,
    :expires
FROM user WHERE id = :user;

-- name: contact_undo_get
-- index: contact_undo hash
SELECT user_id, created_at, ifnull(signed_in_at, created_at)
FROM contact_undo WHERE hash = :hash AND expires_at > :now;

-- The first change since a time.
-- name: contact_undo_first
-- index: contact_undo_user
SELECT id, email, phone, email_ok, phone_ok FROM contact_undo
WHERE user_id = :user AND created_at >= :since AND expires_at > :now
ORDER BY id LIMIT 1;

-- The links of a change and of later ones.
-- name: contact_undo_drop
-- index: contact_undo_user
DELETE FROM contact_undo WHERE user_id = :user AND id >= :id;

-- The links after a change that other addresses than these received.
-- name: contact_undo_drop_others
-- index: contact_undo_user
DELETE FROM contact_undo WHERE user_id = :user AND id > :id
    AND sent_to IS NOT NULL AND sent_to IS NOT :email AND sent_to IS NOT :phone;

-- Addresses that were added by knowing only the password.
-- name: contact_password_address_get
-- index: password_address primary key
SELECT 1 FROM password_address WHERE user_id = :user AND channel = :channel;

-- name: contact_password_address_add
-- index: device_session primary key, password_address primary key
INSERT INTO password_address(user_id, channel)
SELECT user_id, :channel FROM device_session
WHERE id = :session AND user_id = :user AND from_password;

-- name: contact_password_address_drop
-- index: password_address primary key
DELETE FROM password_address WHERE user_id = :user AND channel = :channel;

-- name: contact_password_address_drop_all
-- index: password_address primary key
DELETE FROM password_address WHERE user_id = :user;

-- name: contact_drop_phone
-- index: user primary key
UPDATE user SET phone = NULL, phone_ok = 0, version = version + 1,
    updated_at = :now
WHERE id = :user AND status <> 2;

-- name: contact_drop_email
-- index: user primary key
UPDATE user SET email = NULL, email_ok = 0, version = version + 1,
    updated_at = :now
WHERE id = :user AND status <> 2;

-- name: contact_lock_get
-- index: contact_lock primary key
SELECT until FROM contact_lock WHERE user_id = :user AND until > :now;

-- name: contact_lock_put
-- index: contact_lock primary key
INSERT INTO contact_lock(user_id, until) VALUES (:user, :until)
ON CONFLICT (user_id) DO UPDATE SET until = max(until, excluded.until);

-- name: contact_set_email
-- index: user primary key
UPDATE user SET email = :address, email_ok = 1, version = version + 1,
    updated_at = :now
WHERE id = :user AND status <> 2;

-- name: contact_set_phone
-- index: user primary key
UPDATE user SET phone = :address, phone_ok = 1, version = version + 1,
    updated_at = :now
WHERE id = :user AND status <> 2;

-- An attacker may know the password.
-- name: contact_restore
-- index: user primary key
UPDATE user SET email = :email, email_ok = :email_ok, phone = :phone,
    phone_ok = :phone_ok, password = NULL, version = version + 1,
    updated_at = :now
WHERE id = :user AND status <> 2;

-- The SMS of a type that a user got since a time, up to :max.
-- name: contact_notice_sms
-- index: outbox_user
SELECT count(*) FROM (SELECT 1 FROM outbox INDEXED BY outbox_user
    WHERE user_id = :user AND channel = 1 AND template = :type
    AND created_at > :since LIMIT :max);

-- name: contact_staff_without
-- index: user_staff
SELECT count(*), min(username) FROM user INDEXED BY user_staff
WHERE (roles >= 4 OR staff_roles <> 0) AND id > 0 AND status = 1
    AND (email IS NULL OR email_ok = 0) AND (phone IS NULL OR phone_ok = 0);
