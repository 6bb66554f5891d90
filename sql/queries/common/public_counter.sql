-- Counters per time window that clients can observe.

-- name: public_counter_get
-- index: public_counter (scope, key)
SELECT n, ends_at FROM public_counter
WHERE scope = :scope AND key = :key AND ends_at > :now;

-- name: public_counter_add
-- index: public_counter (scope, key)
INSERT INTO public_counter(scope, key, n, ends_at)
VALUES (:scope, :key, 1, :ends)
ON CONFLICT (scope, key) DO UPDATE SET
    n = CASE WHEN ends_at > :now THEN n + 1 ELSE 1 END,
    ends_at = CASE WHEN ends_at > :now THEN ends_at ELSE :ends END;

-- name: public_counter_trim
-- index: public_counter primary key
DELETE FROM public_counter
WHERE seq <= (SELECT max(seq) FROM public_counter) - :max;

-- name: public_counter_clear
-- index: public_counter (scope, key)
DELETE FROM public_counter WHERE scope = :scope AND key = :key;
