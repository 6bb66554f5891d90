-- The full-text indexes and the words they were built with.

-- name: search_index_outdated
-- index: search_index, which has five rows
-- allow: scan
SELECT name, position FROM search_index WHERE version < :version
ORDER BY name LIMIT 1;

-- name: search_index_position
-- index: search_index primary key
UPDATE search_index SET position = :position WHERE name = :name;

-- name: search_index_complete
-- index: search_index primary key
UPDATE search_index SET version = :version, position = NULL
WHERE name = :name;
