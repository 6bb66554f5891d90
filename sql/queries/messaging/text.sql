-- The language of messages to a user.

-- name: text_language
-- index: user primary key
SELECT preferred_language, accept_language FROM user WHERE id = :user;

-- name: text_language_keep
-- index: user primary key
UPDATE user SET accept_language = :language
WHERE id = :user AND accept_language IS NOT :language;
