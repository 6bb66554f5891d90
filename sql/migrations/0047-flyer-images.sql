-- Stores uploaded images of flyers, and a queue of the files that no row refers
-- to any more. There are no integer codes.

-- flyer.image is the name of a file, as user.image is. image_url is the URL of
-- an image on another server. At most one of them is set. image_bytes is the
-- size of the file and its thumbnail; 0: no file.
ALTER TABLE flyer ADD COLUMN image TEXT
	CHECK (image IS NULL OR image_url IS NULL);
ALTER TABLE flyer ADD COLUMN image_bytes INTEGER NOT NULL DEFAULT 0
	CHECK (image_bytes >= 0 AND (image IS NULL) = (image_bytes = 0));

-- Files to remove. A job does it after the commit, so that no file remains if
-- a process ends meanwhile.
CREATE TABLE image_removal (
	name		TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TRIGGER user_image_change AFTER UPDATE OF image ON user
WHEN OLD.image IS NOT NULL AND OLD.image IS NOT NEW.image BEGIN
	INSERT OR IGNORE INTO image_removal(name) VALUES (OLD.image);
END;

-- The bytes of the images of an account's flyers.
ALTER TABLE quota_usage ADD COLUMN image_bytes INTEGER NOT NULL DEFAULT 0
	CHECK (image_bytes >= 0);
CREATE TRIGGER flyer_image_change AFTER UPDATE OF image ON flyer
WHEN OLD.image IS NOT NEW.image BEGIN
	INSERT OR IGNORE INTO image_removal(name)
	SELECT OLD.image WHERE OLD.image IS NOT NULL;
	UPDATE quota_usage
	SET image_bytes = image_bytes + NEW.image_bytes - OLD.image_bytes
	WHERE user_id = NEW.publisher_id;
END;
CREATE TRIGGER flyer_image_drop AFTER DELETE ON flyer
WHEN OLD.image IS NOT NULL BEGIN
	INSERT OR IGNORE INTO image_removal(name) VALUES (OLD.image);
	UPDATE quota_usage SET image_bytes = image_bytes - OLD.image_bytes
	WHERE user_id = OLD.publisher_id;
END;
