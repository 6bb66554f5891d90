-- Media credentials of calls.

-- name: call_credential_set
-- index: session primary key
UPDATE session SET tokens_until = max(tokens_until, :until), token_ban = :ban
WHERE id = :session AND state = 0;

-- Accepted calls whose credentials expire soon, although the money lasts longer.
-- name: call_credential_due
-- index: session_tokens; call primary key
SELECT s.call_id, s.id, s.lasts_until
FROM session AS s INDEXED BY session_tokens
CROSS JOIN call AS c ON c.id = s.call_id AND c.state = 1
WHERE s.state = 0 AND s.tokens_until > 0 AND s.tokens_until <= :until
    AND s.lasts_until > max(s.tokens_until, :now)
LIMIT :limit;
