-- Settings of users.

-- name: settings_get
-- index: user and user_setting primary keys
SELECT u.preferred_language, s.time_zone, s.hide_last_seen, u.version
FROM user AS u
LEFT JOIN user_setting AS s ON s.user_id = u.id
WHERE u.id = :user;

-- name: settings_put
-- index: user_setting primary key
INSERT INTO user_setting(user_id, time_zone, hide_last_seen)
VALUES (:user, :time_zone, :hide)
ON CONFLICT (user_id) DO UPDATE SET time_zone = excluded.time_zone,
    hide_last_seen = excluded.hide_last_seen;

-- name: settings_language
-- index: user primary key
UPDATE user SET preferred_language = :language, version = version + 1,
    updated_at = :now
WHERE id = :user AND preferred_language IS NOT :language;

-- name: settings_forget_last_seen
-- index: presence primary key
UPDATE presence SET last_seen = NULL, version = version + 1
WHERE user_id = :user AND last_seen IS NOT NULL;

-- name: settings_drop
-- index: user_setting primary key
DELETE FROM user_setting WHERE user_id = :id;
