-- Lists of accounts for administrators.

-- Newest first: by the primary key, or by an index of a status or of the staff.
-- name: account_admin
-- index: user primary key
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok
FROM user AS u
WHERE u.id < :id
    AND (:role = 0 OR (u.roles | u.staff_roles) & :role <> 0)
    AND (:status IS NULL OR u.status = :status)
ORDER BY u.id DESC
LIMIT :limit OFFSET :offset;

-- name: account_admin_unusual
-- index: user_unusual
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok
FROM user AS u INDEXED BY user_unusual
WHERE u.status = :status AND u.status <> 1 AND u.id < :id
    AND (:role = 0 OR (u.roles | u.staff_roles) & :role <> 0)
ORDER BY u.id DESC
LIMIT :limit OFFSET :offset;

-- name: account_admin_staff
-- index: user_staff
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok
FROM user AS u INDEXED BY user_staff
WHERE (u.roles >= 4 OR u.staff_roles <> 0)
    AND (u.roles | u.staff_roles) & :role <> 0 AND u.id < :id
    AND (:status IS NULL OR u.status = :status)
ORDER BY u.id DESC
LIMIT :limit OFFSET :offset;

-- Listeners by status, by an index of their own.
-- name: account_admin_listeners
-- index: user_listener, for each status
WITH hit(id) AS (SELECT id FROM (
    SELECT id FROM user INDEXED BY user_listener WHERE roles & 2 <> 0
	AND status = 0 AND id < :id AND (:status IS NULL OR :status = 0)
    UNION ALL SELECT id FROM user INDEXED BY user_listener WHERE roles & 2 <> 0
	AND status = 1 AND id < :id AND (:status IS NULL OR :status = 1)
    UNION ALL SELECT id FROM user INDEXED BY user_listener WHERE roles & 2 <> 0
	AND status = 2 AND id < :id AND (:status IS NULL OR :status = 2)
    UNION ALL SELECT id FROM user INDEXED BY user_listener WHERE roles & 2 <> 0
	AND status = 3 AND id < :id AND (:status IS NULL OR :status = 3)
    ORDER BY id DESC LIMIT :limit OFFSET :offset))
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok
FROM hit AS h CROSS JOIN user AS u ON u.id = h.id;

-- Accounts by a complete address, phone number, id or UUID.
-- name: account_admin_exact
-- index: user_email*, user_phone*, uuid, primary key
-- allow: sort
WITH hit(id) AS (
    SELECT id FROM user WHERE email = :q AND email_ok = 1
    UNION SELECT id FROM user WHERE email = :q AND email_ok = 0
    UNION SELECT id FROM user WHERE phone = :q AND phone_ok = 1
    UNION SELECT id FROM user WHERE phone = :q AND phone_ok = 0
    UNION SELECT id FROM user WHERE uuid = :uuid
    UNION SELECT id FROM user WHERE id = :number
)
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok
FROM hit AS h CROSS JOIN user AS u ON u.id = h.id
WHERE u.id < :id
    AND (:role = 0 OR (u.roles | u.staff_roles) & :role <> 0)
    AND (:status IS NULL OR u.status = :status)
ORDER BY u.id DESC
LIMIT :limit OFFSET :offset;

-- name: account_admin_exact_count
-- index: user_email*, user_phone*, uuid, primary key
-- allow: sort
WITH hit(id) AS (
    SELECT id FROM user WHERE email = :q AND email_ok = 1
    UNION SELECT id FROM user WHERE email = :q AND email_ok = 0
    UNION SELECT id FROM user WHERE phone = :q AND phone_ok = 1
    UNION SELECT id FROM user WHERE phone = :q AND phone_ok = 0
    UNION SELECT id FROM user WHERE uuid = :uuid
    UNION SELECT id FROM user WHERE id = :number
)
SELECT count(*) FROM (SELECT 1 FROM hit AS h
    CROSS JOIN user AS u ON u.id = h.id
WHERE (:role = 0 OR (u.roles | u.staff_roles) & :role <> 0)
    AND (:status IS NULL OR u.status = :status) LIMIT :max);

-- Accounts by the beginning of a username, without the account whose id is the
-- text. With a filter, an index that contains the filter columns is used.
-- name: account_admin_named
-- index: username
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok
FROM user AS u
WHERE u.username >= :from AND u.username < :q_end
    AND u.username <> :after AND u.id <> :number
ORDER BY u.username
LIMIT :limit OFFSET :offset;

-- name: account_admin_named_status
-- index: user_status_name, for each status
WITH hit(id) AS (SELECT id FROM (
    SELECT id, username FROM user INDEXED BY user_status_name
	WHERE status = 0 AND username >= :from AND username < :q_end
	AND username <> :after AND id <> :number AND (:role = 0 OR roles & :role <> 0)
	AND (:status IS NULL OR :status = 0)
    UNION ALL SELECT id, username FROM user INDEXED BY user_status_name
	WHERE status = 1 AND username >= :from AND username < :q_end
	AND username <> :after AND id <> :number AND (:role = 0 OR roles & :role <> 0)
	AND (:status IS NULL OR :status = 1)
    UNION ALL SELECT id, username FROM user INDEXED BY user_status_name
	WHERE status = 2 AND username >= :from AND username < :q_end
	AND username <> :after AND id <> :number AND (:role = 0 OR roles & :role <> 0)
	AND (:status IS NULL OR :status = 2)
    UNION ALL SELECT id, username FROM user INDEXED BY user_status_name
	WHERE status = 3 AND username >= :from AND username < :q_end
	AND username <> :after AND id <> :number AND (:role = 0 OR roles & :role <> 0)
	AND (:status IS NULL OR :status = 3)
    ORDER BY username LIMIT :limit OFFSET :offset))
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok
FROM hit AS h CROSS JOIN user AS u ON u.id = h.id;

-- The staff are few, so they are sorted.
-- name: account_admin_named_staff
-- index: user_staff
-- allow: sort
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok
FROM user AS u INDEXED BY user_staff
WHERE (u.roles >= 4 OR u.staff_roles <> 0) AND u.id > 0
    AND u.username >= :from AND u.username < :q_end
    AND u.username <> :after AND u.id <> :number
    AND (u.roles | u.staff_roles) & :role <> 0
    AND (:status IS NULL OR u.status = :status)
ORDER BY u.username
LIMIT :limit OFFSET :offset;

-- name: account_admin_named_listeners
-- index: user_listener_name, for each status
WITH hit(id) AS (SELECT id FROM (
    SELECT id, username FROM user INDEXED BY user_listener_name
	WHERE roles & 2 <> 0 AND status = 0 AND username >= :from
	AND username < :q_end AND username <> :after AND id <> :number
	AND (:status IS NULL OR :status = 0)
    UNION ALL SELECT id, username FROM user INDEXED BY user_listener_name
	WHERE roles & 2 <> 0 AND status = 1 AND username >= :from
	AND username < :q_end AND username <> :after AND id <> :number
	AND (:status IS NULL OR :status = 1)
    UNION ALL SELECT id, username FROM user INDEXED BY user_listener_name
	WHERE roles & 2 <> 0 AND status = 2 AND username >= :from
	AND username < :q_end AND username <> :after AND id <> :number
	AND (:status IS NULL OR :status = 2)
    UNION ALL SELECT id, username FROM user INDEXED BY user_listener_name
	WHERE roles & 2 <> 0 AND status = 3 AND username >= :from
	AND username < :q_end AND username <> :after AND id <> :number
	AND (:status IS NULL OR :status = 3)
    ORDER BY username LIMIT :limit OFFSET :offset))
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok
FROM hit AS h CROSS JOIN user AS u ON u.id = h.id;

-- Counts of each search, up to :max.
-- name: account_admin_named_count
-- index: username
SELECT count(*) FROM (SELECT 1 FROM user AS u
WHERE u.username >= :q AND u.username < :q_end
    AND u.id <> :number LIMIT :max);

-- name: account_admin_named_status_count
-- index: user_status_name, for each status
SELECT count(*) FROM (
    SELECT 1 FROM user INDEXED BY user_status_name
	WHERE status = 0 AND username >= :q AND username < :q_end
	AND id <> :number AND (:role = 0 OR roles & :role <> 0)
	AND (:status IS NULL OR :status = 0)
    UNION ALL SELECT 1 FROM user INDEXED BY user_status_name
	WHERE status = 1 AND username >= :q AND username < :q_end
	AND id <> :number AND (:role = 0 OR roles & :role <> 0)
	AND (:status IS NULL OR :status = 1)
    UNION ALL SELECT 1 FROM user INDEXED BY user_status_name
	WHERE status = 2 AND username >= :q AND username < :q_end
	AND id <> :number AND (:role = 0 OR roles & :role <> 0)
	AND (:status IS NULL OR :status = 2)
    UNION ALL SELECT 1 FROM user INDEXED BY user_status_name
	WHERE status = 3 AND username >= :q AND username < :q_end
	AND id <> :number AND (:role = 0 OR roles & :role <> 0)
	AND (:status IS NULL OR :status = 3)
    LIMIT :max);

-- name: account_admin_named_staff_count
-- index: user_staff
SELECT count(*) FROM (SELECT 1 FROM user AS u INDEXED BY user_staff
WHERE (u.roles >= 4 OR u.staff_roles <> 0) AND u.id > 0
    AND u.username >= :q AND u.username < :q_end
    AND u.id <> :number
    AND (u.roles | u.staff_roles) & :role <> 0
    AND (:status IS NULL OR u.status = :status) LIMIT :max);

-- name: account_admin_named_listeners_count
-- index: user_listener_name, for each status
SELECT count(*) FROM (
    SELECT 1 FROM user INDEXED BY user_listener_name
	WHERE roles & 2 <> 0 AND status = 0 AND username >= :q
	AND username < :q_end AND id <> :number
	AND (:status IS NULL OR :status = 0)
    UNION ALL SELECT 1 FROM user INDEXED BY user_listener_name
	WHERE roles & 2 <> 0 AND status = 1 AND username >= :q
	AND username < :q_end AND id <> :number
	AND (:status IS NULL OR :status = 1)
    UNION ALL SELECT 1 FROM user INDEXED BY user_listener_name
	WHERE roles & 2 <> 0 AND status = 2 AND username >= :q
	AND username < :q_end AND id <> :number
	AND (:status IS NULL OR :status = 2)
    UNION ALL SELECT 1 FROM user INDEXED BY user_listener_name
	WHERE roles & 2 <> 0 AND status = 3 AND username >= :q
	AND username < :q_end AND id <> :number
	AND (:status IS NULL OR :status = 3)
    LIMIT :max);

-- Counts accounts by role; the counter's name contains its bit and the status.
-- name: account_admin_count
-- index: counter primary key
SELECT sum(n) FROM counter
WHERE name >= 'role:' || :role || ':' AND name < 'role:' || :role || ':~'
    AND (:status IS NULL OR name = 'role:' || :role || ':' || :status);

-- name: account_admin_user_known
-- index: user primary key
SELECT 1 FROM user WHERE id = :id;

-- name: counter_users
-- index: counter primary key
SELECT sum(n) FROM counter WHERE name >= 'user:' AND name < 'user:~';

-- name: account_admin_user
-- index: primary keys; favorite_total by user; device_session_user
SELECT u.id, u.uuid, u.username, u.email, u.phone, u.country,
    u.roles | u.staff_roles,
    u.status, u.banned_until, u.ban_reason, u.created_at,
    u.email_ok, u.phone_ok,
    u.sex, u.bio, u.interests, u.image, u.preferred_language,
    u.referral_code, p.last_seen,
    (SELECT coalesce(sum(n), 0) FROM favorite_total WHERE user_id = u.id),
    (SELECT count(*) FROM device_session
	WHERE user_id = u.id AND revoked_at IS NULL)
FROM user AS u CROSS JOIN presence AS p ON p.user_id = u.id
WHERE u.id = :id;
