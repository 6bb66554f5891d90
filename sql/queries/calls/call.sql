-- Calls. All statements that read calls have the same columns, for call_row().

-- The callee, whether both users are busy, and the expected language: the
-- caller's preferred one, or the listener's first.
-- name: call_callee
-- index: user, listener, listener_language and presence primary keys
SELECT u.username, u.status, u.banned_until, l.verification, l.mean_call_ms,
    p.status <> 0 AND p.until > :now, p.busy_since,
    (SELECT busy_since FROM presence WHERE user_id = :caller),
    (SELECT username FROM user WHERE id = :caller),
    coalesce((SELECT s.language FROM user AS c
	CROSS JOIN listener_language AS s ON s.language = c.preferred_language
	    AND s.user_id = l.user_id
	WHERE c.id = :caller),
	substr(l.languages, 1, instr(l.languages || char(10), char(10)) - 1)),
    (SELECT image FROM user WHERE id = :caller), u.image
FROM user AS u
CROSS JOIN listener AS l ON l.user_id = u.id
CROSS JOIN presence AS p ON p.user_id = u.id
WHERE u.id = :callee;

-- name: call_add
-- index: none: an insert
INSERT INTO call(caller_id, callee_id, caller_device, channel, created_at,
    ring_until, kind, rate, commission, per_second, free_ms)
VALUES (:caller, :callee, :device, :channel, :now, :until, :kind, :rate,
    :commission, :per_second, :free_ms);

-- The tariff that a call was started with. The rate is null in older calls.
-- name: call_tariff
-- index: call primary key
SELECT kind, rate, commission, per_second, free_ms FROM call WHERE id = :id;

-- name: call_get
-- index: call, user and session primary keys
SELECT c.id, c.caller_id, c.callee_id, iif(a.status = 2, NULL, a.username),
    iif(b.status = 2, NULL, b.username), coalesce(c.channel_name, c.channel),
    c.state, c.created_at, c.ring_until, c.accepted_at, c.ended_at, c.ended_by,
    c.cause, c.session_id, s.cost, c.caller_device, c.callee_device,
    s.tokens_until, c.kind, iif(a.status = 2, NULL, a.image),
    iif(b.status = 2, NULL, b.image)
FROM call AS c
CROSS JOIN user AS a ON a.id = c.caller_id
CROSS JOIN user AS b ON b.id = c.callee_id
LEFT JOIN session AS s ON s.id = c.session_id
WHERE c.id = :id;

-- name: call_items
-- index: call, user and session primary keys
SELECT c.id, c.caller_id, c.callee_id, iif(a.status = 2, NULL, a.username),
    iif(b.status = 2, NULL, b.username), coalesce(c.channel_name, c.channel),
    c.state, c.created_at, c.ring_until, c.accepted_at, c.ended_at, c.ended_by,
    c.cause, c.session_id, s.cost, c.caller_device, c.callee_device,
    s.tokens_until, c.kind, iif(a.status = 2, NULL, a.image),
    iif(b.status = 2, NULL, b.image)
FROM json_each(:ids) AS j
CROSS JOIN call AS c ON c.id = j.value
CROSS JOIN user AS a ON a.id = c.caller_id
CROSS JOIN user AS b ON b.id = c.callee_id
LEFT JOIN session AS s ON s.id = c.session_id;

-- name: call_ids
-- index: call_caller, call_callee
SELECT id FROM call
WHERE caller_id = :user AND id < :before AND (:state < 0 OR state = :state)
UNION ALL
SELECT id FROM call
WHERE callee_id = :user AND id < :before AND (:state < 0 OR state = :state)
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- Calls of all users: all, live ones, of one state.
-- name: call_ids_all
-- index: call primary key
SELECT id FROM call WHERE id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: call_ids_live
-- index: call_state
SELECT id FROM call WHERE state = 0 AND id < :before
UNION ALL
SELECT id FROM call WHERE state = 1 AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: call_ids_state
-- index: call_state
SELECT id FROM call WHERE state = :state AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- The live call of a user, at most one.
-- name: call_ids_user_live
-- index: primary keys of call_live and call
SELECT c.id FROM call_live AS l CROSS JOIN call AS c ON c.id = l.call_id
WHERE l.user_id = :user AND c.id < :before AND (:state < 0 OR c.state = :state)
LIMIT :limit OFFSET :offset;

-- name: call_count_live
-- index: primary keys of call_live and call
SELECT count(*) FROM call_live AS l CROSS JOIN call AS c ON c.id = l.call_id
WHERE l.user_id = :user AND (:state < 0 OR c.state = :state);

-- name: call_counter
-- index: counter primary key
SELECT sum(n) FROM counter
WHERE name BETWEEN 'call:' || :first AND 'call:' || :last;

-- name: call_count
-- index: call_total primary key
SELECT n FROM call_total WHERE user_id = :user;

-- A user's calls of a state have no counter: they are counted by two indexes.
-- name: call_count_state
-- index: call_caller, call_callee
SELECT (SELECT count(*) FROM call INDEXED BY call_caller
	WHERE caller_id = :user AND state = :state) +
    (SELECT count(*) FROM call INDEXED BY call_callee
	WHERE callee_id = :user AND state = :state);

-- name: call_accept
-- index: call primary key
UPDATE call SET state = 1, accepted_at = :now, session_id = :session,
    callee_device = :device
WHERE id = :id;

-- name: call_hangup
-- index: call primary key
UPDATE call SET state = :state, ended_at = max(:at, created_at,
    coalesce(accepted_at, 0)), ended_by = :by, cause = :cause
WHERE id = :id AND state < 2
RETURNING caller_id, callee_id, accepted_at, ended_at, session_id,
    callee_device;

-- A call for the audit log; members that are null are left out.
-- name: call_audit
-- index: call and session primary keys
SELECT json_patch('{}', json_object('state', CASE c.state WHEN 0 THEN 'ringing'
	WHEN 1 THEN 'accepted' WHEN 2 THEN 'ended' WHEN 3 THEN 'rejected'
	WHEN 4 THEN 'cancelled' ELSE 'missed' END,
    'caller_id', c.caller_id, 'callee_id', c.callee_id,
    'session_id', c.session_id, 'cost', s.cost, 'reason', :reason))
FROM call AS c LEFT JOIN session AS s ON s.id = c.session_id
WHERE c.id = :id;

-- name: call_live_of
-- index: call_live primary key
SELECT call_id FROM call_live WHERE user_id = :user;

-- name: call_of_channel
-- index: sqlite_autoindex_call_1
SELECT id FROM call WHERE channel = :channel AND state < 2;

-- The call of a channel in any state.
-- name: call_by_channel
-- index: sqlite_autoindex_call_1
SELECT id FROM call WHERE channel = :channel;

-- name: call_channel
-- index: call primary key
SELECT channel FROM call WHERE id = :id;

-- name: call_missed_in_row
-- index: call_total primary key
SELECT missed_in_row FROM call_total WHERE user_id = :user;

-- name: call_unreachable
-- index: presence and call_total primary keys
UPDATE presence SET version = version + 1, reachable_until = 0
WHERE user_id = :user AND reachable_until > 0;

-- Counts a signaling message in the present minute.
-- name: call_signal
-- index: call primary key
UPDATE call SET signals = iif(signals_at = :minute, signals + 1, 1),
    signals_at = :minute
WHERE id = :id
RETURNING signals;

-- name: call_ring_due
-- index: call_ringing
SELECT id FROM call INDEXED BY call_ringing
WHERE state = 0 AND ring_until <= :until
ORDER BY ring_until LIMIT :limit;

-- name: call_media_add
-- index: call_media primary key
INSERT INTO call_media(notice, call_id, user_id, what, client_seq, at, reason)
VALUES (:notice, :call, :user, :what, :seq, :at, :reason)
ON CONFLICT (notice) DO NOTHING;

-- name: call_media_list
-- index: call_media_call
SELECT user_id, what, at, reason FROM call_media INDEXED BY call_media_call
WHERE call_id = :call ORDER BY user_id, client_seq LIMIT :limit;
