-- What a user's devices are told.

-- The next number of a user's.
-- name: event_next
-- index: event_last primary key
INSERT INTO event_last(user_id, seq) VALUES (:user, 1)
ON CONFLICT (user_id) DO UPDATE SET seq = seq + 1
RETURNING seq;

-- name: event_add
-- index: none, it is an insert
INSERT INTO event(user_id, seq, type, at, data, channel, rtc_until)
VALUES (:user, :seq, :type, :at, :data, :channel, :until);

-- name: event_last
-- index: event_last primary key
SELECT seq, pruned FROM event_last WHERE user_id = :user;

-- name: event_list
-- index: event (user_id, seq)
SELECT seq, type, at, data, channel, rtc_until FROM event
WHERE user_id = :user AND seq > :after ORDER BY seq LIMIT :limit;

-- name: event_oldest
-- index: event_at
SELECT at FROM event WHERE at < :before ORDER BY at LIMIT 1;

-- What is deleted is remembered by a trigger, in event_last.
-- name: event_prune
-- index: event_at, then the primary key
DELETE FROM event WHERE id IN (SELECT id FROM event
    WHERE at < :before ORDER BY at LIMIT :max);
