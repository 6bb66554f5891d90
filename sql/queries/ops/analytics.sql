-- Metrics by hour, day and week, and the present state.

-- name: analytics_read
-- index: rollup primary key
SELECT start, label, n FROM rollup
WHERE metric = :metric AND span = :span AND start >= :from AND start < :to
ORDER BY start, label;

-- All metrics of two days, except supply and demand.
-- name: dashboard_days
-- index: rollup primary key
SELECT metric, start, n FROM rollup
WHERE metric IN (1, 2, 3, 4, 5, 6, 7, 8, 11) AND span = 2
    AND start IN (:today, :yesterday);

-- name: dashboard_listeners
-- index: presence_listed_until
SELECT count(*), count(busy_since)
FROM presence INDEXED BY presence_listed_until
WHERE listed = 1 AND until > :now AND status <> 0;

-- name: dashboard_sessions
-- index: session_lease
SELECT count(*) FROM session INDEXED BY session_lease
WHERE state = 0 AND leased_until > 0;

-- name: dashboard_counters
-- index: counter primary key, outbox_due
SELECT name, n FROM counter WHERE name IN ('listener:0', 'payment:flagged',
    'call:0', 'call:1', 'outbox:2:1', 'outbox:2:2', 'outbox:2:3')
UNION ALL
SELECT 'outbox:0:', count(*) FROM outbox INDEXED BY outbox_due
WHERE state = 0 AND channel BETWEEN 1 AND 3;

-- name: dashboard_ledger
-- index: chain_check_log primary key
SELECT ok, checked_at, links FROM chain_check_log WHERE name = 'ledger';
