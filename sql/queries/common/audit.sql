-- What administrators did, and the states they found and left.

-- The number that was given last, and the last row that there is. That table
-- has a row for each of the dozen tables that number their rows.
-- name: audit_last
-- index: audit primary key
-- allow: scan
SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'audit'), a.id, a.hash
FROM (SELECT max(id) AS last FROM audit) AS m
LEFT JOIN audit AS a ON a.id = m.last;

-- All of them, for the proof and for the first link.
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

-- Newest first. Ways in by who, what, whose and which request; the same
-- filters and columns; the index of whose holds the others. (:at, :id) is the
-- place that the page begins behind.
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

-- How many of each way, as far as :most.
-- name: audit_count
-- index: audit_at
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_at
    WHERE at >= :from AND at < :to LIMIT :most);

-- name: audit_count_request
-- index: audit_request
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_request
    WHERE request_id = :request AND at >= :from AND at < :to
    AND (:target IS NULL OR target = :target)
    AND (:actor IS NULL OR actor_id = :actor)
    AND (:action IS NULL OR action = :action)
    LIMIT :most);

-- name: audit_count_target
-- index: audit_target
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_target
    WHERE target = :target AND at >= :from AND at < :to
    AND (:actor IS NULL OR actor_id = :actor)
    AND (:action IS NULL OR action = :action)
    LIMIT :most);

-- name: audit_count_both
-- index: audit_actor_action
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_actor_action
    WHERE actor_id = :actor AND action = :action AND at >= :from AND at < :to LIMIT :most);

-- name: audit_count_actor
-- index: audit_actor
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_actor
    WHERE actor_id = :actor AND at >= :from AND at < :to LIMIT :most);

-- name: audit_count_action
-- index: audit_action
SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_action
    WHERE action = :action AND at >= :from AND at < :to LIMIT :most);

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
