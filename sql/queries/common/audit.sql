-- The log of administrators' changes.

-- The last id that was assigned, and the last row. The scanned table has one
-- row for each of the dozen tables with AUTOINCREMENT.
-- name: audit_last
-- index: audit primary key
-- allow: scan
SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'audit'), a.id, a.hash
FROM (SELECT max(id) AS last FROM audit) AS m
LEFT JOIN audit AS a ON a.id = m.last;

-- Rows in order, to verify the chain or to start it.
-- name: audit_chain
-- index: audit primary key
SELECT id, at, actor_id, action, target, before, after, request_id, hash
FROM audit WHERE id >= :first ORDER BY id;

-- name: audit_add
-- index: none: an insert
INSERT INTO audit(id, at, actor_id, action, target, before, after, request_id,
    hash)
VALUES (:id, :at, :actor, :action, :target, :before, :after, :request_id,
    :hash);

-- Lists, newest first. Each statement uses the index of one filter. All have
-- the same columns. The page begins after the row (:at, :id).
-- name: audit_list
-- index: audit_at
SELECT id, at, actor_id, action, target, before, after, request_id
FROM audit INDEXED BY audit_at
WHERE at >= :from AND (at, id) < (:at, :id)
ORDER BY at DESC, id DESC
LIMIT :limit OFFSET :offset;

-- name: audit_list_request
-- index: audit_request
SELECT id, at, actor_id, action, target, before, after, request_id
FROM audit INDEXED BY audit_request
WHERE request_id = :request AND at >= :from AND (at, id) < (:at, :id)
    AND (:target IS NULL OR target = :target)
    AND (:actor IS NULL OR actor_id = :actor)
    AND (:action IS NULL OR action = :action)
ORDER BY at DESC, id DESC
LIMIT :limit OFFSET :offset;

-- name: audit_list_target
-- index: audit_target
SELECT id, at, actor_id, action, target, before, after, request_id
FROM audit INDEXED BY audit_target
WHERE target = :target AND at >= :from AND (at, id) < (:at, :id)
    AND (:actor IS NULL OR actor_id = :actor)
    AND (:action IS NULL OR action = :action)
ORDER BY at DESC, id DESC
LIMIT :limit OFFSET :offset;

-- name: audit_list_both
-- index: audit_actor_action
SELECT id, at, actor_id, action, target, before, after, request_id
FROM audit INDEXED BY audit_actor_action
WHERE actor_id = :actor AND action = :action AND at >= :from
    AND (at, id) < (:at, :id)
ORDER BY at DESC, id DESC
LIMIT :limit OFFSET :offset;

-- name: audit_list_actor
-- index: audit_actor
SELECT id, at, actor_id, action, target, before, after, request_id
FROM audit INDEXED BY audit_actor
WHERE actor_id = :actor AND at >= :from AND (at, id) < (:at, :id)
ORDER BY at DESC, id DESC
LIMIT :limit OFFSET :offset;

-- name: audit_list_action
-- index: audit_action
SELECT id, at, actor_id, action, target, before, after, request_id
FROM audit INDEXED BY audit_action
WHERE action = :action AND at >= :from AND (at, id) < (:at, :id)
ORDER BY at DESC, id DESC
LIMIT :limit OFFSET :offset;

-- Counts, one for each list statement, up to :max.
-- name: audit_count
-- index: audit_at
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_at
    WHERE at >= :from AND at < :to LIMIT :max);

-- name: audit_count_request
-- index: audit_request
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_request
    WHERE request_id = :request AND at >= :from AND at < :to
    AND (:target IS NULL OR target = :target)
    AND (:actor IS NULL OR actor_id = :actor)
    AND (:action IS NULL OR action = :action)
    LIMIT :max);

-- name: audit_count_target
-- index: audit_target
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_target
    WHERE target = :target AND at >= :from AND at < :to
    AND (:actor IS NULL OR actor_id = :actor)
    AND (:action IS NULL OR action = :action)
    LIMIT :max);

-- name: audit_count_both
-- index: audit_actor_action
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_actor_action
    WHERE actor_id = :actor AND action = :action AND at >= :from AND at < :to LIMIT :max);

-- name: audit_count_actor
-- index: audit_actor
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_actor
    WHERE actor_id = :actor AND at >= :from AND at < :to LIMIT :max);

-- name: audit_count_action
-- index: audit_action
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_action
    WHERE action = :action AND at >= :from AND at < :to LIMIT :max);

-- The state of an account, as JSON.
-- name: audit_user
-- index: user primary key
SELECT json_object(
    'status', CASE status WHEN 0 THEN 'pending_verification'
	WHEN 1 THEN 'active' WHEN 2 THEN 'deleted' ELSE 'banned' END,
    'roles', roles | staff_roles,
    'banned_until', strftime('%Y-%m-%dT%H:%M:%SZ', banned_until / 1000,
	'unixepoch'),
    'ban_reason', ban_reason)
FROM user WHERE id = :id;

-- The state of a listener, as JSON.
-- name: audit_listener
-- index: listener primary key
SELECT json_object(
    'verification', CASE verification WHEN 0 THEN 'pending'
	WHEN 1 THEN 'verified' ELSE 'rejected' END,
    'reason', reason)
FROM listener WHERE user_id = :id;
