-- The log of all users' favorites, for administrators. Lists are newest first:
-- by time, or in the order of seq for a single user. The indexes begin with
-- kind and action, followed by the time. If several kinds or actions match,
-- their rows are merged. The page begins after the row (:at, :seq).

-- name: favorite_admin_log_all
-- index: favorite_log_kind, for each kind and action; primary keys
WITH hit(seq) AS (SELECT seq FROM (
    SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 1 AND action = 1
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 1)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 1 AND action = 0
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 1)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 2 AND action = 1
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 2)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 2 AND action = 0
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 2)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 3 AND action = 1
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 3)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 3 AND action = 0
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 3)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 4 AND action = 1
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 4)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 4 AND action = 0
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 4)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 5 AND action = 1
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 5)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 5 AND action = 0
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 5)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 6 AND action = 1
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 6)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 6 AND action = 0
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:kind IS NULL OR :kind = 6)
	AND (:action IS NULL OR :action = 0)
    ORDER BY at DESC, seq DESC LIMIT :limit OFFSET :offset))
SELECT l.seq, l.user_id, u.uuid, l.kind, l.entity_id, l.entity_uuid, l.action,
    l.at, l.request_id
FROM hit AS h CROSS JOIN favorite_log AS l ON l.seq = h.seq
CROSS JOIN user AS u ON u.id = l.user_id;

-- The rows of one user are filtered one by one, in the index.
-- name: favorite_admin_log_user
-- index: favorite_log_user
SELECT l.seq, l.user_id, u.uuid, l.kind, l.entity_id, l.entity_uuid, l.action,
    l.at, l.request_id
FROM favorite_log AS l INDEXED BY favorite_log_user
CROSS JOIN user AS u ON u.id = l.user_id
WHERE l.user_id = :user AND l.seq < :seq
    AND (:kind IS NULL OR l.kind = :kind)
    AND (:entity IS NULL OR l.entity_id = :entity)
    AND (:action IS NULL OR l.action = :action)
    AND l.at >= :from AND l.at < :to
ORDER BY l.seq DESC
LIMIT :limit OFFSET :offset;

-- name: favorite_admin_log_entity
-- index: favorite_log_entity, for each action; primary keys
WITH hit(seq) AS (SELECT seq FROM (
    SELECT seq, at FROM favorite_log INDEXED BY favorite_log_entity
	WHERE kind = :kind AND entity_id = :entity AND action = 1
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT seq, at FROM favorite_log INDEXED BY favorite_log_entity
	WHERE kind = :kind AND entity_id = :entity AND action = 0
	AND at >= :from AND (at, seq) < (:at, :seq)
	AND (:action IS NULL OR :action = 0)
    ORDER BY at DESC, seq DESC LIMIT :limit OFFSET :offset))
SELECT l.seq, l.user_id, u.uuid, l.kind, l.entity_id, l.entity_uuid, l.action,
    l.at, l.request_id
FROM hit AS h CROSS JOIN favorite_log AS l ON l.seq = h.seq
CROSS JOIN user AS u ON u.id = l.user_id;

-- Counts, up to :max.
-- name: favorite_admin_log_count
-- index: favorite_log_kind, for each kind and action
SELECT count(*) FROM (
    SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 1 AND action = 1
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 1)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 1 AND action = 0
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 1)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 2 AND action = 1
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 2)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 2 AND action = 0
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 2)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 3 AND action = 1
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 3)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 3 AND action = 0
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 3)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 4 AND action = 1
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 4)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 4 AND action = 0
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 4)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 5 AND action = 1
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 5)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 5 AND action = 0
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 5)
	AND (:action IS NULL OR :action = 0)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 6 AND action = 1
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 6)
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_kind
	WHERE kind = 6 AND action = 0
	AND at >= :from AND at < :to
	AND (:kind IS NULL OR :kind = 6)
	AND (:action IS NULL OR :action = 0)
    LIMIT :max);

-- name: favorite_admin_log_count_user
-- index: favorite_log_user
SELECT count(*) FROM (SELECT 1 FROM favorite_log AS l INDEXED BY favorite_log_user
WHERE l.user_id = :user
    AND (:kind IS NULL OR l.kind = :kind)
    AND (:entity IS NULL OR l.entity_id = :entity)
    AND (:action IS NULL OR l.action = :action)
    AND l.at >= :from AND l.at < :to
    LIMIT :max);

-- name: favorite_admin_log_count_entity
-- index: favorite_log_entity, for each action
SELECT count(*) FROM (
    SELECT 1 FROM favorite_log INDEXED BY favorite_log_entity
	WHERE kind = :kind AND entity_id = :entity AND action = 1
	AND at >= :from AND at < :to
	AND (:action IS NULL OR :action = 1)
    UNION ALL SELECT 1 FROM favorite_log INDEXED BY favorite_log_entity
	WHERE kind = :kind AND entity_id = :entity AND action = 0
	AND at >= :from AND at < :to
	AND (:action IS NULL OR :action = 0)
    LIMIT :max);

-- name: favorite_admin_log_user_id
-- index: user's UUID
SELECT id FROM user WHERE uuid = :uuid;

-- name: favorite_admin_log_entity_id
-- index: favoritable_uuid
SELECT kind, id FROM favoritable WHERE uuid = :uuid;
