-- Executed at each start of ./demo. Half of the listeners are online for the
-- next 12 hours, as if their phones were reachable. The other listeners were
-- last seen some time ago.
BEGIN IMMEDIATE;
CREATE TEMP TABLE now AS
SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS ms;
UPDATE presence SET status = 1, reachable_until = (SELECT ms FROM now) + 43200000,
    last_seen = (SELECT ms FROM now) - user_id * 1000, version = version + 1
WHERE user_id IN (2, 4, 5, 7, 9, 11, 12, 14, 16, 18,
    19, 20, 22, 24, 26, 28);
UPDATE presence SET last_seen = (SELECT ms FROM now) - user_id * 1000000,
    version = version + 1
WHERE user_id BETWEEN 4 AND 31 AND last_seen IS NULL;
COMMIT;
