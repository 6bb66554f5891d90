-- Accounts. All statements that read accounts have the same columns, for
-- account_row().

-- name: account_get
-- index: user primary key
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE id = :id;

-- name: account_by_username
-- index: user username
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE username = :text;

-- name: account_by_email
-- index: user_email
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE email = :text AND email_ok = 1;

-- name: account_by_phone
-- index: user_phone
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE phone = :text AND phone_ok = 1;

-- The newest claim of an address. For an e-mail address, accounts without a
-- phone come first, because their codes are sent there.
-- name: account_pending_email
-- index: user_email_claim
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE email = :text AND email_ok = 0 AND status = 0
ORDER BY phone IS NULL DESC, id DESC LIMIT 1;

-- The newest claim, with or without a phone. The user's own password then works
-- even if other accounts claim the address, too, and does not reveal them.
-- name: account_newest_pending
-- index: user_email_claim, twice, then the primary key
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE id = (SELECT max(id) FROM (
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 0 AND (phone IS NULL) = 0 ORDER BY id DESC LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 0 AND (phone IS NULL) = 1 ORDER BY id DESC LIMIT 1)));

-- Accounts that claim an address without having verified it.
-- name: account_last_email
-- index: user_email_claim, twice, then the primary key
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE id = (SELECT max(id) FROM (
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 1 AND (phone IS NULL) = 0 ORDER BY id DESC LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 1 AND (phone IS NULL) = 1 ORDER BY id DESC LIMIT 1)));

-- name: account_first_email
-- index: user_email_claim, twice, then the primary key
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE id = (SELECT min(id) FROM (
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 1 AND (phone IS NULL) = 0 ORDER BY id LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 1 AND (phone IS NULL) = 1 ORDER BY id LIMIT 1)));

-- name: account_pending_phone
-- index: user_phone_claim
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE phone = :text AND phone_ok = 0 AND status = 0
ORDER BY id DESC LIMIT 1;

-- name: account_last_phone
-- index: user_phone_claim
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE phone = :text AND phone_ok = 0 AND status = 1
ORDER BY id DESC LIMIT 1;

-- name: account_first_phone
-- index: user_phone_claim
SELECT id, uuid, status, roles | staff_roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE phone = :text AND phone_ok = 0 AND status = 1
ORDER BY id LIMIT 1;

-- name: account_has_username
-- index: user username
SELECT 1 FROM user WHERE username = :text;

-- name: account_has_referral
-- index: user referral_code
SELECT 1 FROM user WHERE referral_code = :text;

-- name: account_referrer
-- index: user referral_code
SELECT id FROM user WHERE referral_code = upper(:code) AND status = 1;

-- name: account_add
-- index: user primary key
INSERT INTO user(uuid, status, roles, staff_roles, username, sex, preferred_language,
    country, email, phone, email_ok, phone_ok, password, referral_code,
    referred_by, created_at, updated_at)
VALUES (:uuid, :status, :roles & 15, :roles & 112, :username, :sex, :language,
    :country, :email, :phone, :proved AND :email IS NOT NULL,
    :proved AND :phone IS NOT NULL, :password, :referral, :referrer, :now,
    :now);

-- name: account_verify
-- index: user primary key
UPDATE user SET status = CASE status WHEN 0 THEN 1 ELSE status END,
    email_ok = max(email_ok, :email), phone_ok = max(phone_ok, :phone),
    version = version + 1, updated_at = :now
WHERE id = :id AND status <> 2;

-- Removes the contents of a registration that the owner may not have chosen.
-- name: account_verify_only
-- index: user primary key
UPDATE user SET status = 1, email_ok = :email, phone_ok = :phone,
    email = iif(:email, email, NULL), phone = iif(:phone, phone, NULL),
    password = NULL, sex = NULL, bio = NULL, interests = NULL,
    preferred_language = NULL, accept_language = NULL, country = NULL,
    referred_by = :referrer,
    version = version + 1, updated_at = :now
WHERE id = :id AND status = 0;

-- Counts the pending registrations with an address, up to two.
-- name: account_pending_emails
-- index: user_email_claim
SELECT count(*) FROM (SELECT 1 FROM user
    WHERE email = :text AND email_ok = 0 AND status = 0 LIMIT 2);

-- name: account_pending_phones
-- index: user_phone_claim
SELECT count(*) FROM (SELECT 1 FROM user
    WHERE phone = :text AND phone_ok = 0 AND status = 0 LIMIT 2);

-- name: account_set_password
-- index: user primary key
UPDATE user SET password = :hash, updated_at = :now
WHERE id = :id AND status <> 2;

-- Rows that are deleted with an account.
-- name: account_drop_networks
-- index: sign_in_network primary key
DELETE FROM sign_in_network WHERE user_id = :id;

-- name: account_drop_languages
-- index: listener_language_user
DELETE FROM listener_language WHERE user_id = :id;

-- Removes the listener from those that wait for approval.
-- name: account_drop_listener
-- index: listener primary key
UPDATE listener SET verification = 2, languages = '', reason = NULL,
    version = version + 1
WHERE user_id = :id;

-- name: account_drop_codes
-- index: otp_user
DELETE FROM otp WHERE user_id = :id;

-- name: account_drop_push
-- index: push_device_user
DELETE FROM push_device WHERE user_id = :id;

-- name: account_drop_preference
-- index: preference primary key
DELETE FROM preference WHERE user_id = :id;

-- name: account_drop_tokens
-- index: service_token_all
DELETE FROM service_token WHERE user_id = :id;

-- Blocks by an account, and of it, unless it may return (returning_user.h).
-- name: account_drop_blocks
-- index: user_block primary key; former_address_user
DELETE FROM user_block WHERE user_id = :id
    AND NOT EXISTS (SELECT 1 FROM former_address WHERE user_id = :id);

-- name: account_drop_blocked
-- index: user_block_blocked; former_address_user
DELETE FROM user_block WHERE blocked_id = :id
    AND NOT EXISTS (SELECT 1 FROM former_address WHERE user_id = :id);

-- name: account_drop_presence
-- index: presence primary key
UPDATE presence SET status = 0, online_until = 0, reachable_until = 0,
    busy_since = NULL, last_seen = NULL, version = version + 1
WHERE user_id = :id;

-- name: account_drop_availability
-- index: listener_availability primary key
DELETE FROM listener_availability WHERE user_id = :id;

-- name: account_drop_contact_changes
-- index: contact_change primary key
DELETE FROM contact_change WHERE user_id = :id;

-- name: account_drop_contact_undos
-- index: contact_undo_user
DELETE FROM contact_undo WHERE user_id = :id;

-- name: account_drop_security_log
-- index: security_log_user
DELETE FROM security_log WHERE user_id = :id;

-- name: account_drop_username_mark
-- index: username_generated primary key
DELETE FROM username_generated WHERE user_id = :id;

-- name: account_drop_links
-- index: one_time_link_user
DELETE FROM one_time_link WHERE user_id = :id;

-- name: account_drop_identities
-- index: identity_user
DELETE FROM identity WHERE user_id = :id;

-- name: account_erase
-- index: user primary key
UPDATE user SET status = 2, username = :username, referral_code = :referral,
    sex = NULL, bio = NULL, interests = NULL, image = NULL,
    preferred_language = NULL, accept_language = NULL, country = NULL,
    email = NULL, phone = NULL, email_ok = 0, phone_ok = 0,
    password = NULL, ban_reason = NULL, banned_until = NULL,
    version = version + 1, updated_at = :now
WHERE id = :id;
