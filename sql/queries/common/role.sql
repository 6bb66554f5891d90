-- The roles of accounts.

-- name: role_get
-- index: user primary key
SELECT roles | staff_roles FROM user WHERE id = :id AND status <> 2;

-- name: role_set
-- index: user primary key
UPDATE user SET roles = :roles & 15, staff_roles = :roles & 112,
    version = version + 1, updated_at = :now
WHERE id = :id;

-- name: role_drop_links
-- index: one_time_link_creator
DELETE FROM one_time_link WHERE created_by = :id;

-- A row if :id is the only active administrator.
-- name: role_last_admin
-- index: user primary key, then user_staff
-- allow: scan of the few accounts of staff
SELECT 1 FROM user AS u
WHERE u.id = :id AND u.roles & 4 <> 0
    AND (u.status = 1 OR (u.status = 3 AND u.banned_until <= :now))
    AND NOT EXISTS (SELECT 1 FROM user AS o INDEXED BY user_staff
	WHERE (o.roles >= 4 OR o.staff_roles <> 0) AND o.roles & 4 <> 0
	AND o.id <> :id
	AND (o.status = 1 OR (o.status = 3 AND o.banned_until <= :now)));
