-- Styles. All users see all of them. A list first finds the ids of its page,
-- newest first and after :id, then reads the rows.

-- The styles of a list of ids, in its order.
-- name: style_items
-- index: style and user primary keys, favorite_pair
SELECT s.id, s.owner_id, s.uuid, o.uuid, s.name, s.html_url, s.screenshot_url,
    s.created_at, s.updated_at, s.version,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 4 AND v.entity_id = s.id)
FROM json_each(:ids) AS j
CROSS JOIN style AS s ON s.id = j.value
CROSS JOIN user AS o ON o.id = s.owner_id;

-- name: style_get
-- index: favoritable_uuid, style and user primary keys, favorite_pair
SELECT s.id, s.owner_id, s.uuid, o.uuid, s.name, s.html_url, s.screenshot_url,
    s.created_at, s.updated_at, s.version,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 4 AND v.entity_id = s.id)
FROM favoritable AS e
CROSS JOIN style AS s ON s.id = e.id
CROSS JOIN user AS o ON o.id = s.owner_id
WHERE e.uuid = :uuid AND e.kind = 4
    AND s.owner_id NOT IN (SELECT user_id FROM account_removal);

-- name: style_all
-- index: style primary key
SELECT s.id
FROM style AS s
WHERE s.id < :id
    AND (NOT EXISTS (SELECT 1 FROM account_removal WHERE user_id > 0)
	OR s.owner_id NOT IN (SELECT user_id FROM account_removal))
ORDER BY s.id DESC LIMIT :limit OFFSET :offset;

-- name: style_own
-- index: style_owner, whose entries end with the id
SELECT s.id
FROM style AS s INDEXED BY style_owner
WHERE s.owner_id = :viewer AND s.id < :id
ORDER BY s.id DESC LIMIT :limit OFFSET :offset;

-- name: style_own_count
-- index: style_owner
SELECT count(*) FROM style AS s WHERE s.owner_id = :viewer;

-- name: style_add
-- index: none: an insert
INSERT INTO style(uuid, owner_id, name, html_url, screenshot_url, created_at,
    updated_at, source_key)
VALUES (:uuid, :owner, :name, :html_url, :screenshot_url, :now, :now, :source);

-- name: style_change
-- index: style primary key
UPDATE style SET name = :name, html_url = :html_url,
    screenshot_url = :screenshot_url, version = version + 1,
    updated_at = :now
WHERE id = :id;

-- name: style_drop
-- index: style primary key
DELETE FROM style WHERE id = :id;

-- The row that was imported from a source.
-- name: style_source
-- index: style_source
SELECT uuid FROM style WHERE source_key = :source;
