-- Links that sign an account in.

-- name: sign_in_link_drop
-- index: one_time_link_user
DELETE FROM one_time_link WHERE user_id = :user AND kind = :kind;
