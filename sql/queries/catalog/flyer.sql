-- Flyers. A list first finds the ids of its page, newest first and after :id,
-- then reads the rows.

-- The flyers of a list of ids, in its order.
-- The last column is the distance in meters from :lat, :lng by the formula of
-- flyer_near, or null.
-- name: flyer_items
-- index: flyer and favoritable primary keys, favorite_pair
SELECT f.id, f.publisher_id, f.title, f.description, f.image_url, f.image,
    f.category, f.lat, f.lng, f.address, f.valid_from, f.valid_until,
    f.created_at, f.version, e.favorites_count,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 2 AND v.entity_id = f.id),
    CAST(round(12742018 * asin(min(1, sqrt(
	pow(sin(radians(f.lat - :lat) / 2e6), 2)
	+ cos(radians(f.lat / 1e6)) * cos(radians(:lat / 1e6))
	* pow(sin(radians(f.lng - :lng) / 2e6), 2))))) AS INTEGER)
FROM json_each(:ids) AS j
CROSS JOIN flyer AS f ON f.id = j.value
CROSS JOIN favoritable AS e ON e.kind = 2 AND e.id = f.id;

-- name: flyer_get
-- index: flyer and favoritable primary keys, favorite_pair
SELECT f.id, f.publisher_id, f.title, f.description, f.image_url, f.image,
    f.category, f.lat, f.lng, f.address, f.valid_from, f.valid_until,
    f.created_at, f.version, e.favorites_count,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 2 AND v.entity_id = f.id)
FROM flyer AS f
CROSS JOIN favoritable AS e ON e.kind = 2 AND e.id = f.id
WHERE f.id = :id
    AND f.publisher_id NOT IN (SELECT user_id FROM account_removal);

-- name: flyer_newest
-- index: flyer primary key
SELECT f.id
FROM flyer AS f
WHERE f.id < :id
    AND (NOT EXISTS (SELECT 1 FROM account_removal WHERE user_id > 0)
	OR f.publisher_id NOT IN (SELECT user_id FROM account_removal))
ORDER BY f.id DESC LIMIT :limit OFFSET :offset;

-- name: flyer_category
-- index: flyer_category, whose entries end with the id
SELECT f.id
FROM flyer AS f INDEXED BY flyer_category
WHERE f.category = :category AND f.id < :id
    AND (NOT EXISTS (SELECT 1 FROM account_removal WHERE user_id > 0)
	OR f.publisher_id NOT IN (SELECT user_id FROM account_removal))
ORDER BY f.id DESC LIMIT :limit OFFSET :offset;

-- name: flyer_category_count
-- index: flyer_category
SELECT count(*) FROM flyer AS f INDEXED BY flyer_category
WHERE f.category = :category
    AND (NOT EXISTS (SELECT 1 FROM account_removal WHERE user_id > 0)
	OR f.publisher_id NOT IN (SELECT user_id FROM account_removal));

-- name: flyer_matching
-- index: flyer_text (fts5), which walks ids downwards; flyer primary key
SELECT f.id
FROM flyer_text AS t
CROSS JOIN flyer AS f ON f.id = t.rowid
WHERE t.flyer_text MATCH :match AND t.rowid < :id
    AND (:category IS NULL OR f.category = :category)
    AND f.publisher_id NOT IN (SELECT user_id FROM account_removal)
ORDER BY t.rowid DESC LIMIT :limit OFFSET :offset;

-- name: flyer_matching_count
-- index: flyer_text (fts5), flyer primary key
SELECT count(*)
FROM flyer_text AS t
CROSS JOIN flyer AS f ON f.id = t.rowid
WHERE t.flyer_text MATCH :match
    AND (:category IS NULL OR f.category = :category)
    AND f.publisher_id NOT IN (SELECT user_id FROM account_removal);

-- name: flyer_words_count
-- index: flyer_text (fts5)
SELECT count(*) FROM flyer_text AS t WHERE t.flyer_text MATCH :match
    AND (NOT EXISTS (SELECT 1 FROM account_removal WHERE user_id > 0)
	OR NOT EXISTS (SELECT 1 FROM flyer AS f WHERE f.id = t.rowid
	AND f.publisher_id IN (SELECT user_id FROM account_removal)));

-- Flyers within a radius of :meters, by the haversine formula on a sphere with
-- a radius of 6,371,009 meters. The box around the circle is searched first.
-- name: flyer_near
-- index: flyer_place (rtree), flyer primary key
-- allow: sort
SELECT f.id
FROM flyer_place AS p
CROSS JOIN flyer AS f ON f.id = p.id
WHERE p.lat0 BETWEEN :south AND :north AND p.lng0 BETWEEN :west AND :east
    AND f.id < :id
    AND pow(sin(radians(f.lat - :lat) / 2e6), 2)
	+ cos(radians(f.lat / 1e6)) * cos(radians(:lat / 1e6))
	* pow(sin(radians(f.lng - :lng) / 2e6), 2)
	<= pow(sin(:meters / 12742018.0), 2)
    AND (:category IS NULL OR f.category = :category)
    AND f.publisher_id NOT IN (SELECT user_id FROM account_removal)
    AND (:match IS NULL OR f.id IN (SELECT t.rowid FROM flyer_text AS t
	WHERE t.flyer_text MATCH :match))
ORDER BY f.id DESC LIMIT :limit OFFSET :offset;

-- name: flyer_near_count
-- index: flyer_place (rtree), flyer primary key
SELECT count(*)
FROM flyer_place AS p
CROSS JOIN flyer AS f ON f.id = p.id
WHERE p.lat0 BETWEEN :south AND :north AND p.lng0 BETWEEN :west AND :east
    AND pow(sin(radians(f.lat - :lat) / 2e6), 2)
	+ cos(radians(f.lat / 1e6)) * cos(radians(:lat / 1e6))
	* pow(sin(radians(f.lng - :lng) / 2e6), 2)
	<= pow(sin(:meters / 12742018.0), 2)
    AND (:category IS NULL OR f.category = :category)
    AND f.publisher_id NOT IN (SELECT user_id FROM account_removal)
    AND (:match IS NULL OR f.id IN (SELECT t.rowid FROM flyer_text AS t
	WHERE t.flyer_text MATCH :match));

-- name: flyer_add
-- index: none: an insert
INSERT INTO flyer(publisher_id, title, description, image_url, category, lat,
    lng, address, valid_from, valid_until, created_at, updated_at,
    source_key, source_image_url)
VALUES (:publisher, :title, :description, :image_url, :category, :lat, :lng,
    :address, :valid_from, :valid_until, :now, :now, :source, :source_image);

-- name: flyer_change
-- index: flyer primary key
UPDATE flyer SET title = :title, description = :description,
    image_url = :image_url, image = :image,
    image_bytes = iif(:image IS NULL, 0, image_bytes), category = :category,
    lat = :lat, lng = :lng, address = :address, valid_from = :valid_from,
    valid_until = :valid_until, version = version + 1, updated_at = :now
WHERE id = :id;

-- Replaces an image of either kind. Null and 0 remove it.
-- name: flyer_image_set
-- index: flyer primary key
UPDATE flyer SET image_url = NULL, image = :image, image_bytes = :bytes,
    version = version + 1, updated_at = :now
WHERE id = :id;

-- name: flyer_drop
-- index: flyer primary key
DELETE FROM flyer WHERE id = :id;

-- The state of a flyer, as JSON for the audit.
-- name: flyer_state
-- index: flyer primary key
SELECT json_object('publisher_id', publisher_id, 'title', title,
    'description', description, 'image_url', image_url, 'image', image,
    'category', category, 'latitude', lat / 1e6, 'longitude', lng / 1e6, 'address', address,
    'valid_from', strftime('%Y-%m-%dT%H:%M:%SZ', valid_from / 1000,
	'unixepoch'),
    'valid_until', strftime('%Y-%m-%dT%H:%M:%SZ', valid_until / 1000,
	'unixepoch'))
FROM flyer WHERE id = :id;

-- The row that was imported from a source.
-- name: flyer_source
-- index: flyer_source
SELECT id, source_image_url FROM flyer WHERE source_key = :source;

-- name: flyer_source_image
-- index: flyer primary key
UPDATE flyer SET source_image_url = :url WHERE id = :id;
