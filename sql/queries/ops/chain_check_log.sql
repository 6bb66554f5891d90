-- The results of the last verifications of the hash chains.

-- name: chain_check_log_get
-- index: proof primary key
SELECT checked_at, whole_at, links, entries, head, wrong FROM proof
WHERE name = :name;

-- name: chain_check_log_put
-- index: proof primary key
INSERT INTO proof(name, ok, checked_at, whole_at, links, entries, head, wrong)
VALUES (:name, :wrong IS NULL, :checked_at, :whole_at, :links, :entries,
    :head, :wrong)
ON CONFLICT (name) DO UPDATE SET ok = excluded.ok,
    checked_at = excluded.checked_at, whole_at = excluded.whole_at,
    links = excluded.links, entries = excluded.entries, head = excluded.head,
    wrong = excluded.wrong;
