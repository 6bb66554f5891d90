-- Documents. All users see public ones, and all of their own. A list first
-- finds the ids of its page, newest first and after :id, then reads the rows.

-- The documents of a list of ids, in its order.
-- name: document_items
-- index: document and user primary keys, favorite_pair
SELECT d.id, d.owner_id, d.uuid, o.uuid, d.title, d.content, d.sources,
    d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
    d.include_research, d.version,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 6 AND v.entity_id = d.id)
FROM json_each(:ids) AS j
CROSS JOIN document AS d ON d.id = j.value
CROSS JOIN user AS o ON o.id = d.owner_id;

-- name: document_get
-- index: favoritable_uuid, document and user primary keys, favorite_pair
SELECT d.id, d.owner_id, d.uuid, o.uuid, d.title, d.content, d.sources,
    d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
    d.include_research, d.version,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 6 AND v.entity_id = d.id)
FROM favoritable AS e
CROSS JOIN document AS d ON d.id = e.id
CROSS JOIN user AS o ON o.id = d.owner_id
WHERE e.uuid = :uuid AND e.kind = 6
    AND d.owner_id NOT IN (SELECT user_id FROM account_removal);

-- The documents that a creative refers to and the viewer may see. :uuids are
-- the concatenated UUIDs, :starts are the positions of each.
-- name: document_named
-- index: favoritable_uuid, document and user primary keys, favorite_pair
SELECT d.id, d.owner_id, d.uuid, o.uuid, d.title, d.content, d.sources,
    d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
    d.include_research, d.version
FROM json_each(:starts) AS j
CROSS JOIN favoritable AS e ON e.uuid = substr(:uuids, j.value, 16)
    AND e.kind = 6
CROSS JOIN document AS d ON d.id = e.id
CROSS JOIN user AS o ON o.id = d.owner_id
WHERE (d.is_public = 1 OR d.owner_id = :viewer)
    AND d.owner_id NOT IN (SELECT user_id FROM account_removal);

-- name: document_visible
-- index: document_public and document_owner, merged
SELECT x.id
FROM (SELECT p.id FROM document AS p INDEXED BY document_public
	WHERE p.is_public = 1 AND p.id < :id
	AND (NOT EXISTS (SELECT 1 FROM account_removal WHERE user_id > 0)
	    OR p.owner_id NOT IN (SELECT user_id FROM account_removal))
    UNION ALL
    SELECT d.id FROM document AS d INDEXED BY document_owner
	WHERE d.owner_id = :viewer AND d.is_public = 0 AND d.id < :id) AS x
ORDER BY x.id DESC LIMIT :limit OFFSET :offset;

-- name: document_private_count
-- index: document_owner
SELECT count(*) FROM document AS d
WHERE d.owner_id = :viewer AND d.is_public = 0;

-- name: document_own
-- index: document_owner, its two halves merged
SELECT x.id
FROM (SELECT p.id FROM document AS p INDEXED BY document_owner
	WHERE p.owner_id = :viewer AND p.is_public = 1 AND p.id < :id
    UNION ALL
    SELECT d.id FROM document AS d INDEXED BY document_owner
	WHERE d.owner_id = :viewer AND d.is_public = 0 AND d.id < :id) AS x
ORDER BY x.id DESC LIMIT :limit OFFSET :offset;

-- name: document_own_count
-- index: document_owner
SELECT count(*) FROM document AS d WHERE d.owner_id = :viewer;

-- name: document_add
-- index: none: an insert
INSERT INTO document(uuid, owner_id, title, content, sources, status,
    is_public, is_task, include_research, created_at, updated_at,
    source_key)
VALUES (:uuid, :owner, :title, :content, :sources, :status, :public, :task,
    :include_research, :now, :now, :source);

-- name: document_change
-- index: document primary key
UPDATE document SET title = :title, content = :content, sources = :sources,
    status = :status, is_public = :public, is_task = :task,
    include_research = :include_research, version = version + 1,
    updated_at = :now
WHERE id = :id;

-- name: document_drop
-- index: document primary key
DELETE FROM document WHERE id = :id;

-- The row that was imported from a source.
-- name: document_source
-- index: document_source
SELECT uuid FROM document WHERE source_key = :source;
