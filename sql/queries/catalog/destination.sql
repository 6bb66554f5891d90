-- Destinations. A list first finds the ids of its page, from one index and
-- after (:name or :count, :id), then reads the rows.

-- The destinations of a list of ids, in its order.
-- name: destination_items
-- index: destination and favoritable primary keys, favorite_pair
SELECT d.id, d.uuid, d.name, d.city, d.country, d.thumbnail_url, d.summary,
    d.images, d.lat, d.lng, d.created_at, d.updated_at, d.version,
    e.favorites_count,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 3 AND v.entity_id = d.id)
FROM json_each(:ids) AS j
CROSS JOIN destination AS d ON d.id = j.value
CROSS JOIN favoritable AS e ON e.kind = 3 AND e.id = d.id;

-- name: destination_get
-- index: favoritable_uuid, destination primary key, favorite_pair
SELECT d.id, d.uuid, d.name, d.city, d.country, d.thumbnail_url, d.summary,
    d.images, d.lat, d.lng, d.created_at, d.updated_at, d.version,
    e.favorites_count,
    EXISTS (SELECT 1 FROM favorite AS v
	WHERE v.user_id = :viewer AND v.kind = 3 AND v.entity_id = d.id)
FROM favoritable AS e
CROSS JOIN destination AS d ON d.id = e.id
WHERE e.uuid = :uuid AND e.kind = 3;

-- name: destination_name_of
-- index: destination primary key
SELECT name FROM destination WHERE id = :id;

-- name: destination_all_name
-- index: destination_name
SELECT d.id
FROM destination AS d INDEXED BY destination_name
WHERE (d.name, d.id) > (:name, :id)
ORDER BY d.name, d.id LIMIT :limit OFFSET :offset;

-- name: destination_all_popular
-- index: favoritable_popular
SELECT e.id
FROM favoritable AS e INDEXED BY favoritable_popular
WHERE e.kind = 3 AND (e.favorites_count, e.id) < (:count, :id)
ORDER BY e.favorites_count DESC, e.id DESC LIMIT :limit OFFSET :offset;

-- name: destination_all_recent
-- index: destination primary key
SELECT d.id
FROM destination AS d
WHERE d.id < :id
ORDER BY d.id DESC LIMIT :limit OFFSET :offset;

-- name: destination_country_name
-- index: destination_country
SELECT d.id
FROM destination AS d INDEXED BY destination_country
WHERE d.country = :country AND (d.name, d.id) > (:name, :id)
ORDER BY d.name, d.id LIMIT :limit OFFSET :offset;

-- A country has few destinations, so they are sorted by the query.
-- name: destination_country_popular
-- index: destination_country_newest, favoritable primary key
-- allow: sort
SELECT d.id
FROM destination AS d INDEXED BY destination_country_newest
CROSS JOIN favoritable AS e ON e.kind = 3 AND e.id = d.id
WHERE d.country = :country AND (e.favorites_count, e.id) < (:count, :id)
ORDER BY e.favorites_count DESC, e.id DESC LIMIT :limit OFFSET :offset;

-- name: destination_country_recent
-- index: destination_country_newest, whose entries end with the id
SELECT d.id
FROM destination AS d INDEXED BY destination_country_newest
WHERE d.country = :country AND d.id < :id
ORDER BY d.id DESC LIMIT :limit OFFSET :offset;

-- name: destination_country_count
-- index: destination_country_newest
SELECT count(*)
FROM destination AS d INDEXED BY destination_country_newest
WHERE d.country = :country;

-- Few cities have the same name. The country is optional.
-- name: destination_city_name
-- index: destination_city
SELECT d.id
FROM destination AS d INDEXED BY destination_city
WHERE d.city = :city AND (d.name, d.id) > (:name, :id)
    AND (:country IS NULL OR d.country = :country)
ORDER BY d.name, d.id LIMIT :limit OFFSET :offset;

-- name: destination_city_popular
-- index: destination_city, favoritable primary key
-- allow: sort
SELECT d.id
FROM destination AS d INDEXED BY destination_city
CROSS JOIN favoritable AS e ON e.kind = 3 AND e.id = d.id
WHERE d.city = :city AND (e.favorites_count, e.id) < (:count, :id)
    AND (:country IS NULL OR d.country = :country)
ORDER BY e.favorites_count DESC, e.id DESC LIMIT :limit OFFSET :offset;

-- name: destination_city_recent
-- index: destination_city
-- allow: sort
SELECT d.id
FROM destination AS d INDEXED BY destination_city
WHERE d.city = :city AND d.id < :id
    AND (:country IS NULL OR d.country = :country)
ORDER BY d.id DESC LIMIT :limit OFFSET :offset;

-- name: destination_city_count
-- index: destination_city
SELECT count(*)
FROM destination AS d INDEXED BY destination_city
WHERE d.city = :city AND (:country IS NULL OR d.country = :country);

-- Full-text search. City and country are optional. The full-text index is in
-- the order of ids; other orders are sorted.
-- name: destination_matching_name
-- index: destination_text (fts5), destination primary key
-- allow: sort
SELECT d.id
FROM destination_text AS t
CROSS JOIN destination AS d ON d.id = t.rowid
WHERE t.destination_text MATCH :match AND (d.name, d.id) > (:name, :id)
    AND (:city IS NULL OR d.city = :city)
    AND (:country IS NULL OR d.country = :country)
ORDER BY d.name, d.id LIMIT :limit OFFSET :offset;

-- name: destination_matching_popular
-- index: destination_text (fts5), destination and favoritable primary keys
-- allow: sort
SELECT d.id
FROM destination_text AS t
CROSS JOIN destination AS d ON d.id = t.rowid
CROSS JOIN favoritable AS e ON e.kind = 3 AND e.id = d.id
WHERE t.destination_text MATCH :match
    AND (e.favorites_count, e.id) < (:count, :id)
    AND (:city IS NULL OR d.city = :city)
    AND (:country IS NULL OR d.country = :country)
ORDER BY e.favorites_count DESC, e.id DESC LIMIT :limit OFFSET :offset;

-- name: destination_matching_recent
-- index: destination_text (fts5), destination primary key
SELECT d.id
FROM destination_text AS t
CROSS JOIN destination AS d ON d.id = t.rowid
WHERE t.destination_text MATCH :match AND t.rowid < :id
    AND (:city IS NULL OR d.city = :city)
    AND (:country IS NULL OR d.country = :country)
ORDER BY t.rowid DESC LIMIT :limit OFFSET :offset;

-- name: destination_matching_count
-- index: destination_text (fts5), destination primary key
SELECT count(*)
FROM destination_text AS t
CROSS JOIN destination AS d ON d.id = t.rowid
WHERE t.destination_text MATCH :match
    AND (:city IS NULL OR d.city = :city)
    AND (:country IS NULL OR d.country = :country);

-- name: destination_words_count
-- index: destination_text (fts5)
SELECT count(*) FROM destination_text AS t
WHERE t.destination_text MATCH :match;

-- If many rows match, the index of the order finds a page after few rows.
-- name: destination_many_name
-- index: destination_name; destination_text (fts5)
SELECT d.id
FROM destination AS d INDEXED BY destination_name
WHERE (d.name, d.id) > (:name, :id)
    AND d.id IN (SELECT t.rowid FROM destination_text AS t
	WHERE t.destination_text MATCH :match)
    AND (:city IS NULL OR d.city = :city)
    AND (:country IS NULL OR d.country = :country)
ORDER BY d.name, d.id LIMIT :limit OFFSET :offset;

-- name: destination_many_popular
-- index: favoritable_popular; destination_text (fts5), destination primary key
SELECT e.id
FROM favoritable AS e INDEXED BY favoritable_popular
CROSS JOIN destination AS d ON d.id = e.id
WHERE e.kind = 3 AND (e.favorites_count, e.id) < (:count, :id)
    AND e.id IN (SELECT t.rowid FROM destination_text AS t
	WHERE t.destination_text MATCH :match)
    AND (:city IS NULL OR d.city = :city)
    AND (:country IS NULL OR d.country = :country)
ORDER BY e.favorites_count DESC, e.id DESC LIMIT :limit OFFSET :offset;

-- name: destination_add
-- index: none: an insert
INSERT INTO destination(uuid, name, city, country, thumbnail_url, summary,
    images, lat, lng, created_at, updated_at,
    source_key)
VALUES (:uuid, :name, :city, :country, :thumbnail_url, :summary, :images,
    :lat, :lng, :now, :now, :source);

-- name: destination_change
-- index: destination primary key
UPDATE destination SET name = :name, city = :city, country = :country,
    thumbnail_url = :thumbnail_url, summary = :summary, images = :images,
    lat = :lat, lng = :lng, version = version + 1, updated_at = :now
WHERE id = :id;

-- name: destination_drop
-- index: destination primary key
DELETE FROM destination WHERE id = :id;

-- The state of a destination, as JSON for the audit.
-- name: destination_state
-- index: destination primary key
SELECT json_object('name', name, 'city', city, 'country', country,
    'thumbnail_url', thumbnail_url, 'summary', summary, 'images', images,
    'latitude', lat / 1e6, 'longitude', lng / 1e6)
FROM destination WHERE id = :id;

-- The row that was imported from a source.
-- name: destination_source
-- index: destination_source
SELECT uuid FROM destination WHERE source_key = :source;
