-- Counters per time window that clients can observe.

-- name: public_counter_get
-- index: public_counter (scope, key)
SELECT n, ends_at FROM public_counter
WHERE scope = :scope AND key = :key AND ends_at > :now;

-- A counted row becomes the newest one.
-- name: public_counter_add
-- index: public_counter primary key
INSERT INTO public_counter(scope, key, n, ends_at)
VALUES (:scope, :key, 1, :ends)
ON CONFLICT (scope, key) DO UPDATE SET
    seq = (SELECT max(seq) FROM public_counter) + 1,
    n = CASE WHEN ends_at > :now THEN n + 1 ELSE 1 END,
    ends_at = CASE WHEN ends_at > :now THEN ends_at ELSE :ends END;

-- Reads no more rows than it deletes.
-- name: public_counter_trim
-- index: counter and public_counter primary keys
-- allow: scan
DELETE FROM public_counter WHERE seq IN (SELECT seq FROM public_counter
    ORDER BY seq
    LIMIT max(0, (SELECT n FROM counter WHERE name = 'public_counter') - :max));

-- name: public_counter_clear
-- index: public_counter (scope, key)
DELETE FROM public_counter WHERE scope = :scope AND key = :key;
