-- The language of messages to a user.

-- name: text_language
-- index: user primary key
SELECT preferred_language, accept_language FROM user WHERE id = :user;

-- name: text_language_keep
-- index: user primary key
UPDATE user SET accept_language = :language
WHERE id = :user AND accept_language IS NOT :language;

-- The verified addresses of a user.
-- name: text_test_address
-- index: user primary key
SELECT iif(email_ok = 1, email, NULL), iif(phone_ok = 1, phone, NULL)
FROM user WHERE id = :user;
