-- The files that no row refers to any more.

-- The table has few rows.
-- name: image_removal_next
-- index: image_removal primary key
-- allow: scan
SELECT name FROM image_removal LIMIT :max;

-- name: image_removal_done
-- index: image_removal primary key
DELETE FROM image_removal WHERE name = :name;
