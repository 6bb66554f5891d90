-- What administrators did, and the states they found and left.

-- name: audit_add
-- index: none: an insert
INSERT INTO audit(at, actor_id, action, target, before, after, request_id)
VALUES (:at, :actor, :action, :target, :before, :after, :request_id);

-- Newest first. Three ways in, the same filters.
-- name: audit_list
-- index: audit primary key
SELECT id, at, actor_id, action, target, before, after, request_id
FROM audit
WHERE id < :id
    AND (:action IS NULL OR action = :action)
    AND (:target IS NULL OR target = :target)
    AND at >= :from AND at < :to
ORDER BY id DESC
LIMIT :limit OFFSET :offset;

-- name: audit_list_actor
-- index: audit_actor
SELECT id, at, actor_id, action, target, before, after, request_id
FROM audit INDEXED BY audit_actor
WHERE actor_id = :actor AND id < :id
    AND (:action IS NULL OR action = :action)
    AND (:target IS NULL OR target = :target)
    AND at >= :from AND at < :to
ORDER BY id DESC
LIMIT :limit OFFSET :offset;

-- name: audit_list_target
-- index: audit_target
SELECT id, at, actor_id, action, target, before, after, request_id
FROM audit INDEXED BY audit_target
WHERE target = :target AND id < :id
    AND (:action IS NULL OR action = :action)
    AND at >= :from AND at < :to
ORDER BY id DESC
LIMIT :limit OFFSET :offset;

-- name: audit_count
-- index: none for action and time; administrators alone ask
-- allow: scan
SELECT count(*) FROM audit
WHERE (:actor IS NULL OR actor_id = :actor)
    AND (:action IS NULL OR action = :action)
    AND (:target IS NULL OR target = :target)
    AND at >= :from AND at < :to;

-- An account as the audit keeps it.
-- name: audit_user
-- index: user primary key
SELECT json_object(
    'status', CASE status WHEN 0 THEN 'pending_verification'
	WHEN 1 THEN 'active' WHEN 2 THEN 'deleted' ELSE 'banned' END,
    'roles', roles,
    'banned_until', strftime('%Y-%m-%dT%H:%M:%SZ', banned_until / 1000,
	'unixepoch'),
    'ban_reason', ban_reason)
FROM user WHERE id = :id;

-- A listener as the audit keeps it.
-- name: audit_listener
-- index: listener primary key
SELECT json_object(
    'verification', CASE verification WHEN 0 THEN 'pending'
	WHEN 1 THEN 'verified' ELSE 'rejected' END,
    'reason', reason)
FROM listener WHERE user_id = :id;
