-- The producer side of the outbox; delivery.sql is the consumer side.

-- name: outbox_add
-- index: outbox primary key
INSERT INTO outbox(channel, user_id, recipient, template, code, title, body,
    data, urgent, due_at, expires_at, created_at)
VALUES (:channel, :user, :recipient, :template, :code, :title, :body, :data,
    :urgent, :due, :expires, :now);

-- name: outbox_drop
-- index: outbox primary key
DELETE FROM outbox WHERE id = :id;

-- The ids of a page, newest first. Those of all states, of one state, and of the
-- messages of a user. :channel 0: all channels.
-- name: outbox_ids
-- index: outbox primary key
SELECT id FROM outbox WHERE id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: outbox_ids_channel
-- index: outbox_channel
SELECT id FROM outbox INDEXED BY outbox_channel
WHERE channel = :channel AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- Pending messages are few, except while a provider does not respond.
-- name: outbox_ids_pending
-- index: outbox_due
-- allow: sort
SELECT id FROM outbox INDEXED BY outbox_due
WHERE state = 0 AND channel >= iif(:channel = 0, 1, :channel)
    AND channel <= iif(:channel = 0, 3, :channel) AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- Most messages are sent, so few others are skipped.
-- name: outbox_ids_sent
-- index: outbox primary key
SELECT id FROM outbox WHERE state = 1 AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: outbox_ids_sent_channel
-- index: outbox_channel
SELECT id FROM outbox INDEXED BY outbox_channel
WHERE channel = :channel AND state = 1 AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: outbox_ids_failed
-- index: outbox_failed, covering
SELECT id FROM outbox INDEXED BY outbox_failed
WHERE state = 2 AND id < :before AND (:channel = 0 OR channel = :channel)
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: outbox_ids_user
-- index: outbox_user
SELECT id FROM outbox INDEXED BY outbox_user
WHERE user_id = :user AND id < :before AND (:state < 0 OR state = :state)
    AND (:channel = 0 OR channel = :channel)
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- Counters contain the finished messages.
-- name: outbox_count
-- index: counter primary key, outbox_due
SELECT (SELECT coalesce(sum(n), 0) FROM counter
	WHERE name >= 'outbox:' AND name < 'outbox:~'
	AND (:state < 0 OR name LIKE 'outbox:' || :state || ':%')
	AND (:channel = 0 OR name LIKE 'outbox:%:' || :channel))
    + (SELECT count(*) FROM outbox INDEXED BY outbox_due
	WHERE state = 0 AND :state <= 0
	AND channel >= iif(:channel = 0, 1, :channel)
	AND channel <= iif(:channel = 0, 3, :channel));

-- The messages of a user are at most a week old, so they are few.
-- name: outbox_count_user
-- index: outbox_user
SELECT count(*) FROM outbox INDEXED BY outbox_user
WHERE user_id = :user AND (:state < 0 OR state = :state)
    AND (:channel = 0 OR channel = :channel);

-- One message, and the messages of a list of ids in that order. All have the
-- same columns.
-- name: outbox_get
-- index: outbox primary key
SELECT id, channel, user_id, recipient, template, state, attempts, due_at,
    expires_at, created_at, done_at, error,
    (recipient IS NOT NULL OR channel = 3) AND coalesce(body, data) IS NOT NULL
FROM outbox WHERE id = :id;

-- name: outbox_items
-- index: outbox primary key
SELECT o.id, o.channel, o.user_id, o.recipient, o.template, o.state, o.attempts,
    o.due_at, o.expires_at, o.created_at, o.done_at, o.error,
    (o.recipient IS NOT NULL OR o.channel = 3)
    AND coalesce(o.body, o.data) IS NOT NULL
FROM json_each(:ids) AS j CROSS JOIN outbox AS o ON o.id = j.value;

-- name: outbox_retry
-- index: outbox primary key
UPDATE outbox SET state = 0, attempts = 0, due_at = :now, leased_until = 0,
    expires_at = :expires, done_at = NULL, error = NULL
WHERE id = :id;
