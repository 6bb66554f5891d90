-- Links that work once.

-- name: one_time_link_add
-- index: one_time_link primary key
INSERT INTO one_time_link(hash, kind, user_id, roles, created_by, created_at,
    expires_at)
VALUES (:hash, :kind, :user, :roles, :by, :now, :expires);

-- name: one_time_link_find
-- index: one_time_link hash
SELECT id, kind, user_id, roles, created_by, created_at, expires_at
FROM one_time_link
WHERE hash = :hash AND expires_at > :now;

-- name: one_time_link_drop
-- index: one_time_link primary key
DELETE FROM one_time_link WHERE id = :id;
