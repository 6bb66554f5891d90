-- Free minutes of promotions, and the sessions that hold them.

-- name: promotion_minutes_left
-- index: redemption_minutes, covering
SELECT coalesce(sum(minutes), 0) FROM redemption INDEXED BY redemption_minutes
WHERE user_id = :user AND minutes > 0 AND max_rate >= :rate;

-- Minutes that never expire are used last. A user has few redemptions.
-- name: promotion_minutes_next
-- index: redemption_minutes, covering
-- allow: sort
SELECT id, minutes FROM redemption INDEXED BY redemption_minutes
WHERE user_id = :user AND minutes > 0 AND max_rate >= :rate
ORDER BY expires_at IS NULL, expires_at, id LIMIT 1;

-- name: promotion_minutes_hold
-- index: redemption and redemption_hold primary keys
INSERT INTO redemption_hold(session_id, redemption_id, minutes, reserved)
SELECT :session, id, :n, :n * max_rate FROM redemption WHERE id = :redemption
ON CONFLICT (session_id, redemption_id) DO UPDATE
SET minutes = minutes + excluded.minutes,
    reserved = reserved + excluded.reserved;

-- name: promotion_minutes_take
-- index: redemption primary key
UPDATE redemption SET minutes = minutes - :n WHERE id = :redemption;

-- The parts of a session, in the order in which they are used.
-- name: promotion_minutes_held
-- index: redemption_hold and redemption primary keys
-- allow: sort
SELECT h.redemption_id, r.promotion_id, h.minutes, r.max_rate, h.reserved
FROM redemption_hold AS h CROSS JOIN redemption AS r ON r.id = h.redemption_id
WHERE h.session_id = :session
ORDER BY r.expires_at IS NULL, r.expires_at, r.id LIMIT 1;

-- name: promotion_minutes_drop
-- index: redemption_hold primary key
DELETE FROM redemption_hold
WHERE session_id = :session AND redemption_id = :redemption;

-- Returned minutes that have expired meanwhile are taken back by the job.
-- name: promotion_minutes_return
-- index: redemption primary key
UPDATE redemption SET minutes = minutes + :back, reserved = reserved - :freed,
    spent = spent + :cost, expired = iif(:back > 0, 0, expired)
WHERE id = :redemption;
