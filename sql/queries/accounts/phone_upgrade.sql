-- Phone numbers that older versions stored.

-- name: phone_upgrade_next
-- index: user primary key
SELECT id, phone, phone_ok FROM user WHERE id > :after AND phone IS NOT NULL
ORDER BY id LIMIT :max;

-- name: phone_upgrade_set
-- index: user primary key
UPDATE user SET phone = :phone, version = version + 1, updated_at = :now
WHERE id = :id;
