-- Customers (1001 to 2341) who cannot sign in, their sessions of the time before
-- the listeners had rates, and their reviews. So the counts of a listener match
-- the lists. The sessions cost nothing: the ledger has no rows of the demo data.
BEGIN IMMEDIATE;

CREATE TEMP TABLE given(n INTEGER PRIMARY KEY, name TEXT, country TEXT);
INSERT INTO given(name, country) VALUES
    ('aditi', 'IN'), ('anil', 'IN'), ('bela', 'HU'), ('carlos', 'ES'),
    ('chika', 'JP'), ('dara', 'KH'), ('dewi', 'ID'), ('diego', 'CL'),
    ('elif', 'TR'), ('emeka', 'NG'), ('farah', 'MY'), ('farid', 'PK'),
    ('gita', 'IN'), ('greta', 'DE'), ('hana', 'KR'), ('hugo', 'FR'),
    ('ines', 'PT'), ('ishaan', 'IN'), ('jamal', 'US'), ('joana', 'BR'),
    ('karim', 'EG'), ('kiran', 'IN'), ('lena', 'AT'), ('lucas', 'BR'),
    ('maria', 'MX'), ('minh', 'VN'), ('mira', 'RS'), ('nadia', 'MA'),
    ('nikhil', 'IN'), ('nora', 'NO'), ('olga', 'UA'), ('omid', 'IR'),
    ('paula', 'CO'), ('pradeep', 'IN'), ('putri', 'ID'), ('rania', 'JO'),
    ('rosa', 'IT'), ('samir', 'BD'), ('sari', 'ID'), ('sven', 'SE'),
    ('tariq', 'AE'), ('tess', 'NL'), ('uma', 'IN'), ('vera', 'CZ'),
    ('yuki', 'JP');
INSERT INTO user(id, uuid, status, roles, username, country, referral_code,
    created_at, updated_at)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1340)
SELECT 1001 + i, randomblob(16), 1, 1, g.name || '_' || (1 + i / 45),
    g.country, printf('DEMO%04d', 1001 + i), 1704067200000 + i * 4000000,
    1704067200000 + i * 4000000
FROM n CROSS JOIN given AS g ON g.n = 1 + i % 45;
DROP TABLE given;

-- The number of sessions, the number of reviews, and the sum of their ratings.
CREATE TEMP TABLE target(user_id INTEGER PRIMARY KEY, sessions INTEGER,
    reviews INTEGER, stars INTEGER);
INSERT INTO target VALUES
    (2, 37, 20, 94), (4, 120, 49, 236), (5, 88, 39, 190), (6, 41, 20, 92),
    (7, 60, 29, 141), (8, 33, 16, 77), (9, 22, 10, 48), (10, 51, 25, 118),
    (11, 27, 13, 63), (12, 97, 42, 205), (13, 25, 12, 54), (14, 36, 17, 83),
    (15, 66, 30, 149), (16, 29, 14, 66), (17, 49, 23, 111), (18, 18, 9, 39),
    (20, 301, 66, 322), (21, 44, 20, 96), (22, 58, 26, 125), (23, 26, 12, 57),
    (24, 63, 29, 143), (25, 31, 14, 68), (26, 39, 18, 87), (27, 20, 10, 45),
    (28, 47, 21, 102), (29, 34, 16, 74), (32, 40, 19, 91), (33, 23, 12, 57),
    (34, 46, 21, 100), (35, 31, 15, 72), (36, 37, 18, 85), (37, 21, 10, 49),
    (123, 210, 50, 240);

-- Session k of a listener. The first ones have reviews.
CREATE TEMP TABLE talk AS
WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k < 300)
SELECT t.user_id AS listener, k, k < t.reviews AS reviewed,
    1001 + (t.user_id * 97 + k * 13) % 1341 AS customer,
    1719800000000 + (t.user_id * 7919 + k * 104729) % 40000000 * 1000 AS at,
    3 + (t.user_id + k * 37) % 38 AS minutes,
    iif(k * 7919 % t.reviews < 5 * t.reviews - t.stars, 4, 5) AS rating
FROM target AS t CROSS JOIN n ON k < t.sessions;
INSERT INTO session(customer_id, listener_id, state, rate, commission,
    per_second, free_ms, started_at, billed_from, leased_until, lasts_until,
    ended_at, cause, billed_minutes, billed_free, cost, cost_bonus, fee, earned,
    balance)
SELECT customer, listener, 1, 0, 2000, 0, 0, at, at, at + minutes * 60000,
    at + minutes * 60000, at + minutes * 60000, 1, minutes, 0, 0, 0, 0, 0, 0
FROM talk ORDER BY at;
UPDATE session_total SET
    ended = (SELECT count(*) FROM talk WHERE listener = user_id),
    minutes = (SELECT coalesce(sum(minutes), 0) FROM talk
	WHERE listener = user_id);
UPDATE listener SET version = version + 1, sessions_count =
    (SELECT count(*) FROM talk WHERE listener = user_id);

CREATE TEMP TABLE said(n INTEGER PRIMARY KEY, comment TEXT);
INSERT INTO said VALUES
    (0, 'Listened without hurry.'), (1, 'I slept after this call.'),
    (2, 'Asked the right question once, then waited.'),
    (3, 'बहुत धैर्य से सुना।'), (4, 'Calm voice, good silence.'),
    (5, 'Me sentí escuchada.'), (6, 'No advice, and that was right.'),
    (7, 'Helped me to find the first sentence.'),
    (8, 'We laughed too. I needed that.'), (9, 'Sabar dan ramah.'),
    (10, 'Remembered what I said ten minutes before.'),
    (11, 'A bad line, a good listener.');
INSERT INTO review(session_id, listener_id, customer_id, rating, comment,
    created_at)
SELECT s.id, t.listener, t.customer, t.rating, d.comment, s.ended_at + 60000
FROM talk AS t
JOIN session AS s ON s.listener_id = t.listener AND s.customer_id = t.customer
    AND s.started_at = t.at
LEFT JOIN said AS d ON d.n = (t.listener + t.k * 5) % 18
WHERE t.reviewed ORDER BY s.id;
DROP TABLE said;
DROP TABLE talk;
DROP TABLE target;
COMMIT;
