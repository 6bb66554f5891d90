-- The usage of accounts, which triggers maintain.

-- name: quota_usage
-- index: quota_usage primary key
SELECT n_rows, n_bytes, image_bytes FROM quota_usage WHERE user_id = :user;

-- name: quota_favorites
-- index: favorite_total primary key
SELECT sum(n) FROM favorite_total WHERE user_id = :user;
