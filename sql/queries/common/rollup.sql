-- Counts of business events (see domain/common/rollup.h).

-- name: rollup_event_add
-- index: none: an insert
INSERT INTO fact(metric, at, label, n) VALUES (:metric, :at, :label, :n);

-- name: rollup_state
-- index: fact and rollup_watermark primary keys
SELECT coalesce((SELECT max(id) FROM fact), 0),
    coalesce((SELECT open_from FROM rollup_watermark WHERE id > 0
	ORDER BY id DESC LIMIT 1), 0);

-- name: rollup_watermark_add
-- index: none: an insert
INSERT INTO rollup_watermark(fact_id, open_from, at)
VALUES (:fact, :open, :now);

-- name: rollup_new
-- index: fact primary key
SELECT id, metric, at, label, n, user_id FROM fact
WHERE id > :after ORDER BY id LIMIT :max;

-- name: rollup_active_user
-- index: active_user primary key
INSERT INTO active_user(until, span, user_id)
VALUES (:hour, 1, :user), (:day, 2, :user), (:week, 3, :user)
ON CONFLICT (until, span, user_id) DO NOTHING
RETURNING span;

-- name: rollup_add
-- index: rollup primary key
INSERT INTO rollup(metric, span, start, label, n)
VALUES (:metric, :span, :start, :label, :n)
ON CONFLICT (metric, span, start, label) DO UPDATE SET n = n + excluded.n;

-- name: rollup_supply_any
-- index: presence_listed_until
SELECT 1 FROM presence INDEXED BY presence_listed_until
WHERE listed = 1 AND until > :now AND status <> 0 LIMIT 1;

-- All online listeners, and those of each language, in any order.
-- name: rollup_supply_sample
-- index: presence_listed_until, then listener_language_user
-- allow: sort
INSERT INTO fact(metric, at, label, n)
SELECT 9, :now, '', count(*) FROM presence INDEXED BY presence_listed_until
WHERE listed = 1 AND until > :now AND status <> 0
UNION ALL
SELECT 9, :now, l.language, count(*)
FROM presence AS p INDEXED BY presence_listed_until
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

-- name: rollup_prune_active_users
-- index: active_user primary key
DELETE FROM active_user WHERE (until, span, user_id) IN (
    SELECT until, span, user_id FROM active_user
    WHERE until < :before ORDER BY until LIMIT :max);
