-- Notifications in the app, preferences and devices; outbox.sql has the other
-- channels.

-- The verified addresses and the preferences of an active user.
-- name: notification_target
-- index: user and preference primary keys
SELECT u.email, u.email_ok, u.phone, u.phone_ok, p.off, p.quiet_start,
    p.quiet_end, p.utc_offset, p.account_off, u.preferred_language,
    u.accept_language
FROM user AS u
LEFT JOIN preference AS p ON p.user_id = u.id
WHERE u.id = :user
    AND (u.status = 1 OR (u.status = 3 AND u.banned_until <= :now));

-- name: notification_add
-- index: notification primary key
INSERT INTO notification(user_id, kind, title, body, data, created_at)
VALUES (:user, :kind, :title, :body, :data, :now);

-- name: notification_total
-- index: notification_total primary key
SELECT n, unread, version FROM notification_total WHERE user_id = :user;

-- name: notification_list
-- index: notification_user
SELECT id, kind, title, body, data, created_at, read_at
FROM notification INDEXED BY notification_user
WHERE user_id = :user AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: notification_list_unread
-- index: notification_unread
SELECT id, kind, title, body, data, created_at, read_at
FROM notification INDEXED BY notification_unread
WHERE user_id = :user AND id < :before AND read_at IS NULL
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: notification_read
-- index: notification primary key
UPDATE notification SET read_at = :now
WHERE id = :id AND user_id = :user AND read_at IS NULL;

-- name: notification_read_all
-- index: notification_unread
UPDATE notification INDEXED BY notification_unread SET read_at = :now
WHERE user_id = :user AND read_at IS NULL;

-- name: preference_get
-- index: preference primary key
SELECT off, quiet_start, quiet_end, utc_offset, account_off
FROM preference WHERE user_id = :user;

-- name: preference_put
-- index: preference primary key
INSERT INTO preference(user_id, off, account_off, quiet_start, quiet_end,
    utc_offset)
VALUES (:user, :off, :account_off, :start, :end, :offset)
ON CONFLICT (user_id) DO UPDATE SET off = excluded.off,
    account_off = excluded.account_off,
    quiet_start = excluded.quiet_start, quiet_end = excluded.quiet_end,
    utc_offset = excluded.utc_offset;

-- name: push_device_get
-- index: push_device primary key
SELECT user_id, platform, kind, created_at FROM push_device
WHERE token = :token;

-- name: push_device_list
-- index: push_device_user
SELECT token, platform, kind, created_at, used_at FROM push_device
WHERE user_id = :user ORDER BY used_at DESC LIMIT :max;

-- name: push_device_rings
-- index: push_device_user
SELECT 1 FROM push_device
WHERE user_id = :user AND platform IN (:android, :ios) LIMIT 1;

-- name: push_device_put
-- index: push_device primary key
INSERT INTO push_device(token, user_id, session_id, platform, kind, created_at,
    used_at)
VALUES (:token, :user, :session, :platform, :kind, :now, :now)
ON CONFLICT (token) DO UPDATE SET user_id = excluded.user_id,
    session_id = excluded.session_id,
    platform = excluded.platform, kind = excluded.kind,
    used_at = excluded.used_at, created_at = CASE
	WHEN user_id = excluded.user_id THEN created_at
	ELSE excluded.created_at END;

-- Deletes all devices of a user except for the newest :max.
-- name: push_device_trim
-- index: push_device_user, then the primary key
DELETE FROM push_device WHERE token IN (SELECT token FROM push_device
    WHERE user_id = :user ORDER BY used_at DESC LIMIT 100 OFFSET :max);

-- name: push_device_drop
-- index: push_device primary key
DELETE FROM push_device WHERE token = :token AND user_id = :user;

-- name: push_device_drop_all
-- index: push_device_user
DELETE FROM push_device WHERE user_id = :user;
