-- Executed at each start of ./demo. Some listeners are online for the next 12
-- hours, as if their phones were reachable, and two of them talk. The other
-- listeners were last seen some time ago. 8 of the favorites of the account
-- customer are online, 6 of these are available.
BEGIN IMMEDIATE;
CREATE TEMP TABLE now AS
SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS ms;
UPDATE presence SET status = 1, reachable_until = (SELECT ms FROM now) + 43200000,
    last_seen = (SELECT ms FROM now) - user_id * 1000, version = version + 1,
    busy_since = iif(user_id IN (9, 14), (SELECT ms FROM now) - 240000, NULL)
WHERE user_id IN (2, 4, 7, 9, 12, 14, 20, 24, 29, 32, 34, 37, 123)
    AND closed IS NULL;
UPDATE presence SET last_seen = (SELECT ms FROM now) - user_id * 1000000,
    version = version + 1
WHERE user_id IN (SELECT user_id FROM listener) AND last_seen IS NULL;
COMMIT;
