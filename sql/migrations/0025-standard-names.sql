-- Renames two tables and their indexes, and an index and a trigger of favorite.
-- ALTER TABLE also changes the triggers and foreign keys that name the tables.
--
-- favoritable.kind: 1 listener, 2 flyer, 3 destination, 4 style, 5 creative,
-- 6 document.

ALTER TABLE entity RENAME TO favoritable;
DROP INDEX entity_uuid;
CREATE UNIQUE INDEX favoritable_uuid ON favoritable(uuid)
WHERE uuid IS NOT NULL;
DROP INDEX entity_popular;
CREATE INDEX favoritable_popular ON favoritable(kind, favorites_count, id);

DROP INDEX favorite_wish;
CREATE INDEX favorite_settings ON favorite(entity_id, id) WHERE notify = 1;
DROP TRIGGER favorite_wish;
CREATE TRIGGER favorite_settings AFTER UPDATE OF notify, note ON favorite BEGIN
	UPDATE favorite_total SET version = version + 1
	WHERE user_id = NEW.user_id AND kind = NEW.kind;
END;

ALTER TABLE call_seat RENAME TO call_media_presence;
DROP INDEX call_seat_left;
CREATE INDEX call_media_presence_left ON call_media_presence(left_at)
WHERE left_at IS NOT NULL;
