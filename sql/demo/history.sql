-- Inserts facts for the 30 days before today, so that the dashboard of the
-- console has data (lib/domain/common/rollup.h). The numbers are per hour and
-- higher in the evening. Nothing is inserted for today.
BEGIN IMMEDIATE;
-- Opens all hours, so that these facts are counted.
INSERT INTO rollup_watermark(fact_id, open_from, at)
SELECT coalesce(max(id), 0), 0, 0 FROM fact;
INSERT INTO fact(metric, at, label, n)
WITH RECURSIVE hour(i) AS (
	SELECT 1 UNION ALL SELECT i + 1 FROM hour WHERE i < 30 * 24
), what(metric, label, most, odd) AS (VALUES
    (1, '', 4, 7), (3, 'ended', 9, 5), (3, 'rejected', 2, 3),
    (3, 'cancelled', 3, 11), (3, 'missed', 3, 13), (4, '', 90, 17),
    (5, '', 9000, 4801), (6, '', 50000, 23011), (7, 'session', 300, 211),
    (8, 'listener', 9, 5), (8, 'flyer', 7, 3), (8, 'destination', 5, 7),
    (8, 'creative', 3, 5), (9, '', 900, 331), (9, 'hi', 500, 173),
    (9, 'en', 700, 211), (9, 'ta', 120, 71), (10, 'hi', 9, 5),
    (10, 'en', 7, 3), (10, 'ta', 4, 3)
)
SELECT metric, (unixepoch('now', 'start of day') - i * 3600) * 1000, label,
    -- Times in UTC + 5:30: all events from 18:30 to 0:30, a fifth of them
    -- from 0:30 to 6:30, and three fifths at other times.
    (i * odd) % most * CASE WHEN i % 24 IN (6, 7, 8, 9, 10, 11) THEN 5
	WHEN i % 24 IN (0, 1, 2, 3, 4, 5) THEN 1 ELSE 3 END / 5
FROM hour CROSS JOIN what
WHERE (i * odd) % most > 1 ORDER BY i DESC;
COMMIT;
