-- The accounts with a role of staff: 4 in user.roles, or staff_roles.

-- fragment: staff_columns
SELECT u.id, u.username, u.email, u.roles | u.staff_roles, u.status,
    EXISTS (SELECT 1 FROM totp AS t
	WHERE t.user_id = u.id AND t.confirmed_at IS NOT NULL),
    (SELECT count(*) FROM recovery_code AS r WHERE r.user_id = u.id),
    (SELECT d.created_at FROM device_session AS d WHERE d.user_id = u.id
	ORDER BY d.id DESC LIMIT 1),
    (SELECT count(*) FROM device_session AS d
	WHERE d.user_id = u.id AND d.revoked_at IS NULL),
    u.created_at

-- name: staff_list
-- index: user_staff; totp, recovery_code and device_session_user by user
-- use: staff_columns
FROM user AS u INDEXED BY user_staff
WHERE (u.roles >= 4 OR u.staff_roles <> 0)
    AND (u.roles & 4 <> 0 OR u.staff_roles <> 0)
    AND u.status <> 2 AND u.id < :before
ORDER BY u.id DESC LIMIT :limit OFFSET :offset;

-- The scans read only staff and services, which are few.
-- name: staff_count
-- index: user_staff
-- allow: scan
SELECT count(*) FROM user INDEXED BY user_staff
WHERE (roles >= 4 OR staff_roles <> 0)
    AND (roles & 4 <> 0 OR staff_roles <> 0) AND status <> 2;

-- name: staff_get
-- index: user primary key; totp, recovery_code and device_session_user by user
-- use: staff_columns
FROM user AS u
WHERE u.id = :id AND u.status <> 2;

