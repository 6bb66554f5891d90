-- Searches for listed listeners.
--
-- A search first reads the ids of a page with one of these statements, then
-- their cards. All statements have the same filters, return (id, sort key), and
-- begin after the row (:key, :id).
--   sort: 0 recommended 1 rating 2 rate 3 recent 4 popular

-- The filters of a listing g. Users who blocked each other are hidden.
-- fragment: search_profile
    NOT EXISTS (SELECT 1 FROM user_block_pair AS b
	WHERE b.user_id = :viewer AND b.other_id = g.user_id)
    AND (:sex IS NULL OR g.sex = :sex)
    AND (:country IS NULL OR g.country = :country)
    AND +g.rating >= :min_rating AND +g.rate <= :max_rate
    AND (:languages IS NULL OR EXISTS (SELECT 1 FROM json_each(:languages) AS w
	CROSS JOIN listener_language AS s ON s.language = w.value
	    AND s.user_id = g.user_id))
    AND (:interest IS NULL OR EXISTS (SELECT 1 FROM user AS u
	WHERE u.id = g.user_id AND list_contains(u.interests, :interest)))
    AND (:available_at IS NULL OR EXISTS (SELECT 1
	FROM listener_availability AS a
	WHERE a.user_id = g.user_id AND a.accepting = 1
	AND ifnull(a.limit_until, 0) <= :available_at
	AND hours_include(a.time_zone, a.weekly, a.exceptions,
	    :available_at)))

-- The filters by presence, if presence is not joined, and if it is joined as p.
-- fragment: search_presence
    AND (:online IS NULL OR :online = EXISTS (SELECT 1 FROM presence AS p
	WHERE p.user_id = g.user_id AND p.status > 0 AND p.until > :now))
    AND (:available IS NULL OR :available = EXISTS (SELECT 1
	FROM presence AS p WHERE p.user_id = g.user_id AND p.status > 0
	AND p.until > :now AND p.busy_since IS NULL))

-- fragment: search_presence_joined
    AND (:online IS NULL OR :online = (p.status > 0 AND p.until > :now))
    AND (:available IS NULL OR :available = (p.status > 0
	AND p.until > :now AND p.busy_since IS NULL))

-- name: listener_search_by_score
-- index: listing_score, its order
SELECT g.user_id, g.score
FROM listing AS g INDEXED BY listing_score
WHERE (g.score, g.user_id) < (:key, :id)
    AND
-- use: search_profile
-- use: search_presence
ORDER BY g.score DESC, g.user_id DESC
LIMIT :limit OFFSET :offset;

-- name: listener_search_by_rating
-- index: listing_rating, its order
SELECT g.user_id, g.rating
FROM listing AS g INDEXED BY listing_rating
WHERE (g.rating, g.user_id) < (:key, :id)
    AND
-- use: search_profile
-- use: search_presence
ORDER BY g.rating DESC, g.user_id DESC
LIMIT :limit OFFSET :offset;

-- name: listener_search_by_rate
-- index: listing_rate, its order
SELECT g.user_id, g.rate
FROM listing AS g INDEXED BY listing_rate
WHERE (g.rate, g.user_id) > (:key, :id)
    AND
-- use: search_profile
-- use: search_presence
ORDER BY g.rate ASC, g.user_id ASC
LIMIT :limit OFFSET :offset;

-- name: listener_search_by_recent
-- index: listing_since, its order
SELECT g.user_id, g.since
FROM listing AS g INDEXED BY listing_since
WHERE (g.since, g.user_id) < (:key, :id)
    AND
-- use: search_profile
-- use: search_presence
ORDER BY g.since DESC, g.user_id DESC
LIMIT :limit OFFSET :offset;

-- name: listener_search_by_favorites
-- index: favoritable_popular, its order; listing primary key
SELECT g.user_id, e.favorites_count
FROM favoritable AS e INDEXED BY favoritable_popular
CROSS JOIN listing AS g ON g.user_id = e.id
WHERE e.kind = 1 AND (e.favorites_count, e.id) < (:key, :id)
    AND
-- use: search_profile
-- use: search_presence
ORDER BY e.favorites_count DESC, e.id DESC
LIMIT :limit OFFSET :offset;

-- Online listeners are few, so they are sorted by the query.
-- name: listener_search_online
-- index: presence_listed_until from :now on; listing primary key
-- allow: sort
SELECT g.user_id, CASE :sort
	WHEN 0 THEN ((p.status > 0 AND p.until > :now)
	    + (p.status > 0 AND p.until > :now AND p.busy_since IS NULL))
	    * 4294967296 + g.score
	WHEN 1 THEN g.rating
	WHEN 2 THEN -g.rate
	WHEN 3 THEN g.since
	ELSE e.favorites_count END AS k
FROM presence AS p INDEXED BY presence_listed_until
CROSS JOIN listing AS g ON g.user_id = p.user_id
CROSS JOIN favoritable AS e ON e.kind = 1 AND e.id = g.user_id
WHERE p.listed = 1 AND p.until > :now AND p.status > 0
    AND
-- use: search_profile
-- use: search_presence_joined
    AND (k, g.user_id) < (:key, :id)
ORDER BY k DESC, g.user_id DESC
LIMIT :limit OFFSET :offset;

-- Full-text search: listeners whose texts match :match, and those who speak all
-- languages of the JSON array :speaks and whose texts match :rest. If :speaks is
-- null, no languages are searched. If :rest is null, all texts match.
-- fragment: search_found
FROM (SELECT rowid AS user_id FROM listener_text
	WHERE listener_text MATCH :match
    UNION ALL
    SELECT s.user_id FROM listener_language AS s
	WHERE s.language = json_extract(:speaks, '$[0]')
	AND NOT EXISTS (SELECT 1 FROM json_each(:speaks) AS w
	    WHERE NOT EXISTS (SELECT 1 FROM listener_language AS o
		WHERE o.language = w.value AND o.user_id = s.user_id))
	AND (:rest IS NULL OR s.user_id IN (SELECT rowid FROM listener_text
	    WHERE listener_text MATCH :rest))
	AND s.user_id NOT IN (SELECT rowid FROM listener_text
	    WHERE listener_text MATCH :match)) AS t
CROSS JOIN listing AS g ON g.user_id = t.user_id
CROSS JOIN presence AS p ON p.user_id = g.user_id

-- name: listener_search_matching
-- index: listener_text (fts5), listener_language, then primary keys
-- allow: sort
SELECT g.user_id, CASE :sort
	WHEN 0 THEN ((p.status > 0 AND p.until > :now)
	    + (p.status > 0 AND p.until > :now AND p.busy_since IS NULL))
	    * 4294967296 + g.score
	WHEN 1 THEN g.rating
	WHEN 2 THEN -g.rate
	WHEN 3 THEN g.since
	ELSE e.favorites_count END AS k
-- use: search_found
CROSS JOIN favoritable AS e ON e.kind = 1 AND e.id = g.user_id
WHERE
-- use: search_profile
-- use: search_presence_joined
    AND (k, g.user_id) < (:key, :id)
ORDER BY k DESC, g.user_id DESC
LIMIT :limit OFFSET :offset;

-- Counts, one for each index. Without filters, a counter is read instead.
-- name: listener_search_count
-- index: none can serve every filter; the table is small
-- allow: scan
SELECT count(*)
FROM listing AS g
WHERE
-- use: search_profile
-- use: search_presence
;

-- name: listener_search_count_online
-- index: presence_listed_until from :now on; listing primary key
SELECT count(*)
FROM presence AS p INDEXED BY presence_listed_until
CROSS JOIN listing AS g ON g.user_id = p.user_id
WHERE p.listed = 1 AND p.until > :now AND p.status > 0
    AND
-- use: search_profile
-- use: search_presence_joined
;

-- name: listener_search_count_matching
-- index: listener_text (fts5), listener_language, then primary keys
SELECT count(*)
-- use: search_found
WHERE
-- use: search_profile
-- use: search_presence_joined
;

-- The listed listeners that are hidden from a viewer by blocks.
-- name: listener_search_count_hidden
-- index: user_block_pair and presence primary keys
SELECT count(*)
FROM user_block_pair AS b
CROSS JOIN presence AS p ON p.user_id = b.other_id
WHERE b.user_id = :viewer AND p.listed = 1;

-- The languages of listed listeners. Each step finds the next language by the
-- index, so the duration depends on the number of languages.
-- name: listener_search_languages
-- index: listener_language primary key
WITH RECURSIVE next(language) AS (
	SELECT min(language) FROM listener_language
	UNION ALL
	SELECT (SELECT min(s.language) FROM listener_language AS s
	    WHERE s.language > next.language)
	FROM next WHERE next.language IS NOT NULL)
SELECT language FROM next
WHERE EXISTS (SELECT 1 FROM listener_language AS s
    CROSS JOIN listing AS g ON g.user_id = s.user_id
    WHERE s.language = next.language);
