-- What happened to the security of an account.

-- name: security_log_add
-- index: security_log primary key
INSERT INTO security_log(user_id, kind, session_id, detail, at)
VALUES (:user, :kind, :session, :detail, :now);

-- Deletes the oldest rows of a user with more than :max.
-- name: security_log_trim
-- index: security_log_user, then the primary key
DELETE FROM security_log WHERE id IN (SELECT id FROM security_log
    WHERE user_id = :user ORDER BY id DESC LIMIT 5 OFFSET :max);

-- name: security_log_count
-- index: security_log_user
SELECT count(*) FROM security_log WHERE user_id = :user;

-- name: security_log_list
-- index: security_log_user
SELECT id, kind, session_id, detail, at FROM security_log
WHERE user_id = :user AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;
