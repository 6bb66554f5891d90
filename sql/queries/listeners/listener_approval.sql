-- Listeners as administrators list and verify them.

-- name: listener_approval_list
-- index: listener_verification
SELECT user_id, registered_at FROM listener
WHERE verification = :verification
    AND registered_at <= :key AND (registered_at < :key OR user_id < :id)
ORDER BY registered_at DESC, user_id DESC
LIMIT :limit OFFSET :offset;

-- name: listener_approval_list_all
-- index: listener_recent
SELECT user_id, registered_at FROM listener
WHERE registered_at <= :key AND (registered_at < :key OR user_id < :id)
ORDER BY registered_at DESC, user_id DESC
LIMIT :limit OFFSET :offset;

-- name: counter_listeners
-- index: counter primary key
SELECT sum(n) FROM counter WHERE name >= 'listener:' AND name < 'listener:~';

-- name: listener_approval_set
-- index: listener primary key
UPDATE listener SET verification = :verification, reason = :reason,
    verified_at = :verified_at, version = version + 1
WHERE user_id = :id;
