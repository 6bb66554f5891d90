-- Creates the marks of large deletions. The request marks the object and
-- deletes a first batch of rows. Jobs delete the rest in further batches.
-- Marked objects are hidden from readers.
--
-- entity_removal.kind: 2 flyer, 3 destination.
-- entity.kind, in triggers: also 4 style, 5 creative, 6 document.

-- Deleted accounts that still have rows. Their flyers, styles, creatives and
-- documents are in no list and no count.
CREATE TABLE account_removal (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	request_id	TEXT NOT NULL,
	created_at	INTEGER NOT NULL
) STRICT;

-- Deleted flyers and destinations that still have favorites. The row of entity
-- remains until the last favorite is deleted.
CREATE TABLE entity_removal (
	kind		INTEGER NOT NULL CHECK (kind IN (2, 3)),
	id		INTEGER NOT NULL,
	uuid		BLOB CHECK (length(uuid) = 16),
	request_id	TEXT NOT NULL,
	created_at	INTEGER NOT NULL,
	PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

DROP TRIGGER flyer_entity_drop;
CREATE TRIGGER flyer_entity_drop AFTER DELETE ON flyer
WHEN NOT EXISTS (SELECT 1 FROM entity_removal WHERE kind = 2 AND id = OLD.id)
BEGIN
	DELETE FROM entity WHERE kind = 2 AND id = OLD.id;
END;
DROP TRIGGER destination_entity_drop;
CREATE TRIGGER destination_entity_drop AFTER DELETE ON destination
WHEN NOT EXISTS (SELECT 1 FROM entity_removal WHERE kind = 3 AND id = OLD.id)
BEGIN
	DELETE FROM entity WHERE kind = 3 AND id = OLD.id;
END;

-- A change of an entity no longer changes versions in favorite_total, because
-- it may be a favorite of 100,000 accounts. The ETag of a list contains the
-- versions of its entities instead.
DROP TRIGGER destination_version;
CREATE TRIGGER destination_version AFTER UPDATE ON destination BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 3 AND id = NEW.id;
END;
DROP TRIGGER style_version;
CREATE TRIGGER style_version AFTER UPDATE ON style BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 4 AND id = NEW.id;
END;
DROP TRIGGER style_gone;
CREATE TRIGGER style_gone AFTER DELETE ON style BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 4 AND id = OLD.id;
END;
DROP TRIGGER creative_version;
CREATE TRIGGER creative_version AFTER UPDATE ON creative BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 5 AND id = NEW.id;
END;
DROP TRIGGER creative_gone;
CREATE TRIGGER creative_gone AFTER DELETE ON creative BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 5 AND id = OLD.id;
END;
DROP TRIGGER document_version;
CREATE TRIGGER document_version AFTER UPDATE ON document BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 6 AND id = NEW.id;
END;
DROP TRIGGER document_gone;
CREATE TRIGGER document_gone AFTER DELETE ON document BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 6 AND id = OLD.id;
END;

-- The totals were decreased when the account was marked.
DROP TRIGGER tally_flyer_drop;
CREATE TRIGGER tally_flyer_drop AFTER DELETE ON flyer
WHEN OLD.publisher_id NOT IN (SELECT user_id FROM account_removal) BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'flyer';
END;
DROP TRIGGER tally_style_drop;
CREATE TRIGGER tally_style_drop AFTER DELETE ON style
WHEN OLD.owner_id NOT IN (SELECT user_id FROM account_removal) BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'style';
END;
DROP TRIGGER tally_creative_drop;
CREATE TRIGGER tally_creative_drop AFTER DELETE ON creative
WHEN OLD.is_published = 1
    AND OLD.owner_id NOT IN (SELECT user_id FROM account_removal) BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'creative:published';
END;
DROP TRIGGER tally_document_drop;
CREATE TRIGGER tally_document_drop AFTER DELETE ON document
WHEN OLD.is_public = 1
    AND OLD.owner_id NOT IN (SELECT user_id FROM account_removal) BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'document:public';
END;
