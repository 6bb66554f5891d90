-- The events of users.

-- Assigns the next seq of the user.
-- name: event_add
-- index: event (user_id, seq), event_deleted primary key
INSERT INTO event(user_id, seq, type, at, data, channel, device)
VALUES (:user, 1 + max(
    coalesce((SELECT seq FROM event WHERE user_id = :user
	ORDER BY seq DESC LIMIT 1), 0),
    coalesce((SELECT seq FROM event_deleted WHERE user_id = :user), 0)),
    :type, :at, :data, :channel, :device);

-- The last seq, and the last deleted seq.
-- name: event_ends
-- index: event (user_id, seq), event_deleted primary key
SELECT coalesce((SELECT seq FROM event WHERE user_id = :user
	ORDER BY seq DESC LIMIT 1), 0),
    coalesce((SELECT seq FROM event_deleted WHERE user_id = :user), 0);

-- name: event_list
-- index: event (user_id, seq)
SELECT seq, type, at, data, channel, device FROM event
WHERE user_id = :user AND seq > :after ORDER BY seq LIMIT :limit;

-- Ids are in the order of time, so only the first row is read.
-- name: event_oldest
-- index: event primary key
-- allow: scan
SELECT at FROM event ORDER BY id LIMIT 1;

-- A trigger stores the last deleted seq in event_deleted. Only the oldest :max
-- rows are read.
-- name: event_prune
-- index: event primary key
-- allow: scan
DELETE FROM event WHERE id IN (SELECT id FROM
    (SELECT id, at FROM event ORDER BY id LIMIT :max) WHERE at < :before);
