-- Favorites: add, remove and find.

-- name: favorite_add
-- index: favorite_pair; the foreign key looks at favoritable's primary key
INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at, uuid)
SELECT :user, :kind, :entity, :now, :now, :uuid
WHERE NOT EXISTS (SELECT 1 FROM entity_removal AS r
	WHERE r.kind = :kind AND r.id = :entity)
    AND NOT EXISTS (SELECT 1 FROM flyer AS y
	CROSS JOIN account_removal AS x ON x.user_id = y.publisher_id
	WHERE :kind = 2 AND y.id = :entity)
ON CONFLICT (user_id, kind, entity_id) DO NOTHING;

-- name: favorite_remove
-- index: favorite_pair
DELETE FROM favorite
WHERE user_id = :user AND kind = :kind AND entity_id = :entity
    AND NOT EXISTS (SELECT 1 FROM entity_removal AS r
	WHERE r.kind = :kind AND r.id = :entity);

-- name: favorite_touch
-- index: favoritable primary key
UPDATE favoritable SET changed_at = :now WHERE kind = :kind AND id = :entity;

-- name: favorite_log_add
-- index: none: an insert
INSERT INTO favorite_log(user_id, kind, entity_id, entity_uuid, action, at,
    request_id)
VALUES (:user, :kind, :entity, :uuid, :action, :now, :request);

-- name: favorite_log_size
-- index: favorite_total primary key
SELECT sum(log_n) FROM favorite_total WHERE user_id = :user;

-- name: favorite_log_trim
-- index: favorite_log_user, then the primary key
DELETE FROM favorite_log WHERE seq IN (SELECT seq FROM favorite_log
    WHERE user_id = :user ORDER BY seq LIMIT :max);

-- name: favorite_find
-- index: favorite_pair
SELECT id, user_id, kind, entity_id, uuid, created_at, updated_at
FROM favorite
WHERE user_id = :user AND kind = :kind AND entity_id = :entity
    AND NOT EXISTS (SELECT 1 FROM entity_removal AS r
	WHERE r.kind = :kind AND r.id = :entity)
    AND NOT EXISTS (SELECT 1 FROM flyer AS y
	CROSS JOIN account_removal AS x ON x.user_id = y.publisher_id
	WHERE :kind = 2 AND y.id = :entity);

-- name: favorite_by_uuid
-- index: favorite_uuid, then favoritable primary key
SELECT f.id, f.user_id, f.kind, f.entity_id, f.uuid, f.created_at,
    f.updated_at, e.uuid
FROM favorite AS f
CROSS JOIN favoritable AS e ON e.kind = f.kind AND e.id = f.entity_id
WHERE f.uuid = :uuid;

-- name: favorite_entity
-- index: favoritable_uuid
SELECT e.id FROM favoritable AS e WHERE e.uuid = :uuid AND e.kind = :kind
    AND NOT EXISTS (SELECT 1 FROM entity_removal AS r
	WHERE r.kind = e.kind AND r.id = e.id);

-- Favorites of objects that are being deleted do not count. The version
-- includes their number. So the mark changes the version once, and the later
-- deletion of the rows does not change it.
-- The removed favorites are a scalar subquery: a joined one would fill a
-- temporary table for each request.
-- name: favorite_user_count
-- index: primary keys, favorite_pair
-- allow: scan
SELECT t.n, t.version, (SELECT count(*) FROM entity_removal AS r
	CROSS JOIN favorite AS f ON f.user_id = :user AND f.kind = r.kind
	    AND f.entity_id = r.id
	WHERE r.kind = :kind), (SELECT count(*) FROM account_removal)
FROM favorite_total AS t
WHERE t.user_id = :user AND t.kind = :kind;

-- The same if nothing is being deleted.
-- name: favorite_user_total
-- index: favorite_total primary key
SELECT n, version FROM favorite_total WHERE user_id = :user AND kind = :kind;

-- Whether something is being deleted, and the revisions of the catalog.
-- name: favorite_catalog
-- index: primary keys
SELECT EXISTS (SELECT 1 FROM entity_removal WHERE kind > 0)
    OR EXISTS (SELECT 1 FROM account_removal WHERE user_id > 0),
    (SELECT n FROM catalog_revision WHERE kind = 2),
    (SELECT n FROM catalog_revision WHERE kind = 3);

-- name: favorite_count
-- index: favoritable_uuid
SELECT e.favorites_count, e.changed_at, e.version FROM favoritable AS e
WHERE e.uuid = :uuid AND e.kind = :kind
    AND NOT EXISTS (SELECT 1 FROM entity_removal AS r
	WHERE r.kind = e.kind AND r.id = e.id);

-- name: favorite_listener
-- index: user and listener primary keys
SELECT u.username, u.status, u.banned_until, l.verification
FROM listener AS l CROSS JOIN user AS u ON u.id = l.user_id
WHERE l.user_id = :id;

-- name: favorite_settings
-- index: favorite_pair
UPDATE favorite SET notify = coalesce(:notify, notify),
    note = CASE WHEN :note IS NULL THEN note ELSE nullif(:note, '') END,
    updated_at = :now
WHERE user_id = :user AND kind = 1 AND entity_id = :listener
RETURNING notify, note;

-- name: favorite_style
-- index: favoritable_uuid, then style primary key
SELECT s.id, 1, s.owner_id
FROM favoritable AS e CROSS JOIN style AS s ON s.id = e.id
WHERE e.uuid = :uuid AND e.kind = 4
    AND s.owner_id NOT IN (SELECT user_id FROM account_removal);

-- name: favorite_creative
-- index: favoritable_uuid, then creative primary key
SELECT c.id, c.is_published, c.owner_id
FROM favoritable AS e CROSS JOIN creative AS c ON c.id = e.id
WHERE e.uuid = :uuid AND e.kind = 5
    AND c.owner_id NOT IN (SELECT user_id FROM account_removal);

-- name: favorite_document
-- index: favoritable_uuid, then document primary key
SELECT d.id, d.is_public, d.owner_id
FROM favoritable AS e CROSS JOIN document AS d ON d.id = e.id
WHERE e.uuid = :uuid AND e.kind = 6
    AND d.owner_id NOT IN (SELECT user_id FROM account_removal);

-- Whether a device may read an event: the user is or was connected, or has a
-- second device that is signed in.
-- name: favorite_heard
-- index: realtime_user primary key, device_session_user
SELECT EXISTS (SELECT 1 FROM realtime_user WHERE user_id = :user)
    OR EXISTS (SELECT 1 FROM device_session
	WHERE user_id = :user AND revoked_at IS NULL LIMIT 1 OFFSET 1);
