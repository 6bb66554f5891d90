-- What two users have in common when one blocks the other.

-- The live call of two users.
-- name: call_block_call
-- index: primary keys of call_live and call
SELECT c.id, c.state, c.caller_id
FROM call_live AS l CROSS JOIN call AS c ON c.id = l.call_id
WHERE l.user_id = :user AND :other IN (c.caller_id, c.callee_id);

-- Their live session without a call.
-- name: call_block_session
-- index: session_live_customer, session_live_listener
SELECT id, customer_id FROM session INDEXED BY session_live_customer
WHERE customer_id = :user AND listener_id = :other AND state = 0
UNION ALL
SELECT id, customer_id FROM session INDEXED BY session_live_listener
WHERE listener_id = :user AND customer_id = :other AND state = 0;

-- Whether a user is the listener of a live call or session.
-- name: call_block_listener
-- index: primary keys of call_live and call, session_live_listener
SELECT EXISTS (SELECT 1
	FROM call_live AS l CROSS JOIN call AS c ON c.id = l.call_id
	WHERE l.user_id = :listener AND c.callee_id = :listener)
    OR EXISTS (SELECT 1 FROM session
	WHERE listener_id = :listener AND state = 0);
