-- Counters per time window.

-- name: throttle_get
-- index: throttle primary key
SELECT n, ends_at FROM throttle
WHERE scope = :scope AND key = :key AND ends_at > :now;

-- name: throttle_add
-- index: throttle primary key
INSERT INTO throttle(scope, key, n, started_at, ends_at)
VALUES (:scope, :key, 1, :now, :ends)
ON CONFLICT (scope, key) DO UPDATE SET
    n = CASE WHEN ends_at > :now THEN n + 1 ELSE 1 END,
    started_at = CASE WHEN ends_at > :now THEN started_at ELSE :now END,
    ends_at = CASE WHEN ends_at > :now THEN ends_at ELSE :ends END;

-- name: throttle_clear
-- index: throttle primary key
DELETE FROM throttle WHERE scope = :scope AND key = :key;

-- As throttle_add, but the window ends :ends after the last count.
-- name: throttle_extend
-- index: throttle primary key
INSERT INTO throttle(scope, key, n, started_at, ends_at)
VALUES (:scope, :key, 1, :now, :ends)
ON CONFLICT (scope, key) DO UPDATE SET
    n = CASE WHEN ends_at > :now THEN n + 1 ELSE 1 END,
    started_at = CASE WHEN ends_at > :now THEN started_at ELSE :now END,
    ends_at = :ends;
