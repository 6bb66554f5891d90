-- released: 9ac24d548824d22a48263e8bca9333494b494725b8d39086151fb389dbf5e563
-- Creates paid sessions, their totals and reviews. Money is reserved minute by
-- minute while a session runs. At the end, the used minutes are paid.
--
-- session.state: 0 live, 1 ended.
-- session.cause: 1 customer, 2 listener, 3 money (the balance is used up),
-- 4 ban, 5 deleted (an account), 6 operator, 7 left (both parties left the
-- call).

-- Times are ms. Minutes are reserved until leased_until, free minutes first.
-- held_wallet and held_bonus are the parts of the reserved money by source.
-- lasts_until is the time at which the balance of the customer is used up, as
-- computed last. The columns from ended_at to balance are set when the session
-- ends. Rows are never deleted, so the largest id is the number of sessions.
CREATE TABLE session (
	id		INTEGER PRIMARY KEY,
	customer_id	INTEGER NOT NULL REFERENCES user(id),
	listener_id	INTEGER NOT NULL REFERENCES user(id),
	call_id		INTEGER,
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1)),
	rate		INTEGER NOT NULL CHECK (rate >= 0),	-- per minute
	commission	INTEGER NOT NULL CHECK (commission BETWEEN 0 AND 10000),	-- in 1/10,000
	per_second	INTEGER NOT NULL CHECK (per_second IN (0, 1)),
	free_ms		INTEGER NOT NULL CHECK (free_ms >= 0),
	started_at	INTEGER NOT NULL,
	leased_until	INTEGER NOT NULL,
	leased_free	INTEGER NOT NULL DEFAULT 0 CHECK (leased_free >= 0),	-- promotional minutes
	held_wallet	INTEGER NOT NULL DEFAULT 0 CHECK (held_wallet >= 0),
	held_bonus	INTEGER NOT NULL DEFAULT 0 CHECK (held_bonus >= 0),
	lasts_until	INTEGER NOT NULL,
	low_told	INTEGER NOT NULL DEFAULT 0 CHECK (low_told IN (0, 1)),
	ended_at	INTEGER,
	cause		INTEGER CHECK (cause BETWEEN 1 AND 7),
	billed_minutes	INTEGER,	-- started minutes, including free ones
	billed_free	INTEGER,
	cost		INTEGER,	-- paid by the customer
	cost_bonus	INTEGER,	-- the part paid with bonus money
	fee		INTEGER,
	earned		INTEGER,	-- by the listener
	balance		INTEGER,	-- of the customer, after the session
	refunded	INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0),
	CHECK (customer_id <> listener_id),
	CHECK (state = 0 OR (ended_at BETWEEN started_at AND leased_until
	    AND cause IS NOT NULL AND cost >= cost_bonus AND cost_bonus >= 0
	    AND billed_minutes >= billed_free AND billed_free >= 0
	    AND fee >= 0 AND earned >= 0 AND fee + earned >= cost
	    AND balance >= 0 AND refunded <= cost))
) STRICT;
CREATE UNIQUE INDEX session_live_customer ON session(customer_id) WHERE state = 0;
CREATE UNIQUE INDEX session_live_listener ON session(listener_id) WHERE state = 0;
CREATE INDEX session_lease ON session(leased_until) WHERE state = 0;
CREATE INDEX session_low ON session(lasts_until) WHERE state = 0 AND low_told = 0;
CREATE INDEX session_customer ON session(customer_id, id);
CREATE INDEX session_listener ON session(listener_id, id);
CREATE UNIQUE INDEX session_call ON session(call_id) WHERE call_id IS NOT NULL;
-- For the mean length of the sessions of a listener in the last 30 days.
CREATE INDEX session_ended ON session(ended_at, listener_id) WHERE state = 1;
CREATE INDEX session_length ON session(listener_id, ended_at, started_at) WHERE state = 1;

-- The number of sessions of a user as customer and as listener, and the sums of
-- the ended sessions as listener, so that requests need not compute them.
-- Refunds decrease earned.
CREATE TABLE session_total (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id),
	as_customer	INTEGER NOT NULL DEFAULT 0,
	as_listener	INTEGER NOT NULL DEFAULT 0,
	ended		INTEGER NOT NULL DEFAULT 0,	-- as listener
	minutes		INTEGER NOT NULL DEFAULT 0,
	earned		INTEGER NOT NULL DEFAULT 0
) STRICT;
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
CREATE TRIGGER session_final BEFORE UPDATE OF customer_id, listener_id, state, rate,
commission, per_second, free_ms, started_at, leased_until, ended_at, cause, billed_minutes,
billed_free, cost, cost_bonus, fee, earned, balance ON session
WHEN OLD.state = 1 BEGIN
	SELECT RAISE(ABORT, 'a bill is final');
END;
CREATE TRIGGER session_lease_grows BEFORE UPDATE OF leased_until ON session
WHEN NEW.leased_until - NEW.started_at < OLD.leased_until - OLD.started_at BEGIN
	SELECT RAISE(ABORT, 'a lease does not shrink');
END;

-- Reviews. If a session is refunded in full, its review is hidden.
CREATE TABLE review (
	session_id	INTEGER PRIMARY KEY REFERENCES session(id),
	listener_id	INTEGER NOT NULL REFERENCES user(id),
	customer_id	INTEGER NOT NULL REFERENCES user(id),
	rating		INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
	hidden		INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
	comment		TEXT,
	created_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX review_listener ON review(listener_id, hidden, session_id);
CREATE INDEX review_customer ON review(customer_id);
CREATE TRIGGER review_count AFTER INSERT ON review BEGIN
	UPDATE listener SET rating_sum = rating_sum + NEW.rating,
	    rating_count = rating_count + 1, version = version + 1
	WHERE user_id = NEW.listener_id;
END;
CREATE TRIGGER review_hide AFTER UPDATE OF hidden ON review
WHEN OLD.hidden = 0 AND NEW.hidden = 1 BEGIN
	UPDATE listener SET rating_sum = rating_sum - NEW.rating,
	    rating_count = rating_count - 1, version = version + 1
	WHERE user_id = NEW.listener_id;
END;
