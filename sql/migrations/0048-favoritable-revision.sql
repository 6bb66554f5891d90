-- Adds the revision of the object itself to favoritable. It does not change if
-- users save or unsave the object, as the version does, so it identifies what a
-- worker may reuse of an object. There are no new integer codes.

ALTER TABLE favoritable ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

DROP TRIGGER flyer_version;
CREATE TRIGGER flyer_version AFTER UPDATE ON flyer BEGIN
	UPDATE favoritable SET version = version + 1, revision = revision + 1
	WHERE kind = 2 AND id = NEW.id;
END;
DROP TRIGGER destination_version;
CREATE TRIGGER destination_version AFTER UPDATE ON destination BEGIN
	UPDATE favoritable SET version = version + 1, revision = revision + 1
	WHERE kind = 3 AND id = NEW.id;
END;
