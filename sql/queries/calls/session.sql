-- Paid sessions. All statements that read sessions have the same columns, for
-- session_row().

-- The listener of a new session, and since when both users are busy.
-- name: session_parties
-- index: user, listener and presence primary keys
SELECT u.status, u.banned_until, l.verification, l.mean_call_ms, p.busy_since,
    c.busy_since, p.status <> 0 AND p.until > :now
FROM user AS u
CROSS JOIN listener AS l ON l.user_id = u.id
CROSS JOIN presence AS p ON p.user_id = u.id
CROSS JOIN presence AS c ON c.user_id = :customer
WHERE u.id = :listener;

-- name: session_name
-- index: user primary key
SELECT username FROM user WHERE id = :user;

-- name: session_add
-- index: none: an insert
INSERT INTO session(customer_id, listener_id, call_id, kind, channel, waiting,
    rate, commission, per_second, free_ms, max_ms, spend_limit, started_at,
    billed_from, leased_until, leased_free, held_wallet, held_bonus, lasts_until)
VALUES (:customer, :listener, :call, :kind, :channel, :waiting, :rate,
    :commission, :per_second, :free_ms, :max_ms, :spend_limit, :now, :now,
    :leased_until, :leased_free, :held_wallet, :held_bonus, :lasts_until);

-- What a customer spent since a time, and the number of sessions of two users
-- since then that began with free seconds. Sessions with the causes
-- lost_customer, lost_listener, outage and failed do not count.
-- name: session_day
-- index: session_spent, session_pair
SELECT (SELECT coalesce(sum(cost), 0) FROM session
    WHERE customer_id = :customer AND state = 1 AND ended_at > :since),
    (SELECT count(*) FROM session
    WHERE customer_id = :customer AND listener_id = :listener
    AND started_at > :since AND free_ms > 0
    AND coalesce(cause, 0) NOT BETWEEN 8 AND 11) +
    (SELECT count(*) FROM session
    WHERE customer_id = :listener AND listener_id = :customer
    AND started_at > :since AND free_ms > 0
    AND coalesce(cause, 0) NOT BETWEEN 8 AND 11);

-- A session without names and review.
-- name: session_core
-- index: session primary key
SELECT s.id, s.customer_id, s.listener_id, s.call_id, NULL, NULL, s.state,
    s.rate, s.free_ms, s.per_second, s.commission, s.started_at,
    s.leased_until, s.leased_free, s.held_wallet, s.held_bonus, s.lasts_until,
    s.low_balance_notified, s.ended_at, s.cause, s.billed_minutes,
    s.billed_free, s.cost,
    s.cost_bonus, s.fee, s.earned, s.balance, s.refunded, NULL, NULL, NULL,
    s.kind, s.channel, s.waiting, s.billed_from, s.paused_ms, s.gap_from,
    s.gap_until, s.gap_open, s.waived, s.reversed, s.max_ms,
    s.spend_limit
FROM session AS s WHERE s.id = :id;

-- The sessions of a list of ids, in its order. Deleted users have no name.
-- name: session_items
-- index: session, user and review primary keys
SELECT s.id, s.customer_id, s.listener_id, s.call_id,
    iif(c.status = 2, NULL, c.username), iif(l.status = 2, NULL, l.username),
    s.state,
    s.rate, s.free_ms, s.per_second, s.commission, s.started_at,
    s.leased_until, s.leased_free, s.held_wallet, s.held_bonus, s.lasts_until,
    s.low_balance_notified, s.ended_at, s.cause, s.billed_minutes,
    s.billed_free, s.cost,
    s.cost_bonus, s.fee, s.earned, s.balance, s.refunded,
    r.rating, iif(c.status = 2, NULL, r.comment), r.created_at,
    s.kind, s.channel, s.waiting, s.billed_from, s.paused_ms, s.gap_from,
    s.gap_until, s.gap_open, s.waived, s.reversed, s.max_ms,
    s.spend_limit
FROM json_each(:ids) AS j
CROSS JOIN session AS s ON s.id = j.value
CROSS JOIN user AS c ON c.id = s.customer_id
CROSS JOIN user AS l ON l.id = s.listener_id
LEFT JOIN review AS r ON r.session_id = s.id;

-- name: session_lease
-- index: session primary key
UPDATE session SET leased_until = :leased_until, leased_free = :leased_free,
    held_wallet = :held_wallet, held_bonus = :held_bonus,
    lasts_until = :lasts_until, low_balance_notified = :low_balance_notified
WHERE id = :id;

-- name: session_end
-- index: session primary key
UPDATE session SET state = 1, ended_at = :at, billed_from = :billed_from,
    paused_ms = :paused, waived = :waived, waiting = 0, gap_open = 0,
    cause = :cause,
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
WHERE state = 0 AND low_balance_notified = 0 AND lasts_until <= :until
ORDER BY lasts_until LIMIT :limit;

-- name: session_low_set
-- index: session primary key
UPDATE session SET low_balance_notified = :notified, lasts_until = :lasts_until
WHERE id = :id;

-- name: session_refund
-- index: session primary key
UPDATE session SET refunded = refunded + :amount WHERE id = :id;

-- name: session_reverse_earnings
-- index: session_total primary key
UPDATE session_total SET earned = earned - :amount WHERE user_id = :user;

-- name: session_reversal_add
-- index: session_reversal primary key
INSERT INTO session_reversal(session_id, earnings) VALUES (:id, :amount)
ON CONFLICT (session_id) DO UPDATE SET earnings = earnings + excluded.earnings;

-- name: session_reversal_get
-- index: session_reversal primary key
SELECT earnings FROM session_reversal WHERE session_id = :id;

-- name: session_audit
-- index: session primary key
SELECT json_object('cost', cost, 'refunded', refunded,
    'reason', :reason, 'charged_listener', :charged)
FROM session WHERE id = :id;

-- The refunds of a session. Lines of payment refunds have the same type, but
-- another type of transfer.
-- name: session_refunds
-- index: wallet_entry_type; transfer primary key
SELECT w.at, w.amount, t.note
FROM wallet_entry AS w
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

-- Parties. The columns are those of session_party_row().
-- name: session_party_add
-- index: none: an insert
INSERT INTO session_party(session_id, side, device_id, proof_at)
VALUES (:session, :side, :device, :now);

-- name: session_party_list
-- index: session_party primary key
SELECT side, device_id, proof_at, tracked, credential_until, connected_at,
    joined_at, left_at, left_intent, media_seq
FROM session_party WHERE session_id = :session;

-- name: session_party_device
-- index: session_party primary key
SELECT device_id FROM session_party
WHERE session_id = :session AND side = :side;

-- name: session_party_set
-- index: session_party primary key
UPDATE session_party SET device_id = :device, proof_at = :proof,
    tracked = :tracked, credential_until = :credential,
    connected_at = :connected, joined_at = :joined, left_at = :left,
    left_intent = :intent, media_seq = :seq
WHERE session_id = :session AND side = :side;

-- name: session_live_ids
-- index: session_lease
-- allow: scan
SELECT id FROM session INDEXED BY session_lease WHERE state = 0;

-- Live sessions of a list of ids, as far as the rules of presence need them.
-- name: session_watch
-- index: session and session_party primary keys
SELECT s.id, s.customer_id, s.listener_id, s.call_id, s.waiting, s.started_at,
    s.billed_from, s.gap_from, s.gap_until, s.gap_open,
    a.device_id, a.proof_at, a.tracked, a.credential_until, a.connected_at,
    a.joined_at, a.left_at, a.left_intent, a.media_seq,
    b.device_id, b.proof_at, b.tracked, b.credential_until, b.connected_at,
    b.joined_at, b.left_at, b.left_intent, b.media_seq
FROM json_each(:ids) AS j
CROSS JOIN session AS s ON s.id = j.value AND s.state = 0
CROSS JOIN session_party AS a ON a.session_id = s.id AND a.side = 1
CROSS JOIN session_party AS b ON b.session_id = s.id AND b.side = 2;

-- Marks the sessions that an outage interrupted, which is not billed. A second
-- outage before both parties returned extends the first.
-- fragment: gap
UPDATE session SET gap_from = iif(gap_open, gap_from,
	max(:beat, started_at, coalesce(gap_until, 0))),
    gap_until = :now, gap_open = 1,
    paused_ms = paused_ms + :now - iif(gap_open, gap_until,
	max(:beat, started_at, coalesce(gap_until, 0))),
    leased_until = leased_until + :now - iif(gap_open, gap_until,
	max(:beat, started_at, coalesce(gap_until, 0))),
    lasts_until = lasts_until + :now - iif(gap_open, gap_until,
	max(:beat, started_at, coalesce(gap_until, 0)))

-- name: session_gaps
-- index: session_lease
-- allow: scan
-- use: gap
WHERE state = 0 AND waiting = 0
    AND :now - max(:beat, started_at, coalesce(gap_until, 0)) > :gap;

-- name: session_gap
-- index: session primary key
-- use: gap
WHERE id = :session AND state = 0 AND waiting = 0
    AND :now - max(:beat, started_at, coalesce(gap_until, 0)) > :gap;

-- name: session_unpause
-- index: session primary key
UPDATE session SET paused_ms = paused_ms - :gap,
    leased_until = leased_until - :gap, lasts_until = lasts_until - :gap
WHERE id = :session;

-- name: session_move_start
-- index: session primary key
UPDATE session SET billed_from = billed_from + :by,
    leased_until = leased_until + :by, lasts_until = lasts_until + :by
WHERE id = :session;

-- name: session_clear
-- index: session primary key
UPDATE session SET waiting = 0, gap_open = 0 WHERE id = :session;

-- Sessions of a customer that were lost or failed at no further cost.
-- name: session_waived
-- index: session_spent
SELECT count(*) FROM session
WHERE customer_id = :customer AND state = 1 AND ended_at > :since
    AND waived = 1;

-- After the clock was set back, no proof is in the future.
-- name: session_clock_back
-- index: session_lease; session_party primary key
-- allow: scan
UPDATE session_party SET proof_at = min(proof_at, :now),
    credential_until = min(credential_until, :now)
WHERE session_id IN (SELECT id FROM session INDEXED BY session_lease
    WHERE state = 0);

-- name: session_of_channel
-- index: session_channel
SELECT id FROM session WHERE channel = :channel AND state = 0;

-- What the media network reported before an outage proves nothing after it.
-- name: session_gap_media
-- index: session_lease; session_party primary key
-- allow: scan
UPDATE session_party SET left_intent = 0, left_at = (SELECT gap_from
    FROM session WHERE id = session_party.session_id)
WHERE joined_at IS NOT NULL AND left_at IS NULL AND session_id IN (
    SELECT id FROM session INDEXED BY session_lease
    WHERE state = 0 AND gap_open = 1 AND gap_until = :now);

-- A session for the audit log; members that are null are left out.
-- name: session_end_audit
-- index: session primary key
SELECT json_patch('{}', json_object('state', iif(state = 0, 'live', 'ended'),
    'customer_id', customer_id, 'listener_id', listener_id, 'cost', cost,
    'reason', :reason))
FROM session WHERE id = :id;
