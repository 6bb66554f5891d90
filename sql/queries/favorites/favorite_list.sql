-- A user's favorites. A page begins after the key (:at, :id).

-- name: favorite_list_skip
-- index: favorite_recent, covering
SELECT created_at, id FROM favorite
WHERE user_id = :user AND kind = :kind AND (created_at, id) < (:at, :id)
ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET :skip;

-- name: favorite_list_skip_oldest
-- index: favorite_recent, covering
SELECT created_at, id FROM favorite
WHERE user_id = :user AND kind = :kind AND (created_at, id) > (:at, :id)
ORDER BY created_at, id LIMIT 1 OFFSET :skip;

-- name: favorite_list_skip_studio
-- index: favorite_studio, covering
SELECT created_at, id FROM favorite
WHERE user_id = :user AND kind >= 4 AND (created_at, id) < (:at, :id)
ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET :skip;

-- name: favorite_list_skip_studio_oldest
-- index: favorite_studio, covering
SELECT created_at, id FROM favorite
WHERE user_id = :user AND kind >= 4 AND (created_at, id) > (:at, :id)
ORDER BY created_at, id LIMIT 1 OFFSET :skip;

-- The favorites of flyers or destinations, and what changes on their objects.
-- Objects that are being deleted are left out. If nothing is being deleted, only
-- two subqueries run, once for the list. NOT IN would fill a temporary table.
-- name: favorite_list_refs
-- index: favorite_recent, covering, then favoritable primary key
SELECT v.id, v.uuid, v.created_at, v.entity_id, e.revision, e.favorites_count
FROM favorite AS v
CROSS JOIN favoritable AS e ON e.kind = v.kind AND e.id = v.entity_id
WHERE v.user_id = :user AND v.kind = :kind
    AND (v.created_at, v.id) < (:at, :id)
    AND (NOT EXISTS (SELECT 1 FROM entity_removal WHERE kind > 0)
	OR NOT EXISTS (SELECT 1 FROM entity_removal AS r
	WHERE r.kind = v.kind AND r.id = v.entity_id))
    AND (NOT EXISTS (SELECT 1 FROM account_removal WHERE user_id > 0)
	OR NOT EXISTS (SELECT 1 FROM flyer AS f
	CROSS JOIN account_removal AS x ON x.user_id = f.publisher_id
	WHERE v.kind = 2 AND f.id = v.entity_id))
ORDER BY v.created_at DESC, v.id DESC LIMIT :limit;

-- The same for the first page, if nothing is being deleted.
-- name: favorite_list_refs_first
-- index: favorite_recent, covering, then favoritable primary key
SELECT v.id, v.uuid, v.created_at, v.entity_id, e.revision, e.favorites_count
FROM favorite AS v
CROSS JOIN favoritable AS e ON e.kind = v.kind AND e.id = v.entity_id
WHERE v.user_id = :user AND v.kind = :kind
ORDER BY v.created_at DESC, v.id DESC LIMIT :limit;

-- The same without what changes on the objects, if nothing is being deleted.
-- name: favorite_list_rows_first
-- index: favorite_recent, covering
SELECT id, uuid, created_at, entity_id FROM favorite
WHERE user_id = :user AND kind = :kind
ORDER BY created_at DESC, id DESC LIMIT :limit;

-- name: favorite_list_rows
-- index: favorite_recent, covering
SELECT id, uuid, created_at, entity_id FROM favorite
WHERE user_id = :user AND kind = :kind AND (created_at, id) < (:at, :id)
ORDER BY created_at DESC, id DESC LIMIT :limit;

-- name: favorite_list_revisions
-- index: favoritable primary key
SELECT e.id, e.revision FROM json_each(:ids) AS j
CROSS JOIN favoritable AS e ON e.kind = :kind AND e.id = j.value;

-- name: favorite_list_studio_kind
-- index: favorite_recent, then primary keys
SELECT v.id, v.user_id, v.kind, v.entity_id, v.uuid, v.created_at,
    v.updated_at, e.uuid,
    s.id, s.owner_id, s.uuid, so.uuid, s.name, s.html_url, s.screenshot_url,
    s.created_at, s.updated_at, s.version,
    c.id, c.owner_id, c.uuid, c.collection_id, c.creative_format_id,
    c.style_id, c.document_ids, c.asset_ids, c.html_url, c.draft_url,
    c.bundle_id, c.screenshot_url, c.is_published, c.publish_url,
    c.created_at, c.updated_at, c.version,
    d.id, d.owner_id, d.uuid, dw.uuid, d.title, d.content, d.sources,
    d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
    d.include_research, d.version
FROM favorite AS v
CROSS JOIN favoritable AS e ON e.kind = v.kind AND e.id = v.entity_id
LEFT JOIN style AS s ON v.kind = 4 AND s.id = v.entity_id
    AND s.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN user AS so ON so.id = s.owner_id
LEFT JOIN creative AS c ON v.kind = 5 AND c.id = v.entity_id
    AND c.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN document AS d ON v.kind = 6 AND d.id = v.entity_id
    AND d.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN user AS dw ON dw.id = d.owner_id
WHERE v.user_id = :user AND v.kind = :kind
    AND (v.created_at, v.id) < (:at, :id)
ORDER BY v.created_at DESC, v.id DESC LIMIT :limit;

-- name: favorite_list_studio_kind_oldest
-- index: favorite_recent, then primary keys
SELECT v.id, v.user_id, v.kind, v.entity_id, v.uuid, v.created_at,
    v.updated_at, e.uuid,
    s.id, s.owner_id, s.uuid, so.uuid, s.name, s.html_url, s.screenshot_url,
    s.created_at, s.updated_at, s.version,
    c.id, c.owner_id, c.uuid, c.collection_id, c.creative_format_id,
    c.style_id, c.document_ids, c.asset_ids, c.html_url, c.draft_url,
    c.bundle_id, c.screenshot_url, c.is_published, c.publish_url,
    c.created_at, c.updated_at, c.version,
    d.id, d.owner_id, d.uuid, dw.uuid, d.title, d.content, d.sources,
    d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
    d.include_research, d.version
FROM favorite AS v
CROSS JOIN favoritable AS e ON e.kind = v.kind AND e.id = v.entity_id
LEFT JOIN style AS s ON v.kind = 4 AND s.id = v.entity_id
    AND s.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN user AS so ON so.id = s.owner_id
LEFT JOIN creative AS c ON v.kind = 5 AND c.id = v.entity_id
    AND c.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN document AS d ON v.kind = 6 AND d.id = v.entity_id
    AND d.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN user AS dw ON dw.id = d.owner_id
WHERE v.user_id = :user AND v.kind = :kind
    AND (v.created_at, v.id) > (:at, :id)
ORDER BY v.created_at, v.id LIMIT :limit;

-- name: favorite_list_studio_all
-- index: favorite_studio, then primary keys
SELECT v.id, v.user_id, v.kind, v.entity_id, v.uuid, v.created_at,
    v.updated_at, e.uuid,
    s.id, s.owner_id, s.uuid, so.uuid, s.name, s.html_url, s.screenshot_url,
    s.created_at, s.updated_at, s.version,
    c.id, c.owner_id, c.uuid, c.collection_id, c.creative_format_id,
    c.style_id, c.document_ids, c.asset_ids, c.html_url, c.draft_url,
    c.bundle_id, c.screenshot_url, c.is_published, c.publish_url,
    c.created_at, c.updated_at, c.version,
    d.id, d.owner_id, d.uuid, dw.uuid, d.title, d.content, d.sources,
    d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
    d.include_research, d.version
FROM favorite AS v
CROSS JOIN favoritable AS e ON e.kind = v.kind AND e.id = v.entity_id
LEFT JOIN style AS s ON v.kind = 4 AND s.id = v.entity_id
    AND s.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN user AS so ON so.id = s.owner_id
LEFT JOIN creative AS c ON v.kind = 5 AND c.id = v.entity_id
    AND c.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN document AS d ON v.kind = 6 AND d.id = v.entity_id
    AND d.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN user AS dw ON dw.id = d.owner_id
WHERE v.user_id = :user AND v.kind >= 4
    AND (v.created_at, v.id) < (:at, :id)
ORDER BY v.created_at DESC, v.id DESC LIMIT :limit;

-- name: favorite_list_studio_all_oldest
-- index: favorite_studio, then primary keys
SELECT v.id, v.user_id, v.kind, v.entity_id, v.uuid, v.created_at,
    v.updated_at, e.uuid,
    s.id, s.owner_id, s.uuid, so.uuid, s.name, s.html_url, s.screenshot_url,
    s.created_at, s.updated_at, s.version,
    c.id, c.owner_id, c.uuid, c.collection_id, c.creative_format_id,
    c.style_id, c.document_ids, c.asset_ids, c.html_url, c.draft_url,
    c.bundle_id, c.screenshot_url, c.is_published, c.publish_url,
    c.created_at, c.updated_at, c.version,
    d.id, d.owner_id, d.uuid, dw.uuid, d.title, d.content, d.sources,
    d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
    d.include_research, d.version
FROM favorite AS v
CROSS JOIN favoritable AS e ON e.kind = v.kind AND e.id = v.entity_id
LEFT JOIN style AS s ON v.kind = 4 AND s.id = v.entity_id
    AND s.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN user AS so ON so.id = s.owner_id
LEFT JOIN creative AS c ON v.kind = 5 AND c.id = v.entity_id
    AND c.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN document AS d ON v.kind = 6 AND d.id = v.entity_id
    AND d.owner_id NOT IN (SELECT user_id FROM account_removal)
LEFT JOIN user AS dw ON dw.id = d.owner_id
WHERE v.user_id = :user AND v.kind >= 4
    AND (v.created_at, v.id) > (:at, :id)
ORDER BY v.created_at, v.id LIMIT :limit;

-- Whether the user and the listener of a favorite v blocked each other. The
-- first condition is evaluated once, as most users have no blocks.
-- fragment: favorite_blocked
    (EXISTS (SELECT 1 FROM user_block_pair AS b WHERE b.user_id = :user)
    AND EXISTS (SELECT 1 FROM user_block_pair AS b
	WHERE b.user_id = :user AND b.other_id = v.entity_id))

-- When the hours of a listener begin next. The value is shown if the listener
-- is offline.
-- fragment: favorite_next
    CASE WHEN p.has_hours = 1 THEN (SELECT hours_next(a.time_zone, a.weekly,
	a.exceptions, :now, a.limit_until)
	FROM listener_availability AS a
	WHERE a.user_id = p.user_id AND a.accepting = 1) END

-- The counts of a whole list: all, online, available. They are one sum, 20 bits
-- each, since one aggregate is faster than three.
-- name: favorite_list_figures
-- index: favorite_pair, covering, then presence primary key
SELECT sum(CASE WHEN p.status = 0 OR p.online_until <= :now
	AND p.reachable_until <= :now THEN 1
    WHEN
-- use: favorite_blocked
    THEN 1
    WHEN p.busy_since IS NULL THEN 1 + (1 << 20) + (1 << 40)
    ELSE 1 + (1 << 20) END)
FROM favorite AS v CROSS JOIN presence AS p ON p.user_id = v.entity_id
WHERE v.user_id = :user AND v.kind = 1 AND p.listed = 1;

-- The values on which the cards of a page depend, without the cards. Those of
-- a blocked listener do not depend on the presence.
-- name: favorite_list_listeners_version
-- index: favorite_recent, covering, then primary keys
SELECT v.id, p.version,
    p.status <> 0 AND (p.online_until > :now OR p.reachable_until > :now),
    p.busy_since, CASE WHEN p.busy_since IS NOT NULL THEN (SELECT mean_call_ms
	FROM listener WHERE user_id = v.entity_id) END,
    CASE WHEN
-- use: favorite_blocked
    THEN (SELECT u.version + l.version FROM user AS u
	CROSS JOIN listener AS l ON l.user_id = u.id WHERE u.id = v.entity_id)
    END,
-- use: favorite_next
FROM favorite AS v CROSS JOIN presence AS p ON p.user_id = v.entity_id
WHERE v.user_id = :user AND v.kind = 1 AND p.listed = 1
    AND (v.created_at, v.id) < (:at, :id)
ORDER BY v.created_at DESC, v.id DESC LIMIT :limit OFFSET :offset;

-- A page of cards, newest first.
-- name: favorite_list_listeners
-- index: favorite_recent, then primary keys
SELECT u.id, u.username, u.sex, u.bio, u.interests, u.image,
    u.preferred_language, u.country,
    l.rating_sum, l.rating_count, l.mean_call_ms,
    p.status, p.online_until, p.reachable_until, p.busy_since, p.last_seen,
-- use: favorite_next
    , v.created_at, v.notify, v.note, v.id, p.version,
-- use: favorite_blocked
FROM favorite AS v
CROSS JOIN presence AS p ON p.user_id = v.entity_id
CROSS JOIN user AS u ON u.id = v.entity_id
CROSS JOIN listener AS l ON l.user_id = v.entity_id
WHERE v.user_id = :user AND v.kind = 1 AND p.listed = 1
    AND (v.created_at, v.id) < (:at, :id)
ORDER BY v.created_at DESC, v.id DESC LIMIT :limit OFFSET :offset;

-- All listed favorite listeners of a user, with the columns that filters and
-- other orders need.
-- name: favorite_list_listeners_wide
-- index: favorite_recent, then primary keys
SELECT v.entity_id, v.created_at, v.id,
    p.status <> 0 AND p.until > :now, p.busy_since IS NOT NULL,
    l.rating, u.username, p.last_seen,
-- use: favorite_blocked
FROM favorite AS v
CROSS JOIN presence AS p ON p.user_id = v.entity_id
CROSS JOIN user AS u ON u.id = v.entity_id
CROSS JOIN listener AS l ON l.user_id = v.entity_id
WHERE v.user_id = :user AND v.kind = 1 AND p.listed = 1
    AND (:sex IS NULL OR u.sex = :sex)
    AND (:lang IS NULL OR EXISTS (SELECT 1 FROM listener_language AS g
	WHERE g.language = :lang AND g.user_id = v.entity_id))
    AND (:match IS NULL OR EXISTS (SELECT 1 FROM listener_text
	WHERE listener_text MATCH :match
	AND listener_text.rowid = v.entity_id))
ORDER BY v.created_at DESC, v.id DESC;

-- name: favorite_list_cards
-- index: primary keys, favorite_pair
SELECT u.id, u.username, u.sex, u.bio, u.interests, u.image,
    u.preferred_language, u.country,
    l.rating_sum, l.rating_count, l.mean_call_ms,
    p.status, p.online_until, p.reachable_until, p.busy_since, p.last_seen,
-- use: favorite_next
    , v.created_at, v.notify, v.note, v.id, p.version,
-- use: favorite_blocked
FROM json_each(:ids) AS j
CROSS JOIN user AS u ON u.id = j.value
CROSS JOIN listener AS l ON l.user_id = u.id
CROSS JOIN presence AS p ON p.user_id = u.id
CROSS JOIN favorite AS v ON v.user_id = :user AND v.kind = 1
    AND v.entity_id = u.id;
