-- The stored rankings, best first and after :after, without objects that are
-- deleted, not listed or not public.

-- Listeners, without those that the viewer blocked or was blocked by.
-- name: popular_listeners
-- index: popular primary key, then primary keys
SELECT p.rank, p.entity_id, e.uuid, p.saves, e.favorites_count, t.username
FROM popular AS p
CROSS JOIN user AS t ON t.id = p.entity_id
CROSS JOIN presence AS x ON x.user_id = t.id AND x.listed = 1
CROSS JOIN favoritable AS e ON e.kind = 1 AND e.id = p.entity_id
WHERE p.window = :window AND p.kind = 1 AND p.rank > :after
    AND NOT EXISTS (SELECT 1 FROM user_block_pair AS b
	WHERE b.user_id = :viewer AND b.other_id = t.id)
ORDER BY p.rank LIMIT :limit;

-- name: popular_flyers
-- index: popular primary key, then primary keys
SELECT p.rank, p.entity_id, e.uuid, p.saves, e.favorites_count, t.title
FROM popular AS p
CROSS JOIN flyer AS t ON t.id = p.entity_id
CROSS JOIN favoritable AS e ON e.kind = 2 AND e.id = p.entity_id
WHERE p.window = :window AND p.kind = 2 AND p.rank > :after
    AND t.publisher_id NOT IN (SELECT user_id FROM account_removal)
ORDER BY p.rank LIMIT :limit;

-- name: popular_destinations
-- index: popular primary key, then primary keys
SELECT p.rank, p.entity_id, e.uuid, p.saves, e.favorites_count, t.name
FROM popular AS p
CROSS JOIN destination AS t ON t.id = p.entity_id
CROSS JOIN favoritable AS e ON e.kind = 3 AND e.id = p.entity_id
WHERE p.window = :window AND p.kind = 3 AND p.rank > :after
ORDER BY p.rank LIMIT :limit;

-- name: popular_styles
-- index: popular primary key, then primary keys
SELECT p.rank, p.entity_id, e.uuid, p.saves, e.favorites_count, t.name
FROM popular AS p
CROSS JOIN style AS t ON t.id = p.entity_id
CROSS JOIN favoritable AS e ON e.kind = 4 AND e.id = p.entity_id
WHERE p.window = :window AND p.kind = 4 AND p.rank > :after
    AND t.owner_id NOT IN (SELECT user_id FROM account_removal)
ORDER BY p.rank LIMIT :limit;

-- name: popular_creatives
-- index: popular primary key, then primary keys
SELECT p.rank, p.entity_id, e.uuid, p.saves, e.favorites_count, NULL
FROM popular AS p
CROSS JOIN creative AS t ON t.id = p.entity_id AND t.is_published = 1
CROSS JOIN favoritable AS e ON e.kind = 5 AND e.id = p.entity_id
WHERE p.window = :window AND p.kind = 5 AND p.rank > :after
    AND t.owner_id NOT IN (SELECT user_id FROM account_removal)
ORDER BY p.rank LIMIT :limit;

-- name: popular_documents
-- index: popular primary key, then primary keys
SELECT p.rank, p.entity_id, e.uuid, p.saves, e.favorites_count, t.title
FROM popular AS p
CROSS JOIN document AS t ON t.id = p.entity_id AND t.is_public = 1
CROSS JOIN favoritable AS e ON e.kind = 6 AND e.id = p.entity_id
WHERE p.window = :window AND p.kind = 6 AND p.rank > :after
    AND t.owner_id NOT IN (SELECT user_id FROM account_removal)
ORDER BY p.rank LIMIT :limit;
