-- The log of all users' favorites, for administrators. Newest first; along
-- one user, one entity, or all of it, the same filters.

-- name: activity_all
-- index: favorite_log primary key
SELECT l.seq, l.user_id, u.uuid, l.kind, l.entity_id, l.entity_uuid, l.action,
    l.at, l.request_id
FROM favorite_log AS l CROSS JOIN user AS u ON u.id = l.user_id
WHERE l.seq < :seq
    AND (:kind IS NULL OR l.kind = :kind)
    AND (:action IS NULL OR l.action = :action)
    AND l.at >= :from AND l.at < :to
ORDER BY l.seq DESC
LIMIT :limit OFFSET :offset;

-- name: activity_user
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

-- name: activity_entity
-- index: favorite_log_entity
SELECT l.seq, l.user_id, u.uuid, l.kind, l.entity_id, l.entity_uuid, l.action,
    l.at, l.request_id
FROM favorite_log AS l INDEXED BY favorite_log_entity
CROSS JOIN user AS u ON u.id = l.user_id
WHERE l.kind = :kind AND l.entity_id = :entity AND l.seq < :seq
    AND (:action IS NULL OR l.action = :action)
    AND l.at >= :from AND l.at < :to
ORDER BY l.seq DESC
LIMIT :limit OFFSET :offset;

-- How many, as far as :most.
-- name: activity_count
-- index: none for kind, action and time; administrators alone ask
-- allow: scan
SELECT count(*) FROM (SELECT 1 FROM favorite_log AS l
WHERE (:kind IS NULL OR l.kind = :kind)
    AND (:action IS NULL OR l.action = :action)
    AND l.at >= :from AND l.at < :to
    LIMIT :most);

-- name: activity_count_user
-- index: favorite_log_user
SELECT count(*) FROM (SELECT 1 FROM favorite_log AS l INDEXED BY favorite_log_user
WHERE l.user_id = :user
    AND (:kind IS NULL OR l.kind = :kind)
    AND (:entity IS NULL OR l.entity_id = :entity)
    AND (:action IS NULL OR l.action = :action)
    AND l.at >= :from AND l.at < :to
    LIMIT :most);

-- name: activity_count_entity
-- index: favorite_log_entity
SELECT count(*) FROM (SELECT 1 FROM favorite_log AS l INDEXED BY favorite_log_entity
WHERE l.kind = :kind AND l.entity_id = :entity
    AND (:action IS NULL OR l.action = :action)
    AND l.at >= :from AND l.at < :to
    LIMIT :most);

-- name: activity_user_id
-- index: user's UUID
SELECT id FROM user WHERE uuid = :uuid;

-- name: activity_entity_id
-- index: entity_uuid
SELECT kind, id FROM entity WHERE uuid = :uuid;
