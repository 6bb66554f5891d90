-- Paid sessions. All statements that read sessions have the same columns, for
-- session_row().

-- The listener of a new session, and since when both users are busy.
-- name: session_parties
-- index: user, listener and presence primary keys
SELECT u.status, u.banned_until, l.verification, l.rate_per_minute,
    l.mean_call_ms, p.busy_since, c.busy_since
FROM user AS u
CROSS JOIN listener AS l ON l.user_id = u.id
CROSS JOIN presence AS p ON p.user_id = u.id
CROSS JOIN presence AS c ON c.user_id = :customer
WHERE u.id = :listener;

-- name: session_add
-- index: none: an insert
INSERT INTO session(customer_id, listener_id, call_id, kind, channel, waiting,
    rate, commission, per_second, free_ms, started_at, billed_from,
    leased_until, leased_free, held_wallet, held_bonus, lasts_until)
VALUES (:customer, :listener, :call, :kind, :channel, :waiting, :rate,
    :commission, :per_second, :free_ms, :now, :now, :leased_until,
    :leased_free, :held_wallet, :held_bonus, :lasts_until);

-- A session without names and review.
-- name: session_core
-- index: session primary key
SELECT s.id, s.customer_id, s.listener_id, s.call_id, NULL, NULL, s.state,
    s.rate, s.free_ms, s.per_second, s.commission, s.started_at,
    s.leased_until, s.leased_free, s.held_wallet, s.held_bonus, s.lasts_until,
    s.low_told, s.ended_at, s.cause, s.billed_minutes, s.billed_free, s.cost,
    s.cost_bonus, s.fee, s.earned, s.balance, s.refunded, NULL, NULL, NULL,
    s.kind, s.channel, s.waiting, s.billed_from, s.paused_ms, s.gap_from,
    s.gap_until, s.gap_open, s.forgiven, s.reversed
FROM session AS s WHERE s.id = :id;

-- The sessions of a list of ids, in its order. Deleted users have no name.
-- name: session_items
-- index: session, user and review primary keys
SELECT s.id, s.customer_id, s.listener_id, s.call_id,
    iif(c.status = 2, NULL, c.username), iif(l.status = 2, NULL, l.username),
    s.state,
    s.rate, s.free_ms, s.per_second, s.commission, s.started_at,
    s.leased_until, s.leased_free, s.held_wallet, s.held_bonus, s.lasts_until,
    s.low_told, s.ended_at, s.cause, s.billed_minutes, s.billed_free, s.cost,
    s.cost_bonus, s.fee, s.earned, s.balance, s.refunded,
    r.rating, iif(c.status = 2, NULL, r.comment), r.created_at,
    s.kind, s.channel, s.waiting, s.billed_from, s.paused_ms, s.gap_from,
    s.gap_until, s.gap_open, s.forgiven, s.reversed
FROM json_each(:ids) AS j
CROSS JOIN session AS s ON s.id = j.value
CROSS JOIN user AS c ON c.id = s.customer_id
CROSS JOIN user AS l ON l.id = s.listener_id
LEFT JOIN review AS r ON r.session_id = s.id;

-- name: session_lease
-- index: session primary key
UPDATE session SET leased_until = :leased_until, leased_free = :leased_free,
    held_wallet = :held_wallet, held_bonus = :held_bonus,
    lasts_until = :lasts_until, low_told = :low_told
WHERE id = :id;

-- name: session_end
-- index: session primary key
UPDATE session SET state = 1, ended_at = :at, cause = :cause,
    held_wallet = 0, held_bonus = 0, billed_minutes = :minutes,
    billed_free = :free, cost = :cost, cost_bonus = :cost_bonus, fee = :fee,
    earned = :earned, balance = :balance
WHERE id = :id;

-- name: session_live_of
-- index: session_live_customer, session_live_listener
SELECT id FROM session WHERE customer_id = :user AND state = 0
UNION ALL
SELECT id FROM session WHERE listener_id = :user AND state = 0;

-- name: session_live_as_customer
-- index: session_live_customer
SELECT id FROM session WHERE customer_id = :user AND state = 0;

-- Pages of ids. :state -1: any state.
-- name: session_ids_customer
-- index: session_customer
SELECT id FROM session
WHERE customer_id = :user AND id < :before AND (:state < 0 OR state = :state)
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: session_ids_listener
-- index: session_listener
SELECT id FROM session
WHERE listener_id = :user AND id < :before AND (:state < 0 OR state = :state)
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: session_ids_either
-- index: session_customer, session_listener
SELECT id FROM session
WHERE customer_id = :user AND id < :before AND (:state < 0 OR state = :state)
UNION ALL
SELECT id FROM session
WHERE listener_id = :user AND id < :before AND (:state < 0 OR state = :state)
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: session_ids_all
-- index: session primary key
SELECT id FROM session
WHERE id < :before AND (:state < 0 OR state = :state)
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- Live sessions are few and have no index by id, so they are sorted here.
-- name: session_ids_live
-- index: session_lease
-- allow: scan sort
SELECT id FROM session INDEXED BY session_lease
WHERE state = 0 AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- The live sessions of a user: at most one as customer and one as listener.
-- name: session_ids_user_live
-- index: session_live_customer, session_live_listener
SELECT id FROM session INDEXED BY session_live_customer
WHERE customer_id = :user AND state = 0 AND id < :before AND :customer
UNION ALL
SELECT id FROM session INDEXED BY session_live_listener
WHERE listener_id = :user AND state = 0 AND id < :before AND :listener
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: session_total
-- index: session_total primary key; session_live_customer, session_live_listener
SELECT t.as_customer, t.as_listener,
    (SELECT count(*) FROM session WHERE customer_id = :user AND state = 0),
    (SELECT count(*) FROM session WHERE listener_id = :user AND state = 0),
    t.ended, t.minutes, t.earned
FROM session_total AS t WHERE t.user_id = :user;

-- Counts all sessions by the highest id, because no session is deleted.
-- name: session_count
-- index: session primary key; session_lease
-- allow: scan
SELECT coalesce(max(id), 0), (SELECT count(*) FROM session WHERE state = 0)
FROM session;

-- Sessions for the jobs: leases that end, balances that are used up.
-- name: session_due
-- index: session_lease
SELECT id FROM session WHERE state = 0 AND leased_until <= :until
ORDER BY leased_until LIMIT :limit;

-- name: session_low
-- index: session_low
SELECT id FROM session
WHERE state = 0 AND low_told = 0 AND lasts_until <= :until
ORDER BY lasts_until LIMIT :limit;

-- name: session_low_set
-- index: session primary key
UPDATE session SET low_told = :notified, lasts_until = :lasts_until
WHERE id = :id;

-- name: session_refund
-- index: session primary key
UPDATE session SET refunded = refunded + :amount WHERE id = :id;

-- name: session_reverse_earnings
-- index: session_total primary key
UPDATE session_total SET earned = earned - :amount WHERE user_id = :user;

-- name: session_audit
-- index: session primary key
SELECT json_object('cost', cost, 'refunded', refunded,
    'reason', :reason, 'charged_listener', :charged)
FROM session WHERE id = :id;

-- The refunds of a session. Lines of payment refunds have the same type, but
-- another type of transfer.
-- name: session_refunds
-- index: wallet_line_type; transfer primary key
SELECT w.at, w.amount, t.note
FROM wallet_line AS w
CROSS JOIN transfer AS t ON t.id = w.transfer_id
WHERE w.user_id = :customer AND w.type = 3 AND t.type = 5 AND t.reference = :id
ORDER BY w.at, w.transfer_id;

-- Listeners whose mean length may have changed between two times: a session
-- ended, or became too old to count.
-- name: session_mean_due
-- index: session_ended
-- allow: sort
SELECT listener_id FROM session
WHERE state = 1 AND ended_at > :since AND ended_at <= :until
UNION
SELECT listener_id FROM session
WHERE state = 1 AND ended_at > :since - :window
    AND ended_at <= :until - :window;

-- name: session_mean_any
-- index: session_ended
SELECT EXISTS (SELECT 1 FROM session
	WHERE state = 1 AND ended_at > :since AND ended_at <= :until)
    OR EXISTS (SELECT 1 FROM session
	WHERE state = 1 AND ended_at > :since - :window
	AND ended_at <= :until - :window);

-- name: session_mean
-- index: session_length
SELECT CAST(avg(ended_at - started_at) AS INTEGER) FROM session
WHERE state = 1 AND listener_id = :user AND ended_at > :since;

-- name: session_mean_set
-- index: listener primary key
UPDATE listener SET mean_call_ms = :mean
WHERE user_id = :user AND mean_call_ms IS NOT :mean;
