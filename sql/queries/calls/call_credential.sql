-- Media credentials of calls.

-- name: call_credential_set
-- index: session primary key
UPDATE session SET tokens_until = max(tokens_until, :until), token_ban = :ban
WHERE id = :session AND state = 0;

-- Live sessions whose credentials expire soon, although the money lasts longer.
-- name: call_credential_due
-- index: session_tokens; call primary key
SELECT s.id, coalesce(c.channel, s.channel), s.lasts_until
FROM session AS s INDEXED BY session_tokens
LEFT JOIN call AS c ON c.id = s.call_id
WHERE s.state = 0 AND s.tokens_until > 0 AND s.tokens_until <= :until
    AND s.lasts_until > max(s.tokens_until, :now)
LIMIT :limit;

-- The live session of a channel without a call, and the login sessions of its
-- parties.
-- name: call_credential_session
-- index: session_channel; session_party primary key
SELECT s.id, s.customer_id, s.listener_id, s.started_at, s.tokens_until,
    a.device_id, b.device_id, s.kind
FROM session AS s
LEFT JOIN session_party AS a ON a.session_id = s.id AND a.side = 1
LEFT JOIN session_party AS b ON b.session_id = s.id AND b.side = 2
WHERE s.channel = :channel AND s.state = 0;
