-- The availability of listeners.

-- The availability of a listener, and the time zone of the settings.
-- name: listener_availability_get
-- index: primary keys
SELECT a.time_zone, a.weekly, a.exceptions, ifnull(a.accepting, 1),
    a.max_minutes, a.limit_until, s.time_zone
FROM listener AS l
LEFT JOIN listener_availability AS a ON a.user_id = l.user_id
LEFT JOIN user_setting AS s ON s.user_id = l.user_id
WHERE l.user_id = :user;

-- name: listener_availability_put
-- index: listener_availability primary key
INSERT INTO listener_availability(user_id, time_zone, weekly, exceptions,
    accepting, max_minutes)
VALUES (:user, :time_zone, :weekly, :exceptions, :accepting, :max_minutes)
ON CONFLICT (user_id) DO UPDATE SET time_zone = excluded.time_zone,
    weekly = excluded.weekly, exceptions = excluded.exceptions,
    accepting = excluded.accepting, max_minutes = excluded.max_minutes;

-- name: listener_availability_rules
-- index: listener_availability primary key
SELECT accepting, max_minutes, limit_until, check_at
FROM listener_availability WHERE user_id = :user;

-- name: listener_availability_limit
-- index: listener_availability primary key
UPDATE listener_availability SET limit_until = :limit_until,
    check_at = :check_at
WHERE user_id = :user;

-- The length of the live session of a listener. Billing has not started while
-- it waits for the listener.
-- name: listener_availability_live
-- index: session_live_listener
SELECT iif(waiting, 0, max(:now - billed_from - paused_ms, 0))
FROM session WHERE listener_id = :user AND state = 0;

-- The sessions of a listener that ended after a time, the latest first.
-- name: listener_availability_ended
-- index: session_length, its order
SELECT ended_at, ended_at - billed_from - paused_ms
FROM session INDEXED BY session_length
WHERE listener_id = :user AND state = 1 AND ended_at > :since
ORDER BY ended_at DESC;

-- name: listener_availability_due
-- index: listener_availability_check
SELECT user_id FROM listener_availability
    INDEXED BY listener_availability_check
WHERE check_at <= :until LIMIT :limit;
