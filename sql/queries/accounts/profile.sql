-- Profiles of users.

-- :set_x is 1 if the member x is given; null then clears it.
-- name: profile_update
-- index: user primary key
UPDATE user SET
    sex = CASE WHEN :set_sex THEN :sex ELSE sex END,
    bio = CASE WHEN :set_bio THEN :bio ELSE bio END,
    interests = CASE WHEN :set_interests THEN :interests ELSE interests END,
    preferred_language = CASE WHEN :set_language THEN :language
	ELSE preferred_language END,
    country = CASE WHEN :set_country THEN :country ELSE country END,
    version = version + 1, updated_at = :now
WHERE id = :id;

-- name: profile_image
-- index: user primary key
SELECT image FROM user WHERE id = :id;

-- name: profile_set_image
-- index: user primary key
UPDATE user SET image = :name, version = version + 1, updated_at = :now
WHERE id = :id;

-- name: image_upgrade_set
-- index: user primary key
UPDATE user SET image = :encoded, version = version + 1, updated_at = :now
WHERE id = :id AND image = :name;

-- name: image_upgrade_next
-- index: user primary key
SELECT id, image FROM user WHERE id > :after AND image IS NOT NULL
ORDER BY id LIMIT :max;
