-- Usernames that were generated, and the choice of another one.

-- name: username_set_generated
-- index: username_generated primary key
INSERT INTO username_generated(user_id) VALUES (:user)
ON CONFLICT (user_id) DO NOTHING;

-- name: username_is_generated
-- index: username_generated primary key
SELECT 1 FROM username_generated WHERE user_id = :user;

-- name: username_unset_generated
-- index: username_generated primary key
DELETE FROM username_generated WHERE user_id = :user;

-- name: username_change
-- index: user primary key
UPDATE user SET username = :username, version = version + 1, updated_at = :now
WHERE id = :user;
