-- The objects that were saved most: counts per hour from the log, and rankings
-- from the counts.

-- name: ranking_fresh
-- index: favorite_log primary key
SELECT seq, user_id, kind, entity_id, action, at FROM favorite_log
WHERE seq > :after ORDER BY seq LIMIT :max;

-- Earlier changes of a user, newest first, to find the save that an unsave
-- reverts.
-- name: ranking_before
-- index: favorite_log_user
SELECT kind, entity_id, action, at FROM favorite_log
WHERE user_id = :user AND seq < :seq ORDER BY seq DESC;

-- name: ranking_count
-- index: popular_hour primary key
INSERT INTO popular_hour(hour, kind, entity_id, saves)
VALUES (:hour, :kind, :entity, :saves)
ON CONFLICT (hour, kind, entity_id) DO UPDATE
SET saves = saves + excluded.saves;

-- The sums of a window are not in an index.
-- name: ranking_rank
-- index: popular_hour primary key
-- allow: sort
SELECT entity_id, sum(saves) AS n FROM popular_hour
WHERE hour >= :since AND kind = :kind
GROUP BY entity_id
HAVING n > 0 AND EXISTS (SELECT 1 FROM favoritable
    WHERE kind = :kind AND id = entity_id)
ORDER BY n DESC, entity_id LIMIT :max;

-- name: ranking_ranked
-- index: popular primary key
SELECT entity_id, saves FROM popular
WHERE window = :window AND kind = :kind ORDER BY rank;

-- name: ranking_clear
-- index: popular primary key
DELETE FROM popular WHERE window = :window AND kind = :kind;

-- name: ranking_put
-- index: popular primary key
INSERT INTO popular(window, kind, rank, entity_id, saves)
VALUES (:window, :kind, :rank, :entity, :saves);
