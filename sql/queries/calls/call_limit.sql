-- Limits of calls.

-- The newest calls of a user.
-- name: call_limit_recent
-- index: call_caller
SELECT callee_id, state, created_at, coalesce(cause, 0) FROM call
WHERE caller_id = :caller ORDER BY id DESC LIMIT :limit;

-- The sessions without a call that ended before the listener came, in ten
-- minutes and in an hour. If a party reported that the media failed, the listener
-- did come.
-- name: call_limit_unseen
-- index: session_customer
SELECT count(*) FILTER (WHERE started_at > :short), count(*)
FROM (SELECT * FROM session WHERE customer_id = :customer
    ORDER BY id DESC LIMIT :recent)
WHERE listener_id = :listener AND call_id IS NULL AND started_at > :hour
    AND state = 1 AND ended_at = billed_from AND waived = 0;

-- The call that has a channel, and when its last credential expires.
-- name: call_limit_channel
-- index: sqlite_autoindex_call_1; session primary key
SELECT c.id, c.caller_id, c.callee_id, c.state, coalesce(s.tokens_until, 0)
FROM call AS c LEFT JOIN session AS s ON s.id = c.session_id
WHERE c.channel = :channel;

-- Makes the channel of a call available for another one. No channel name
-- contains '/'.
-- name: call_limit_release
-- index: call primary key
UPDATE call SET channel_name = channel, channel = '/' || id WHERE id = :id;
