-- What a user's devices are told.

-- With the next number of a user's.
-- name: event_add
-- index: event (user_id, seq), event_gone primary key
INSERT INTO event(user_id, seq, type, at, data, channel, rtc_until)
VALUES (:user, 1 + max(
    coalesce((SELECT seq FROM event WHERE user_id = :user
	ORDER BY seq DESC LIMIT 1), 0),
    coalesce((SELECT seq FROM event_gone WHERE user_id = :user), 0)),
    :type, :at, :data, :channel, :until);

-- The last there is, and the last that was deleted.
-- name: event_ends
-- index: event (user_id, seq), event_gone primary key
SELECT coalesce((SELECT seq FROM event WHERE user_id = :user
	ORDER BY seq DESC LIMIT 1), 0),
    coalesce((SELECT seq FROM event_gone WHERE user_id = :user), 0);

-- name: event_list
-- index: event (user_id, seq)
SELECT seq, type, at, data, channel, rtc_until FROM event
WHERE user_id = :user AND seq > :after ORDER BY seq LIMIT :limit;

-- They were written in the order of their ids: the oldest come first, and no
-- more than these are looked at.
-- name: event_oldest
-- index: event primary key
-- allow: scan
SELECT at FROM event ORDER BY id LIMIT 1;

-- What is deleted is remembered by a trigger, in event_gone.
-- name: event_prune
-- index: event primary key
-- allow: scan
DELETE FROM event WHERE id IN (SELECT id FROM
    (SELECT id, at FROM event ORDER BY id LIMIT :max) WHERE at < :before);
