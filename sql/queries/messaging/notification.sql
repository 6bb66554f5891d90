-- Notifications in the app and preferences; outbox.sql has the other channels.

-- The verified addresses and the preferences of an active user, and whether
-- the user has a push device.
-- name: notification_target
-- index: user, preference and user_setting primary keys; push_device_user
SELECT u.email, u.email_ok, u.phone, u.phone_ok, p.off, p.quiet_start,
    p.quiet_end, p.utc_offset, p.account_off, s.time_zone,
    u.preferred_language, u.accept_language,
    EXISTS (SELECT 1 FROM push_device WHERE user_id = :user)
FROM user AS u
LEFT JOIN preference AS p ON p.user_id = u.id
LEFT JOIN user_setting AS s ON s.user_id = u.id
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

-- A user has at most 500 rows.
-- name: notification_list_unread
-- index: notification_user
SELECT id, kind, title, body, data, created_at, read_at
FROM notification INDEXED BY notification_user
WHERE user_id = :user AND id < :before AND read_at IS NULL
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: notification_read
-- index: notification primary key
UPDATE notification SET read_at = :now
WHERE id = :id AND user_id = :user AND read_at IS NULL;

-- name: notification_read_all
-- index: notification_user
UPDATE notification INDEXED BY notification_user SET read_at = :now
WHERE user_id = :user AND read_at IS NULL;

-- name: preference_get
-- index: preference and user_setting primary keys
SELECT p.off, p.quiet_start, p.quiet_end, p.utc_offset, p.account_off,
    s.time_zone
FROM (SELECT :user AS id) AS u
LEFT JOIN preference AS p ON p.user_id = u.id
LEFT JOIN user_setting AS s ON s.user_id = u.id;

-- name: preference_put
-- index: preference primary key
INSERT INTO preference(user_id, off, account_off, quiet_start, quiet_end,
    utc_offset)
VALUES (:user, :off, :account_off, :start, :end, :offset)
ON CONFLICT (user_id) DO UPDATE SET off = excluded.off,
    account_off = excluded.account_off,
    quiet_start = excluded.quiet_start, quiet_end = excluded.quiet_end,
    utc_offset = excluded.utc_offset;

-- name: preference_drop_time_zone
-- index: user_setting primary key
UPDATE user_setting SET time_zone = NULL
WHERE user_id = :user AND time_zone IS NOT NULL;
