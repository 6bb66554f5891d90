-- Counts of business events (see domain/common/rollup.h).

-- name: rollup_event_add
-- index: none: an insert
INSERT INTO fact(metric, at, word, n) VALUES (:metric, :at, :word, :n);

-- name: rollup_stand
-- index: fact and rollup_mark primary keys
SELECT coalesce((SELECT max(id) FROM fact), 0),
    coalesce((SELECT open FROM rollup_mark WHERE id > 0
	ORDER BY id DESC LIMIT 1), 0);

-- name: rollup_mark
-- index: none: an insert
INSERT INTO rollup_mark(fact_id, open, at) VALUES (:fact, :open, :now);

-- name: rollup_fresh
-- index: fact primary key
SELECT id, metric, at, word, n, user_id FROM fact
WHERE id > :after ORDER BY id LIMIT :max;

-- name: rollup_seen
-- index: active primary key
INSERT INTO active(until, span, user_id)
VALUES (:hour, 1, :user), (:day, 2, :user), (:week, 3, :user)
ON CONFLICT (until, span, user_id) DO NOTHING
RETURNING span;

-- name: rollup_add
-- index: rollup primary key
INSERT INTO rollup(metric, span, start, word, n)
VALUES (:metric, :span, :start, :word, :n)
ON CONFLICT (metric, span, start, word) DO UPDATE SET n = n + excluded.n;

-- name: rollup_supply_any
-- index: presence_here
SELECT 1 FROM presence INDEXED BY presence_here
WHERE listed = 1 AND until > :now AND status <> 0 LIMIT 1;

-- All online listeners, and those of each language, in any order.
-- name: rollup_supply_sample
-- index: presence_here, then listener_language_user
-- allow: sort
INSERT INTO fact(metric, at, word, n)
SELECT 9, :now, '', count(*) FROM presence INDEXED BY presence_here
WHERE listed = 1 AND until > :now AND status <> 0
UNION ALL
SELECT 9, :now, l.language, count(*)
FROM presence AS p INDEXED BY presence_here
CROSS JOIN listener_language AS l ON l.user_id = p.user_id
WHERE p.listed = 1 AND p.until > :now AND p.status <> 0
GROUP BY l.language;

-- The last id of the oldest facts that are counted and old enough.
-- name: rollup_prune_end
-- index: fact primary key
SELECT max(id) FROM (SELECT id, at FROM fact
    WHERE id <= :upto ORDER BY id LIMIT :max)
WHERE at < :before;

-- name: rollup_prune
-- index: fact primary key
DELETE FROM fact WHERE id <= :end;

-- name: rollup_prune_active
-- index: active primary key
DELETE FROM active WHERE (until, span, user_id) IN (
    SELECT until, span, user_id FROM active
    WHERE until < :before ORDER BY until LIMIT :max);
