-- Devices that receive push messages.

-- name: push_device_get
-- index: push_device primary key
SELECT user_id, platform, kind, channel, environment, created_at
FROM push_device WHERE token = :token;

-- name: push_device_list
-- index: push_device_user
SELECT token, platform, kind, channel, environment, created_at, used_at
FROM push_device WHERE user_id = :user ORDER BY used_at DESC LIMIT :max;

-- A device that is reached only by alerts of APNs does not ring.
-- name: push_device_rings
-- index: push_device_user
SELECT 1 FROM push_device WHERE user_id = :user
    AND (platform = :android OR (platform = :ios AND channel <> :apns))
LIMIT 1;

-- name: push_device_put
-- index: push_device primary key
INSERT INTO push_device(token, user_id, session_id, platform, kind, channel,
    environment, created_at, used_at)
VALUES (:token, :user, :session, :platform, :kind, :channel, :environment, :now,
    :now)
ON CONFLICT (token) DO UPDATE SET user_id = excluded.user_id,
    session_id = excluded.session_id,
    platform = excluded.platform, kind = excluded.kind,
    channel = excluded.channel, environment = excluded.environment,
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
DELETE FROM push_device
WHERE token = :token AND user_id = :user AND used_at < :before;

-- name: push_device_drop_all
-- index: push_device_user
DELETE FROM push_device WHERE user_id = :user;
