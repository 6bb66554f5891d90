-- The log of backups, restore tests and restores.

-- name: backup_log_add
-- index: backup_log primary key
INSERT INTO backup_log(kind, ok, began_at, at, name, bytes, error)
VALUES (:kind, :ok, :began, :at, :name, :bytes, :error);

-- name: backup_log_prune
-- index: backup_log primary key
DELETE FROM backup_log WHERE id <= (SELECT max(id) FROM backup_log) - :keep;

-- name: backup_log_last
-- index: backup_log_last
SELECT id, began_at, at, name, bytes, error FROM backup_log
WHERE kind = :kind AND ok = :ok ORDER BY id DESC LIMIT 1;

-- name: backup_log_images
-- index: user_image and flyer_image, covering
SELECT image FROM user WHERE image IS NOT NULL
UNION ALL SELECT image FROM flyer WHERE image IS NOT NULL;

-- Adds the missing counters of tables that never had a row.
-- name: backup_log_counters
-- index: none: a row a table
-- allow: scan
INSERT INTO sqlite_sequence(name, seq)
SELECT t.name, 0 FROM sqlite_schema AS t
WHERE t.type = 'table' AND t.sql LIKE '%AUTOINCREMENT%'
    AND NOT EXISTS (SELECT 1 FROM sqlite_sequence AS s WHERE s.name = t.name);

-- After a restore, new ids skip those that were assigned after the backup,
-- because tokens, providers and clients may refer to them. Tables whose ids are
-- not visible outside of the database are left out.
-- name: backup_log_skip
-- index: none: a row a table
-- allow: scan
UPDATE sqlite_sequence SET seq = seq + :skip
WHERE name NOT IN ('audit', 'backup_log');

-- After a restore, clients may have events that the database does not have. The
-- event numbers of all users skip them, and older events are marked as deleted.
-- name: backup_log_skip_events
-- index: event (user_id, seq), event_deleted primary key
-- allow: scan
INSERT INTO event_deleted(user_id, seq)
SELECT u.id, :skip + max(
    coalesce((SELECT seq FROM event WHERE user_id = u.id
	ORDER BY seq DESC LIMIT 1), 0),
    coalesce((SELECT seq FROM event_deleted WHERE user_id = u.id), 0))
FROM user AS u WHERE true
ON CONFLICT (user_id) DO UPDATE SET seq = excluded.seq;

-- name: backup_log_drop_events
-- index: none: all of them
-- allow: scan
DELETE FROM event WHERE true;

-- name: backup_log_log_head
-- index: the end of favorite_log
SELECT coalesce(max(seq), 0) FROM favorite_log;
