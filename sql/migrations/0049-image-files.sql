-- Finds the row that refers to the file of an image, and remembers the images of
-- imported flyers. There are no integer codes.

-- Null: the row has no file.
CREATE INDEX user_image ON user(image) WHERE image IS NOT NULL;
CREATE INDEX flyer_image ON flyer(image) WHERE image IS NOT NULL;

-- The image_url of the last import of the flyer. An import that does not change
-- it keeps an uploaded image. '': the import had none; null: not imported, or
-- not known, because an earlier version imported the flyer.
ALTER TABLE flyer ADD COLUMN source_image_url TEXT;
UPDATE flyer SET source_image_url = coalesce(image_url, '')
WHERE source_key IS NOT NULL AND image IS NULL;
