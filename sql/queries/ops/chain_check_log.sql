-- The results of the last verifications of the hash chains.

-- name: chain_check_log_get
-- index: chain_check_log primary key
SELECT checked_at, whole_at, links, entries, head, first_wrong
FROM chain_check_log
WHERE name = :name;

-- name: chain_check_log_put
-- index: chain_check_log primary key
INSERT INTO chain_check_log(name, ok, checked_at, whole_at, links, entries,
    head, first_wrong)
VALUES (:name, :first_wrong IS NULL, :checked_at, :whole_at, :links, :entries,
    :head, :first_wrong)
ON CONFLICT (name) DO UPDATE SET ok = excluded.ok,
    checked_at = excluded.checked_at, whole_at = excluded.whole_at,
    links = excluded.links, entries = excluded.entries, head = excluded.head,
    first_wrong = excluded.first_wrong;
