-- Which users are online or on a call.

-- name: presence_get
-- index: user, presence and user_block_pair primary keys
SELECT p.status, p.online_until, p.reachable_until, p.busy_since, p.last_seen,
    p.listed, p.closed, EXISTS (SELECT 1 FROM user_block_pair AS b
	WHERE b.user_id = :viewer AND b.other_id = :user)
FROM presence AS p
JOIN user AS u ON u.id = p.user_id AND u.status = 1
WHERE p.user_id = :user;

-- name: presence_many
-- index: user, presence and user_block_pair primary keys
SELECT u.id,
    p.status, p.online_until, p.reachable_until, p.busy_since, p.last_seen,
    EXISTS (SELECT 1 FROM user_block_pair AS b
	WHERE b.user_id = :viewer AND b.other_id = u.id)
FROM json_each(:ids) AS j
CROSS JOIN user AS u ON u.id = j.value AND u.status = 1
CROSS JOIN presence AS p ON p.user_id = u.id;

-- If the user hides it, last_seen is not stored.
-- name: presence_set
-- index: presence and user_setting primary keys
UPDATE presence SET version = version + 1, status = :status, closed = :closed,
    online_until = :online_until, reachable_until = :reachable_until,
    last_seen = iif((SELECT hide_last_seen FROM user_setting
	WHERE user_id = :user) IS 1, NULL, :now)
WHERE user_id = :user;

-- name: presence_close
-- index: presence primary key
UPDATE presence SET version = version + 1, status = :status, closed = :closed
WHERE user_id = :user;

-- A closed user remains closed.
-- name: presence_end
-- index: presence primary key
UPDATE presence SET version = version + 1, status = 0, online_until = 0,
    reachable_until = 0, closed = iif(closed IS NULL, NULL, 0)
WHERE user_id = :user;

-- Users whose presence has expired.
-- name: presence_lapsed
-- index: presence_until
SELECT user_id FROM presence INDEXED BY presence_until
WHERE status <> 0 AND until <= :until LIMIT :limit;

-- name: presence_lapse
-- index: presence primary key
UPDATE presence SET version = version + 1, status = 0 WHERE user_id = :user;

-- A user of a call or a session.
-- name: presence_busy
-- index: presence primary key
UPDATE presence SET version = version + 1, busy_since = :since
WHERE user_id = :user;
