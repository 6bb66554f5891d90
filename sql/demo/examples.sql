-- What the examples of the documented interfaces show: the account customer has
-- 25 favorite listeners, 57 favorite destinations and one favorite creative.
-- Mount Bromo has 1,342 favorites. Executed after reviews.sql and the import of
-- the destinations.
PRAGMA foreign_keys = ON;
BEGIN IMMEDIATE;

UPDATE user SET uuid = X'815dd4d93a3c4b769a2986cf35e96f7e'
WHERE username = 'customer';

-- Favorite listeners. The newest one is jane_smith (123).
INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at)
SELECT 1, 1, user_id, at, at
FROM (SELECT user_id, 1705309200000 - (123 - user_id) * 600000 AS at
    FROM listener WHERE user_id = 123 OR user_id BETWEEN 4 AND 28
    ORDER BY user_id);
INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at)
VALUES (1, 2, 3, 1704900000000, 1704900000000),
    (1, 2, 7, 1704986400000, 1704986400000);

INSERT INTO destination(uuid, name, city, country, thumbnail_url, summary,
    images, lat, lng, created_at, updated_at)
VALUES (X'5b7a8702b2c54de493c999322bd49ee2', 'Mount Bromo', 'Probolinggo',
    'Indonesia',
    'https://cdn.fitcity.app/destinations/5b7a8702-b2c5-4de4-93c9-99322bd49ee2/thumb.jpg',
    'An active volcano in a sea of sand, best seen at sunrise.',
    'https://cdn.fitcity.app/destinations/5b7a8702-b2c5-4de4-93c9-99322bd49ee2/crater.jpg'
    || char(10) ||
    'https://cdn.fitcity.app/destinations/5b7a8702-b2c5-4de4-93c9-99322bd49ee2/sunrise.jpg',
    -7942500, 112953000, 1704067200000, 1704067200000);
INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at, uuid)
SELECT user_id, 3, entity_id, at, at, uuid FROM (
	SELECT u.id AS user_id, d.id AS entity_id, randomblob(16) AS uuid,
	    1719137527000 - (2342 - u.id) * 3600000 AS at
	FROM user AS u CROSS JOIN destination AS d
	    ON d.uuid = X'5b7a8702b2c54de493c999322bd49ee2'
	WHERE u.id BETWEEN 1001 AND 2341
	UNION ALL
	SELECT 1, id, randomblob(16), 1718000000000 + id * 3600000
	FROM (SELECT id FROM destination WHERE source_key IS NOT NULL
	    ORDER BY id LIMIT 56)
	UNION ALL
	SELECT 1, id, X'11edaf110c1843fdb42d0cd36b7c178b', 1719137527000
	FROM destination WHERE uuid = X'5b7a8702b2c54de493c999322bd49ee2')
ORDER BY at;

INSERT INTO style(uuid, owner_id, name, html_url, screenshot_url, created_at,
    updated_at)
VALUES (X'8b1f0f5c2a3d4e6f9a7b1c2d3e4f5a60', 1, 'My Style',
    'https://example.com/style.html', 'https://example.com/screenshot.jpg',
    1704067200000, 1704067200000);
INSERT INTO document(uuid, owner_id, title, content, sources, status,
    is_public, include_research, created_at, updated_at)
VALUES (X'4d7e9a1b5c6f4821b3d4e5f60718293a', 1, 'My Document',
    'Document content...', 'source1' || char(10) || 'source2', 'completed', 1,
    'task_dependent', 1704067200000, 1704067200000);
INSERT INTO creative(uuid, owner_id, collection_id, creative_format_id,
    style_id, document_ids, asset_ids, html_url, screenshot_url, is_published,
    publish_url, created_at, updated_at)
VALUES (X'2f6c8e0d1a3b4c5d8e7f9a0b1c2d3e4f', 1,
    X'3c245a8c08cc4ea18572c803ba74abb4', X'764c3778c02a4bd6aa9fee7034f3c4dd',
    X'8b1f0f5c2a3d4e6f9a7b1c2d3e4f5a60', 'doc1' || char(10) || 'doc2',
    'asset1' || char(10) || 'asset2', 'https://example.com/creative.html',
    'https://example.com/screenshot.jpg', 1,
    'https://example.com/published.html', 1704067200000, 1704067200000);
INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at, uuid)
SELECT 1, 5, id, 1704067200000, 1704067200000,
    X'6e5d4c3b2a194807b6a5f4e3d2c1b0a9'
FROM creative WHERE uuid = X'2f6c8e0d1a3b4c5d8e7f9a0b1c2d3e4f';

-- Favorites of other users in the last four weeks, so that there are rankings of
-- destinations, styles, creatives and documents.
INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at, uuid)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 119),
item(kind, id, place) AS (
	SELECT kind, id, row_number() OVER (PARTITION BY kind ORDER BY id) - 1
	FROM (
		SELECT 3 AS kind, id FROM destination WHERE source_key IS NOT NULL
		UNION ALL SELECT 4, id FROM style
		UNION ALL SELECT 5, id FROM creative WHERE is_published = 1
		UNION ALL SELECT 6, id FROM document WHERE is_public = 1)
)
SELECT 1001 + i, kind, id, at, at, randomblob(16)
FROM (SELECT i, unixepoch() * 1000 - (120 - i) * 20000000 AS at FROM n)
JOIN item ON place = iif(kind = 3, 50 + i * i % 23, i * i % 7)
ORDER BY at;

INSERT INTO favorite_log(user_id, kind, entity_id, entity_uuid, action, at,
    request_id)
SELECT v.user_id, v.kind, v.entity_id, e.uuid, 1, v.created_at, 'demo'
FROM favorite AS v
JOIN favoritable AS e ON e.kind = v.kind AND e.id = v.entity_id
WHERE v.user_id = 1 OR v.kind >= 3
ORDER BY v.created_at, v.id;
COMMIT;
