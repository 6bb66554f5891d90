-- The consumer side of the outbox; outbox.sql is the producer side.

-- name: delivery_claim
-- index: outbox_due, then the primary key
UPDATE outbox SET leased_until = :until, attempts = attempts + 1
WHERE id IN (SELECT id FROM outbox
    WHERE state = 0 AND channel = :channel AND provider = :provider
    AND urgent = :urgent AND due_at <= :now AND leased_until <= :now
    ORDER BY due_at, id LIMIT :max)
RETURNING id, user_id, recipient, template, code, title, body, data, attempts,
    expires_at, created_at;

-- A sent message keeps no address, code or text. One statement for many messages
-- changes each page of an index once.
-- name: delivery_sent
-- index: outbox primary key
UPDATE outbox SET state = 1, done_at = :now, error = NULL, code = NULL,
    recipient = NULL, title = NULL, body = NULL, data = NULL
WHERE id IN (SELECT value FROM json_each(:ids)) AND state = 0;

-- A failed message with a code keeps neither its address nor its text. Other
-- failed messages keep them, so that an administrator can retry them.
-- name: delivery_done
-- index: outbox primary key
UPDATE outbox SET state = :state, done_at = :now, error = :error, code = NULL,
    recipient = iif(:state = 2 AND code IS NULL, recipient, NULL),
    title = iif(:state = 2 AND code IS NULL, title, NULL),
    body = iif(:state = 2 AND code IS NULL, body, NULL),
    data = iif(:state = 2 AND code IS NULL, data, NULL)
WHERE id = :id AND state = 0;

-- name: delivery_later
-- index: outbox primary key
UPDATE outbox SET due_at = :due, leased_until = 0, error = :error
WHERE id = :id AND state = 0;

-- Copies a message to the devices of its user. A VoIP token receives only
-- incoming calls, and it is then the only device of its login session. The
-- device that answered a call is not told to stop ringing.
-- name: delivery_spread
-- index: outbox primary key, push_device_user, push_device_session
INSERT INTO outbox(channel, provider, user_id, recipient, template, code, title,
    body, data, urgent, due_at, expires_at, created_at)
SELECT o.channel, p.channel <> 0, o.user_id, p.token, o.template, o.code,
    o.title, o.body, o.data, o.urgent, o.due_at, o.expires_at, o.created_at
FROM outbox AS o
CROSS JOIN push_device AS p ON p.user_id = o.user_id
WHERE o.id = :id AND (o.template <> 'call_over' OR p.session_id IS NULL
    OR p.session_id IS NOT json_extract(o.data, '$.answered_on'))
    AND CASE p.channel WHEN 2 THEN o.template = 'call_incoming'
	ELSE o.template <> 'call_incoming' OR p.session_id IS NULL
	OR NOT EXISTS (SELECT 1 FROM push_device AS v
	    WHERE v.session_id = p.session_id AND v.channel = 2) END;

-- name: delivery_release
-- index: outbox_due
UPDATE outbox SET leased_until = 0
WHERE state = 0 AND channel = :channel AND provider = :provider
    AND leased_until > 0;

-- name: delivery_due
-- index: outbox_due
SELECT 1 FROM outbox
WHERE state = 0 AND channel = :channel AND provider = :provider
    AND urgent IN (1, :urgent) AND due_at <= :now AND leased_until <= :now
LIMIT 1;

-- name: delivery_waiting
-- index: outbox_due
SELECT count(*), min(due_at) FROM outbox INDEXED BY outbox_due
WHERE state = 0 AND channel = :channel;
