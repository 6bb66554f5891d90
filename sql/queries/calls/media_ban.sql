-- Bans of users from media channels.

-- name: media_ban_add
-- index: session and call primary keys
INSERT INTO media_ban(channel, user_id, other_id, due_at, expires_at)
SELECT coalesce(c.channel, s.channel),
    iif(p.value = 1, s.customer_id, s.listener_id),
    iif(p.value = 1, s.listener_id, s.customer_id), :now, s.tokens_until
FROM session AS s
LEFT JOIN call AS c ON c.id = s.call_id
CROSS JOIN json_each('[1,2]') AS p
WHERE s.id = :session AND s.token_ban = 1 AND s.tokens_until > :now;

-- A ban that was never sent is finished. Others are deleted at the provider.
-- name: media_ban_end
-- index: media_ban_user
UPDATE media_ban SET state = iif(state = 0 AND attempts = 0, 3, 2),
    attempts = 0, due_at = :now
WHERE user_id = :user AND other_id = :other AND state < 2
    AND expires_at > :now;

-- name: media_ban_due
-- index: media_ban_due
SELECT 1 FROM media_ban
WHERE state IN (0, 2) AND due_at <= :now AND leased_until <= :now LIMIT 1;

-- name: media_ban_next
-- index: media_ban_due
SELECT id, channel, user_id, state, rule_id, attempts, expires_at
FROM media_ban INDEXED BY media_ban_due
WHERE state IN (0, 2) AND due_at <= :now AND leased_until <= :now
ORDER BY due_at LIMIT 1;

-- name: media_ban_claim
-- index: media_ban primary key
UPDATE media_ban SET leased_until = :until, attempts = attempts + 1
WHERE id = :id;

-- A ban that was ended while the rule was created is now deleted with its id.
-- name: media_ban_created
-- index: media_ban primary key
UPDATE media_ban SET state = CASE WHEN state = 2 AND :rule <> 0 THEN 2
    WHEN :rule <> 0 THEN 1 ELSE 3 END,
    rule_id = nullif(:rule, 0), attempts = 0, due_at = :now,
    leased_until = 0, error = NULL
WHERE id = :id;

-- name: media_ban_finish
-- index: media_ban primary key
UPDATE media_ban SET state = 3, leased_until = 0, error = :error WHERE id = :id;

-- name: media_ban_failed
-- index: media_ban primary key
UPDATE media_ban SET due_at = :due, leased_until = 0, error = :error
WHERE id = :id;

-- name: media_ban_oldest
-- index: media_ban_expires
SELECT 1 FROM media_ban WHERE expires_at <= :before LIMIT 1;

-- name: media_ban_prune
-- index: media_ban_expires
DELETE FROM media_ban WHERE id IN (SELECT id FROM media_ban
    WHERE expires_at <= :before ORDER BY expires_at LIMIT :max);
