-- Accounts. Every statement that reads one gives the same columns, for
-- account_row().

-- name: account_get
-- index: user primary key
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE id = :id;

-- name: account_by_username
-- index: user username
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE username = :text;

-- name: account_by_email
-- index: user_email
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE email = :text AND email_ok = 1;

-- name: account_by_phone
-- index: user_phone
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE phone = :text AND phone_ok = 1;

-- The newest claim counts; of an e-mail address, that of an account without a
-- phone comes first, since its codes go there. A deleted account has none.
-- name: account_pending_email
-- index: user_email_claim
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE email = :text AND email_ok = 0 AND status = 0
ORDER BY phone IS NULL DESC, id DESC LIMIT 1;

-- name: account_claim_email
-- index: user_email_claim
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE email = :text AND email_ok = 0 AND status = 1
ORDER BY phone IS NULL DESC, id DESC LIMIT 1;

-- The newest of all, whether or not it has a phone: with the password of one's
-- own registration nobody learns that others have the address too.
-- name: account_newest_pending
-- index: user_email_claim, twice, then the primary key
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE id = (SELECT max(id) FROM (
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 0 AND (phone IS NULL) = 0 ORDER BY id DESC LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 0 AND (phone IS NULL) = 1 ORDER BY id DESC LIMIT 1)));

-- name: account_newest_claim
-- index: user_email_claim, twice, then the primary key
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE id = (SELECT max(id) FROM (
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 1 AND (phone IS NULL) = 0 ORDER BY id DESC LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT id FROM user WHERE email = :text AND email_ok = 0
	AND status = 1 AND (phone IS NULL) = 1 ORDER BY id DESC LIMIT 1)));

-- name: account_pending_phone
-- index: user_phone_claim
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE phone = :text AND phone_ok = 0 AND status = 0
ORDER BY id DESC LIMIT 1;

-- name: account_claim_phone
-- index: user_phone_claim
SELECT id, uuid, status, roles, banned_until, version, username, sex, bio,
    interests, image, preferred_language, country, email, phone, email_ok,
    phone_ok, password, referral_code, created_at
FROM user
WHERE phone = :text AND phone_ok = 0 AND status = 1
ORDER BY id DESC LIMIT 1;

-- name: account_has_username
-- index: user username
SELECT 1 FROM user WHERE username = :text;

-- name: account_has_referral
-- index: user referral_code
SELECT 1 FROM user WHERE referral_code = :text;

-- name: account_referrer
-- index: user referral_code
SELECT id FROM user WHERE referral_code = :code AND status = 1;

-- name: account_add
-- index: user primary key
INSERT INTO user(uuid, status, roles, username, sex, preferred_language,
    country, email, phone, email_ok, phone_ok, password, referral_code,
    referred_by, created_at, updated_at)
VALUES (:uuid, :status, :roles, :username, :sex, :language,
    :country, :email, :phone, :proved, :proved, :password, :referral,
    :referrer, :now, :now);

-- name: account_prove
-- index: user primary key
UPDATE user SET status = CASE status WHEN 0 THEN 1 ELSE status END,
    email_ok = max(email_ok, :email), phone_ok = max(phone_ok, :phone),
    version = version + 1, updated_at = :now
WHERE id = :id AND status <> 2;

-- The owner of the address did not choose what the registration contains.
-- name: account_prove_only
-- index: user primary key
UPDATE user SET status = 1, email_ok = :email, phone_ok = :phone,
    email = iif(:email, email, NULL), phone = iif(:phone, phone, NULL),
    password = NULL, sex = NULL, bio = NULL, interests = NULL,
    preferred_language = NULL, country = NULL, referred_by = NULL,
    version = version + 1, updated_at = :now
WHERE id = :id AND status = 0;

-- Unverified registrations with an address, counted up to two.
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

-- What goes with an account. Favorites first: triggers keep the counts.
-- name: account_drop_favorites
-- index: favorite_pair
DELETE FROM favorite WHERE user_id = :id;

-- name: account_drop_log
-- index: favorite_log_user
DELETE FROM favorite_log WHERE user_id = :id;

-- name: account_drop_totals
-- index: favorite_total primary key
DELETE FROM favorite_total WHERE user_id = :id;

-- name: account_drop_flyers
-- index: flyer_publisher
DELETE FROM flyer WHERE publisher_id = :id;

-- name: account_drop_creatives
-- index: creative_owner
DELETE FROM creative WHERE owner_id = :id;

-- name: account_drop_styles
-- index: style_owner
DELETE FROM style WHERE owner_id = :id;

-- name: account_drop_documents
-- index: document_owner
DELETE FROM document WHERE owner_id = :id;

-- Its refresh tokens go with a device.
-- name: account_drop_devices
-- index: device_session_user
DELETE FROM device_session WHERE user_id = :id;

-- name: account_drop_networks
-- index: sign_in_network primary key
DELETE FROM sign_in_network WHERE user_id = :id;

-- name: account_drop_codes
-- index: otp_user
DELETE FROM otp WHERE user_id = :id;

-- name: account_drop_wishes
-- index: notify_state primary key and notify_state_user
DELETE FROM notify_state WHERE listener_id = :id OR user_id = :id;

-- name: account_drop_messages
-- index: outbox_user
DELETE FROM outbox WHERE user_id = :id;

-- name: account_drop_keys
-- index: idempotency primary key
DELETE FROM idempotency WHERE user_id = :id;

-- The totals stay, at nothing.
-- name: account_drop_notifications
-- index: notification_user
DELETE FROM notification WHERE user_id = :id;

-- name: account_drop_push
-- index: push_device_user
DELETE FROM push_device WHERE user_id = :id;

-- name: account_drop_preference
-- index: preference primary key
DELETE FROM preference WHERE user_id = :id;

-- name: account_drop_tokens
-- index: service_token_all
DELETE FROM service_token WHERE user_id = :id;

-- The numbers go on: event_gone has the last.
-- name: account_drop_events
-- index: event (user_id, seq)
DELETE FROM event WHERE user_id = :id;

-- name: account_drop_minutes
-- index: free_minutes primary key
DELETE FROM free_minutes WHERE user_id = :id;

-- What was said of a listener may say who said it; the stars stay.
-- name: account_drop_comments
-- index: review_customer
UPDATE review SET comment = NULL
WHERE customer_id = :id AND comment IS NOT NULL;

-- name: account_drop_tickets
-- index: ticket_user
DELETE FROM ticket WHERE user_id = :id;

-- name: account_drop_assigned
-- index: ticket_assignee
UPDATE ticket SET assignee_id = NULL WHERE assignee_id = :id;

-- name: account_drop_feedback
-- index: feedback_user
DELETE FROM feedback WHERE user_id = :id;

-- name: account_drop_presence
-- index: presence primary key
UPDATE presence SET status = 0, online_until = 0, reachable_until = 0,
    busy_since = NULL, last_seen = NULL, version = version + 1
WHERE user_id = :id;

-- name: account_erase
-- index: user primary key
UPDATE user SET status = 2, username = :username, referral_code = :referral,
    sex = NULL, bio = NULL, interests = NULL, image = NULL,
    preferred_language = NULL, country = NULL, email = NULL, phone = NULL,
    password = NULL, ban_reason = NULL, banned_until = NULL,
    version = version + 1, updated_at = :now
WHERE id = :id;
