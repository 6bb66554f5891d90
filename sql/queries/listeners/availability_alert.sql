-- Alerts to customers that wait for a listener.

-- Marks a listed listener if a customer waits.
-- name: availability_alert_mark
-- index: presence primary key; favorite_settings
INSERT INTO availability_alert_due(listener_id, at)
SELECT :listener, :now
WHERE EXISTS (SELECT 1 FROM presence WHERE user_id = :listener AND listed = 1)
    AND EXISTS (SELECT 1 FROM favorite INDEXED BY favorite_settings
	WHERE entity_id = :listener AND notify = 1 AND kind = 1)
ON CONFLICT (listener_id) DO UPDATE SET at = excluded.at;

-- The next marked listener, and whether the listener is available.
-- name: availability_alert_next
-- index: availability_alert_due and further primary keys
SELECT d.listener_id, u.username,
    p.listed = 1 AND p.status = 1 AND p.until > :now AND p.busy_since IS NULL
FROM availability_alert_due AS d
CROSS JOIN user AS u ON u.id = d.listener_id
CROSS JOIN presence AS p ON p.user_id = d.listener_id
WHERE d.listener_id > :after
ORDER BY d.listener_id
LIMIT 1;

-- name: availability_alert_done
-- index: availability_alert_due primary key
DELETE FROM availability_alert_due WHERE listener_id = :listener;

-- Waiting customers that had no recent alert, oldest favorite first. Users who
-- blocked each other get none.
-- name: availability_alert_settings
-- index: favorite_settings, its order; further primary keys
SELECT f.user_id
FROM favorite AS f INDEXED BY favorite_settings
CROSS JOIN user AS u ON u.id = f.user_id AND u.status = 1
WHERE f.entity_id = :listener AND f.notify = 1 AND f.kind = 1
    AND NOT EXISTS (SELECT 1 FROM availability_alert_state AS s
	WHERE s.listener_id = :listener AND s.user_id = f.user_id)
    AND NOT EXISTS (SELECT 1 FROM user_block_pair AS b
	WHERE b.user_id = :listener AND b.other_id = f.user_id)
ORDER BY f.id
LIMIT :limit;

-- name: availability_alert_sent
-- index: availability_alert_state primary key
INSERT INTO availability_alert_state(listener_id, user_id, alerted_at)
VALUES (:listener, :user, :now)
ON CONFLICT (listener_id, user_id) DO UPDATE
SET alerted_at = excluded.alerted_at;

-- name: availability_alert_last
-- index: availability_alert_state primary key
SELECT alerted_at FROM availability_alert_state
WHERE listener_id = :listener AND user_id = :user;

-- Alerts that no longer prevent a new one.
-- name: availability_alert_forget
-- index: availability_alert_state primary key
DELETE FROM availability_alert_state
WHERE listener_id = :listener AND alerted_at <= :until;
