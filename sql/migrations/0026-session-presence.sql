-- Extends sessions: kind, channel, start of billing, outages, and the presence
-- of both parties. Stores the tariff and the devices of a call. The table
-- session is rebuilt because its CHECK allowed the causes 1 to 7 only.
--
-- session.kind, call.kind: 0 audio, 1 video, 2 chat (not used yet).
-- session.state: 0 live, 1 ended.
-- session.cause: 1 customer, 2 listener, 3 money (the balance is used up),
-- 4 ban, 5 deleted (an account), 6 operator, 7 left (both parties left the
-- call), 8 lost_customer, 9 lost_listener, 10 outage, 11 failed (no
-- conversation took place), 12 max_minutes, 13 daily_spend, 14 blocked.
-- session_party.side: 1 customer, 2 listener.

-- Times are ms. Minutes are reserved until leased_until, free minutes first.
-- held_wallet and held_bonus are the parts of the reserved money by source.
-- lasts_until is the time at which the balance of the customer is used up, as
-- computed last. Billing starts at billed_from; paused_ms of outages after it
-- are not billed. max_ms limits the billed time, spend_limit the cost; both are
-- limits of the configuration at the start. The columns from ended_at to balance are set when the session
-- ends. Rows are never deleted, so the largest id is the number of sessions.
CREATE TABLE session_new (
	id		INTEGER PRIMARY KEY,
	customer_id	INTEGER NOT NULL REFERENCES user(id),
	listener_id	INTEGER NOT NULL REFERENCES user(id),
	call_id		INTEGER,
	kind		INTEGER NOT NULL DEFAULT 0 CHECK (kind BETWEEN 0 AND 2),
	channel		TEXT,		-- of a direct session; null: the call has it
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1)),
	waiting		INTEGER NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1)),	-- for the listener's first request
	rate		INTEGER NOT NULL CHECK (rate >= 0),	-- per minute
	commission	INTEGER NOT NULL CHECK (commission BETWEEN 0 AND 10000),	-- in 1/10,000
	per_second	INTEGER NOT NULL CHECK (per_second IN (0, 1)),
	free_ms		INTEGER NOT NULL CHECK (free_ms >= 0),
	started_at	INTEGER NOT NULL,
	billed_from	INTEGER NOT NULL,
	paused_ms	INTEGER NOT NULL DEFAULT 0 CHECK (paused_ms >= 0),
	max_ms		INTEGER CHECK (max_ms > 0),	-- null: no limit
	spend_limit	INTEGER CHECK (spend_limit >= 0),	-- null: no limit
	gap_from	INTEGER,	-- of the last outage; null: none
	gap_until	INTEGER,
	gap_open	INTEGER NOT NULL DEFAULT 0 CHECK (gap_open IN (0, 1)),	-- both parties must return
	leased_until	INTEGER NOT NULL,
	leased_free	INTEGER NOT NULL DEFAULT 0 CHECK (leased_free >= 0),	-- promotional minutes
	held_wallet	INTEGER NOT NULL DEFAULT 0 CHECK (held_wallet >= 0),
	held_bonus	INTEGER NOT NULL DEFAULT 0 CHECK (held_bonus >= 0),
	lasts_until	INTEGER NOT NULL,
	low_told	INTEGER NOT NULL DEFAULT 0 CHECK (low_told IN (0, 1)),
	ended_at	INTEGER,
	cause		INTEGER CHECK (cause BETWEEN 1 AND 31),
	forgiven	INTEGER NOT NULL DEFAULT 0 CHECK (forgiven IN (0, 1)),	-- counts toward billing.lost_free
	billed_minutes	INTEGER,	-- started minutes, including free ones
	billed_free	INTEGER,
	cost		INTEGER,	-- paid by the customer
	cost_bonus	INTEGER,	-- the part paid with bonus money
	fee		INTEGER,
	earned		INTEGER,	-- by the listener
	balance		INTEGER,	-- of the customer, after the session
	refunded	INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0),
	reversed	INTEGER NOT NULL DEFAULT 0 CHECK (reversed >= 0),	-- earnings taken back by refunds
	CHECK (customer_id <> listener_id),
	CHECK (billed_from >= started_at),
	CHECK ((gap_from IS NULL) = (gap_until IS NULL) AND gap_until >= gap_from),
	CHECK (gap_open = 0 OR gap_from IS NOT NULL),
	CHECK (state = 0 OR (ended_at BETWEEN started_at AND leased_until
	    AND ended_at >= billed_from
	    AND cause IS NOT NULL AND cost >= cost_bonus AND cost_bonus >= 0
	    AND billed_minutes >= billed_free AND billed_free >= 0
	    AND fee >= 0 AND earned >= 0 AND fee + earned >= cost
	    AND balance >= 0 AND refunded <= cost AND reversed <= earned))
) STRICT;
-- Earlier refunds took earnings back without a column for them.
INSERT INTO session_new(id, customer_id, listener_id, call_id, state, rate,
    commission, per_second, free_ms, started_at, billed_from, leased_until,
    leased_free, held_wallet, held_bonus, lasts_until, low_told, ended_at,
    cause, billed_minutes, billed_free, cost, cost_bonus, fee, earned, balance,
    refunded, reversed)
SELECT id, customer_id, listener_id, call_id, state, rate, commission,
    per_second, free_ms, started_at, started_at, leased_until, leased_free,
    held_wallet, held_bonus, lasts_until, low_told, ended_at, cause,
    billed_minutes, billed_free, cost, cost_bonus, fee, earned, balance,
    refunded, 0
FROM session;
UPDATE session_new SET reversed = r.amount
FROM (SELECT t.reference AS id, -sum(e.amount) AS amount
    FROM transfer AS t CROSS JOIN entry AS e ON e.transfer_id = t.id
    WHERE t.type = 5 AND e.account_id % 16 = 4 GROUP BY t.reference) AS r
WHERE r.id = session_new.id;
DROP TABLE session;
ALTER TABLE session_new RENAME TO session;

CREATE UNIQUE INDEX session_live_customer ON session(customer_id) WHERE state = 0;
CREATE UNIQUE INDEX session_live_listener ON session(listener_id) WHERE state = 0;
CREATE INDEX session_lease ON session(leased_until) WHERE state = 0;
CREATE INDEX session_low ON session(lasts_until) WHERE state = 0 AND low_told = 0;
CREATE INDEX session_customer ON session(customer_id, id);
CREATE INDEX session_listener ON session(listener_id, id);
CREATE UNIQUE INDEX session_call ON session(call_id) WHERE call_id IS NOT NULL;
CREATE UNIQUE INDEX session_channel ON session(channel) WHERE channel IS NOT NULL;
-- For the mean length of the sessions of a listener in the last 30 days.
CREATE INDEX session_ended ON session(ended_at, listener_id) WHERE state = 1;
CREATE INDEX session_length ON session(listener_id, ended_at, started_at) WHERE state = 1;
-- For the limits of a customer, and of a customer and a listener, per day.
CREATE INDEX session_spent ON session(customer_id, ended_at, forgiven, cost) WHERE state = 1;
CREATE INDEX session_pair ON session(customer_id, listener_id, started_at);

CREATE TRIGGER session_add AFTER INSERT ON session BEGIN
	INSERT INTO session_total(user_id, as_customer, as_listener)
	VALUES (NEW.customer_id, 1, 0), (NEW.listener_id, 0, 1)
	ON CONFLICT (user_id) DO UPDATE
	SET as_customer = as_customer + excluded.as_customer,
	    as_listener = as_listener + excluded.as_listener;
END;
CREATE TRIGGER session_end AFTER UPDATE OF state ON session
WHEN OLD.state = 0 AND NEW.state = 1 BEGIN
	UPDATE session_total SET ended = ended + 1,
	    minutes = minutes + NEW.billed_minutes,
	    earned = earned + NEW.earned
	WHERE user_id = NEW.listener_id;
	UPDATE listener SET sessions_count = sessions_count + 1,
	    version = version + 1
	WHERE user_id = NEW.listener_id;
END;
CREATE TRIGGER session_no_delete BEFORE DELETE ON session BEGIN
	SELECT RAISE(ABORT, 'sessions stay');
END;
CREATE TRIGGER session_final BEFORE UPDATE OF customer_id, listener_id, kind,
channel, state, waiting, rate, commission, per_second, free_ms, started_at,
billed_from, paused_ms, gap_from, gap_until, gap_open, leased_until, ended_at,
cause, forgiven, billed_minutes, billed_free, cost, cost_bonus, fee, earned,
balance ON session
WHEN OLD.state = 1 BEGIN
	SELECT RAISE(ABORT, 'a bill is final');
END;
-- The billed time that is reserved. It does not change if billing starts later
-- or an outage is not billed.
CREATE TRIGGER session_lease_grows BEFORE UPDATE OF leased_until, billed_from,
paused_ms ON session
WHEN NEW.state = 0 AND NEW.leased_until - NEW.billed_from - NEW.paused_ms <
OLD.leased_until - OLD.billed_from - OLD.paused_ms BEGIN
	SELECT RAISE(ABORT, 'a lease does not shrink');
END;
CREATE TRIGGER fact_session_end AFTER UPDATE OF state ON session
WHEN OLD.state = 0 AND NEW.state = 1 AND NEW.billed_minutes > 0 BEGIN
	INSERT INTO fact(metric, at, n)
	VALUES (4, NEW.ended_at, NEW.billed_minutes);
END;

-- What proves that a party of a session is present. tracked is 1 if the party
-- had a realtime connection or sent a heartbeat since the start. device_id is
-- the login session that started or accepted; null: a session from before this
-- migration. left_intent is 1 if the media network reported an intentional
-- leave.
CREATE TABLE session_party (
	session_id	INTEGER NOT NULL REFERENCES session(id),
	side		INTEGER NOT NULL CHECK (side IN (1, 2)),
	device_id	INTEGER,
	proof_at	INTEGER NOT NULL,
	tracked		INTEGER NOT NULL DEFAULT 0 CHECK (tracked IN (0, 1)),
	credential_until INTEGER,	-- of the last media credential; null: none
	connected_at	INTEGER,	-- as the party reported; null: not yet
	joined_at	INTEGER,	-- the media channel, first; null: not yet
	left_at		INTEGER,	-- the media channel; null: in it, or never joined
	left_intent	INTEGER NOT NULL DEFAULT 0 CHECK (left_intent IN (0, 1)),
	media_seq	INTEGER,	-- of the newest event; null: none
	PRIMARY KEY (session_id, side)
) STRICT, WITHOUT ROWID;
-- The parties of live sessions count as present now.
INSERT INTO session_party(session_id, side, proof_at)
SELECT s.id, p.side, s.leased_until FROM session AS s
CROSS JOIN (SELECT 1 AS side UNION ALL SELECT 2) AS p WHERE s.state = 0;

-- The tariff that a call shows and its session is billed by, and the login
-- sessions of both parties. The columns are null in older calls.
ALTER TABLE call ADD COLUMN kind INTEGER NOT NULL DEFAULT 0
    CHECK (kind BETWEEN 0 AND 2);
ALTER TABLE call ADD COLUMN rate INTEGER CHECK (rate >= 0);
ALTER TABLE call ADD COLUMN commission INTEGER
    CHECK (commission BETWEEN 0 AND 10000);
ALTER TABLE call ADD COLUMN per_second INTEGER CHECK (per_second IN (0, 1));
ALTER TABLE call ADD COLUMN free_ms INTEGER CHECK (free_ms >= 0);
ALTER TABLE call ADD COLUMN caller_device INTEGER;
ALTER TABLE call ADD COLUMN callee_device INTEGER;

-- session_party replaces the presence of calls in media channels.
DROP TRIGGER call_over;
DROP TABLE call_media_presence;
CREATE TRIGGER call_over AFTER UPDATE OF state ON call
WHEN OLD.state < 2 AND NEW.state >= 2 BEGIN
	DELETE FROM call_live WHERE call_id = NEW.id;
END;
