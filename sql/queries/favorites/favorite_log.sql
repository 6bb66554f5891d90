-- The log of favorites, and lookups.

-- name: favorite_log_activity
-- index: favorite_log_user
SELECT seq, kind, entity_id, entity_uuid, action, at, request_id
FROM favorite_log WHERE user_id = :user AND seq < :before
ORDER BY seq DESC LIMIT :limit;

-- name: favorite_log_changes
-- index: favorite_log_user
SELECT seq, kind, entity_id, entity_uuid, action, at, request_id
FROM favorite_log WHERE user_id = :user AND seq > :since
ORDER BY seq LIMIT :limit;

-- name: favorite_log_ends
-- index: setting primary key; the last row of the log's own counter
SELECT max(coalesce((SELECT value FROM setting
	    WHERE key = 'favorite_log_floor'), 0),
	coalesce((SELECT max(log_floor) FROM favorite_total
	    WHERE user_id = :user), 0)),
    max(coalesce((SELECT max(seq) FROM favorite_log), 0),
	coalesce((SELECT value FROM setting WHERE key = 'favorite_log_floor'), 0));

-- name: favorite_log_state
-- index: favorite_pair
SELECT v.id, v.kind, v.entity_id, e.uuid, 1, v.created_at, NULL
FROM favorite AS v
CROSS JOIN favoritable AS e ON e.kind = v.kind AND e.id = v.entity_id
WHERE v.user_id = :user AND (v.kind, v.entity_id) > (:kind, :entity)
    AND NOT EXISTS (SELECT 1 FROM entity_removal AS r
	WHERE r.kind = v.kind AND r.id = v.entity_id)
ORDER BY v.kind, v.entity_id LIMIT :limit;

-- The positions of those items that are saved. :items is [[kind, id], ...],
-- :uuids are their concatenated UUIDs.
-- name: favorite_log_contains
-- index: favorite_pair; favoritable_uuid for the kinds that have one
SELECT j.key FROM json_each(:items) AS j
WHERE EXISTS (SELECT 1 FROM favorite AS v WHERE v.user_id = :user
    AND NOT EXISTS (SELECT 1 FROM entity_removal AS r
	WHERE r.kind = v.kind AND r.id = v.entity_id)
    AND v.kind = j.value ->> 0
    AND v.entity_id = CASE WHEN j.value ->> 0 < 3 THEN j.value ->> 1
	ELSE (SELECT e.id FROM favoritable AS e
	    WHERE e.uuid = substr(:uuids, 1 + 16 * j.key, 16)
	    AND e.kind = j.value ->> 0) END);
