-- released: 9c4a7b841fde76f5268544eadbf1b8f64e3172521f3e6b9e8ed6e644c490134d
-- Creates the statistics: facts, and their sums by hour, day and week
-- (lib/domain/common/rollup.h).
--
-- fact.metric, rollup.metric: 1 registrations, 2 active_users (user_id),
-- 3 calls (ended calls; word is the state), 4 minutes (billed), 5 revenue,
-- 6 topups, 7 refunds (word is session or payment), 8 favorites (saved; word is
-- the kind), 9 supply (listeners online, sampled each minute; word is the
-- language, empty for all), 10 demand (attempted calls; word is the language).
-- rollup.span, active.span: 1 hour, 2 day, 3 week (begins on Monday).

-- One row for each counted fact, in commit order. The transaction in which the
-- fact occurs inserts it. Rows are kept for 31 days.
CREATE TABLE fact (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	metric		INTEGER NOT NULL CHECK (metric BETWEEN 1 AND 10),
	at		INTEGER NOT NULL,
	word		TEXT NOT NULL DEFAULT '',
	n		INTEGER NOT NULL,
	user_id		INTEGER,
	CHECK ((metric = 2) = (user_id IS NOT NULL))
) STRICT;

-- The sums. start is the first millisecond of the span.
CREATE TABLE rollup (
	metric		INTEGER NOT NULL,
	span		INTEGER NOT NULL CHECK (span IN (1, 2, 3)),
	start		INTEGER NOT NULL,
	word		TEXT NOT NULL,
	n		INTEGER NOT NULL,
	PRIMARY KEY (metric, span, start, word)
) STRICT, WITHOUT ROWID;

-- Facts after fact_id count only if their time is at or after open. Spans that
-- ended by this time are closed: their sums are final. The last row is valid.
CREATE TABLE rollup_mark (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	fact_id		INTEGER NOT NULL,
	open		INTEGER NOT NULL CHECK (open % 3600000 = 0),
	at		INTEGER NOT NULL
) STRICT;

CREATE TRIGGER rollup_closed_add BEFORE INSERT ON rollup
WHEN NEW.start + CASE NEW.span WHEN 1 THEN 3600000 WHEN 2 THEN 86400000
    ELSE 604800000 END
    <= (SELECT open FROM rollup_mark WHERE id > 0
	ORDER BY id DESC LIMIT 1)
BEGIN
	SELECT RAISE(ABORT, 'what is closed stays');
END;
CREATE TRIGGER rollup_closed_change BEFORE UPDATE ON rollup
WHEN OLD.start + CASE OLD.span WHEN 1 THEN 3600000 WHEN 2 THEN 86400000
    ELSE 604800000 END
    <= (SELECT open FROM rollup_mark WHERE id > 0
	ORDER BY id DESC LIMIT 1)
BEGIN
	SELECT RAISE(ABORT, 'what is closed stays');
END;
CREATE TRIGGER rollup_no_delete BEFORE DELETE ON rollup BEGIN
	SELECT RAISE(ABORT, 'sums stay');
END;

-- The users that were counted as active in a span. until is the end of the
-- span. Rows are kept for as long as facts.
CREATE TABLE active (
	until		INTEGER NOT NULL,
	span		INTEGER NOT NULL,
	user_id		INTEGER NOT NULL,
	PRIMARY KEY (until, span, user_id)
) STRICT, WITHOUT ROWID;

-- An account counts when it becomes active, or when it is inserted with a
-- status other than pending_verification.
CREATE TRIGGER fact_user_add AFTER INSERT ON user WHEN NEW.status <> 0 BEGIN
	INSERT INTO fact(metric, at, n) VALUES (1, NEW.created_at, 1);
END;
CREATE TRIGGER fact_user_proved AFTER UPDATE OF status ON user
WHEN OLD.status = 0 AND NEW.status = 1 BEGIN
	INSERT INTO fact(metric, at, n) VALUES (1, NEW.updated_at, 1);
END;

-- Sign-ins, and the first refresh of the tokens of a device in each hour.
CREATE TRIGGER fact_device_add AFTER INSERT ON device_session BEGIN
	INSERT INTO fact(metric, at, n, user_id)
	VALUES (2, NEW.created_at, 1, NEW.user_id);
END;
CREATE TRIGGER fact_device_used AFTER UPDATE OF used_at ON device_session
WHEN NEW.used_at / 3600000 <> OLD.used_at / 3600000 BEGIN
	INSERT INTO fact(metric, at, n, user_id)
	VALUES (2, NEW.used_at, 1, NEW.user_id);
END;

CREATE TRIGGER fact_call_over AFTER UPDATE OF state ON call
WHEN OLD.state < 2 AND NEW.state >= 2 BEGIN
	INSERT INTO fact(metric, at, word, n) VALUES (3, NEW.ended_at,
	    CASE NEW.state WHEN 2 THEN 'ended' WHEN 3 THEN 'rejected'
	    WHEN 4 THEN 'cancelled' ELSE 'missed' END, 1);
END;

CREATE TRIGGER fact_session_end AFTER UPDATE OF state ON session
WHEN OLD.state = 0 AND NEW.state = 1 AND NEW.billed_minutes > 0 BEGIN
	INSERT INTO fact(metric, at, n)
	VALUES (4, NEW.ended_at, NEW.billed_minutes);
END;

-- Money. Metric 5 is the change of the fee account by sessions and refunds, and
-- metric 6 the credited payments. Metric 7 is the refunds of sessions and the
-- reversals of payments.
CREATE TRIGGER fact_fee AFTER INSERT ON transfer
WHEN NEW.type IN (4, 5) BEGIN
	INSERT INTO fact(metric, at, n)
	    SELECT 5, NEW.at, amount FROM entry
	    WHERE transfer_id = NEW.id AND account_id = 6;
END;
CREATE TRIGGER fact_topup AFTER INSERT ON transfer WHEN NEW.type = 1 BEGIN
	INSERT INTO fact(metric, at, n)
	    SELECT 6, NEW.at, -amount FROM entry
	    WHERE transfer_id = NEW.id AND account_id = 7;
END;
CREATE TRIGGER fact_refund AFTER INSERT ON transfer WHEN NEW.type = 5 BEGIN
	INSERT INTO fact(metric, at, word, n)
	    SELECT 7, NEW.at, 'session', sum(amount) FROM entry
	    WHERE transfer_id = NEW.id AND amount > 0;
END;
CREATE TRIGGER fact_reversal AFTER INSERT ON transfer WHEN NEW.type = 9 BEGIN
	INSERT INTO fact(metric, at, word, n)
	    SELECT 7, NEW.at, 'payment', amount FROM entry
	    WHERE transfer_id = NEW.id AND account_id = 7;
END;

CREATE TRIGGER fact_favorite AFTER INSERT ON favorite_log
WHEN NEW.action = 1 BEGIN
	INSERT INTO fact(metric, at, word, n) VALUES (8, NEW.at,
	    CASE NEW.kind WHEN 1 THEN 'listener' WHEN 2 THEN 'flyer'
	    WHEN 3 THEN 'destination' WHEN 4 THEN 'style'
	    WHEN 5 THEN 'creative' ELSE 'document' END, 1);
END;

-- Facts from before this migration, as far as the existing rows contain them. A
-- device counts as active at its first and last use. An account counts as
-- registered when it was created. A job adds these facts to the sums.
INSERT INTO fact(metric, at, n)
    SELECT 1, created_at, 1 FROM user WHERE status <> 0 ORDER BY created_at;
INSERT INTO fact(metric, at, n, user_id)
    SELECT 2, at, 1, user_id FROM (SELECT created_at AS at, user_id
	FROM device_session
	UNION SELECT used_at, user_id FROM device_session) ORDER BY at;
INSERT INTO fact(metric, at, word, n)
    SELECT 3, ended_at, CASE state WHEN 2 THEN 'ended' WHEN 3 THEN 'rejected'
	WHEN 4 THEN 'cancelled' ELSE 'missed' END, 1
    FROM call WHERE state >= 2 ORDER BY ended_at;
INSERT INTO fact(metric, at, n)
    SELECT 4, ended_at, billed_minutes FROM session
    WHERE state = 1 AND billed_minutes > 0 ORDER BY ended_at;
INSERT INTO fact(metric, at, n)
    SELECT 5, t.at, e.amount FROM transfer AS t
    JOIN entry AS e ON e.transfer_id = t.id AND e.account_id = 6
    WHERE t.type IN (4, 5) ORDER BY t.id;
INSERT INTO fact(metric, at, n)
    SELECT 6, t.at, -e.amount FROM transfer AS t
    JOIN entry AS e ON e.transfer_id = t.id AND e.account_id = 7
    WHERE t.type = 1 ORDER BY t.id;
INSERT INTO fact(metric, at, word, n)
    SELECT 7, t.at, 'session', sum(e.amount) FROM transfer AS t
    JOIN entry AS e ON e.transfer_id = t.id AND e.amount > 0
    WHERE t.type = 5 GROUP BY t.id;
INSERT INTO fact(metric, at, word, n)
    SELECT 7, t.at, 'payment', e.amount FROM transfer AS t
    JOIN entry AS e ON e.transfer_id = t.id AND e.account_id = 7
    WHERE t.type = 9 ORDER BY t.id;
INSERT INTO fact(metric, at, word, n)
    SELECT 8, at, CASE kind WHEN 1 THEN 'listener' WHEN 2 THEN 'flyer'
	WHEN 3 THEN 'destination' WHEN 4 THEN 'style'
	WHEN 5 THEN 'creative' ELSE 'document' END, 1
    FROM favorite_log WHERE action = 1 ORDER BY seq;
