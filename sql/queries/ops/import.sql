-- Statements of imports, in addition to those of the catalog.

-- name: import_owner
-- index: user's unique username
SELECT id FROM user WHERE username = :username AND status = 1;

-- name: import_verify
-- index: listener primary key
UPDATE listener SET verification = 1, verified_at = :now,
    version = version + 1
WHERE user_id = :id;

-- While bulk_import has a row, triggers do not update counters and full-text
-- indexes.
-- name: import_flyers
-- index: flyer primary key, its end
INSERT INTO bulk_import(kind, last_id)
SELECT 2, coalesce(max(id), 0) FROM flyer;

-- name: import_flyers_counter
-- index: counter and flyer primary keys
UPDATE counter SET n = n + (SELECT count(*) FROM flyer AS x
    WHERE x.id > (SELECT b.last_id FROM bulk_import AS b WHERE b.kind = 2))
WHERE name = 'flyer';

-- name: import_flyers_text
-- index: flyer primary key
INSERT INTO flyer_text(rowid, title, description, category, address)
SELECT f.id, f.title, f.description, f.category, f.address
FROM flyer AS f
WHERE f.id > (SELECT b.last_id FROM bulk_import AS b WHERE b.kind = 2);

-- name: import_destinations
-- index: destination primary key, its end
INSERT INTO bulk_import(kind, last_id)
SELECT 3, coalesce(max(id), 0) FROM destination;

-- name: import_destinations_counter
-- index: counter and destination primary keys
UPDATE counter SET n = n + (SELECT count(*) FROM destination AS x
    WHERE x.id > (SELECT b.last_id FROM bulk_import AS b WHERE b.kind = 3))
WHERE name = 'destination';

-- name: import_destinations_text
-- index: destination primary key
INSERT INTO destination_text(rowid, name, city, country)
SELECT d.id, d.name, d.city, d.country
FROM destination AS d
WHERE d.id > (SELECT b.last_id FROM bulk_import AS b WHERE b.kind = 3);

-- name: import_end
-- index: bulk_import primary key
DELETE FROM bulk_import WHERE kind = :kind;
