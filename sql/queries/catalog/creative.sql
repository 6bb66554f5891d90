-- Creatives. All users see published ones, and their own drafts. A list first
-- finds the ids of its page, newest first and after :id, then reads the rows.

-- The creatives of a list of ids, in its order.
-- name: creative_items
-- index: creative primary key, favorite_pair
SELECT c.id, c.owner_id, c.uuid, c.collection_id, c.creative_format_id,
    c.style_id, c.document_ids, c.asset_ids, c.html_url, c.draft_url,
    c.bundle_id, c.screenshot_url, c.is_published, c.publish_url,
    c.created_at, c.updated_at, c.version,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 5 AND v.entity_id = c.id)
FROM json_each(:ids) AS j
CROSS JOIN creative AS c ON c.id = j.value;

-- name: creative_get
-- index: favoritable_uuid, creative primary key, favorite_pair
SELECT c.id, c.owner_id, c.uuid, c.collection_id, c.creative_format_id,
    c.style_id, c.document_ids, c.asset_ids, c.html_url, c.draft_url,
    c.bundle_id, c.screenshot_url, c.is_published, c.publish_url,
    c.created_at, c.updated_at, c.version,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 5 AND v.entity_id = c.id)
FROM favoritable AS e
CROSS JOIN creative AS c ON c.id = e.id
WHERE e.uuid = :uuid AND e.kind = 5
    AND c.owner_id NOT IN (SELECT user_id FROM account_removal);

-- name: creative_visible
-- index: creative_published and creative_owner, merged
SELECT x.id
FROM (SELECT p.id FROM creative AS p INDEXED BY creative_published
	WHERE p.is_published = 1 AND p.id < :id
	AND (NOT EXISTS (SELECT 1 FROM account_removal WHERE user_id > 0)
	    OR p.owner_id NOT IN (SELECT user_id FROM account_removal))
    UNION ALL
    SELECT d.id FROM creative AS d INDEXED BY creative_owner
	WHERE d.owner_id = :viewer AND d.is_published = 0 AND d.id < :id) AS x
ORDER BY x.id DESC LIMIT :limit OFFSET :offset;

-- name: creative_draft_count
-- index: creative_owner
SELECT count(*) FROM creative AS c
WHERE c.owner_id = :viewer AND c.is_published = 0;

-- name: creative_own
-- index: creative_owner, its two halves merged
SELECT x.id
FROM (SELECT p.id FROM creative AS p INDEXED BY creative_owner
	WHERE p.owner_id = :viewer AND p.is_published = 1 AND p.id < :id
    UNION ALL
    SELECT d.id FROM creative AS d INDEXED BY creative_owner
	WHERE d.owner_id = :viewer AND d.is_published = 0 AND d.id < :id) AS x
ORDER BY x.id DESC LIMIT :limit OFFSET :offset;

-- name: creative_own_count
-- index: creative_owner
SELECT count(*) FROM creative AS c WHERE c.owner_id = :viewer;

-- name: creative_collection
-- index: creative_collection, whose entries end with the id
SELECT c.id
FROM creative AS c INDEXED BY creative_collection
WHERE c.collection_id = :collection AND c.id < :id
    AND (c.owner_id = :viewer OR (NOT :mine AND c.is_published = 1))
    AND c.owner_id NOT IN (SELECT user_id FROM account_removal)
ORDER BY c.id DESC LIMIT :limit OFFSET :offset;

-- name: creative_collection_count
-- index: creative_collection
SELECT count(*)
FROM creative AS c INDEXED BY creative_collection
WHERE c.collection_id = :collection
    AND (c.owner_id = :viewer OR (NOT :mine AND c.is_published = 1))
    AND c.owner_id NOT IN (SELECT user_id FROM account_removal);

-- name: creative_add
-- index: none: an insert
INSERT INTO creative(uuid, owner_id, collection_id, creative_format_id,
    style_id, document_ids, asset_ids, html_url, draft_url, bundle_id,
    screenshot_url, is_published, publish_url, created_at, updated_at,
    source_key)
VALUES (:uuid, :owner, :collection, :format, :style, :documents, :assets,
    :html_url, :draft_url, :bundle, :screenshot_url, :published,
    :publish_url, :now, :now, :source);

-- name: creative_change
-- index: creative primary key
UPDATE creative SET collection_id = :collection,
    creative_format_id = :format, style_id = :style,
    document_ids = :documents, asset_ids = :assets, html_url = :html_url,
    draft_url = :draft_url, bundle_id = :bundle,
    screenshot_url = :screenshot_url, is_published = :published,
    publish_url = :publish_url, version = version + 1, updated_at = :now
WHERE id = :id;

-- name: creative_drop
-- index: creative primary key
DELETE FROM creative WHERE id = :id;

-- The row that was imported from a source.
-- name: creative_source
-- index: creative_source
SELECT uuid FROM creative WHERE source_key = :source;
