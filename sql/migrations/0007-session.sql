-- released: 9ac24d548824d22a48263e8bca9333494b494725b8d39086151fb389dbf5e563
-- Paid sessions: a minute at a time is reserved, what was used is paid.

-- Times are ms. Lease: minutes (free ones first) are reserved up to
-- leased_until; held_wallet and held_bonus say from where the money in the
-- customer's held account came. lasts_until: how far all the customer's money
-- would reach, as it was when that was last looked at. The rest is set when it
-- ends. None is ever deleted: the largest id is how many there were.
CREATE TABLE session (
	id		INTEGER PRIMARY KEY,
	customer_id	INTEGER NOT NULL REFERENCES user(id),
	listener_id	INTEGER NOT NULL REFERENCES user(id),
	call_id		INTEGER,
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1)),	-- live ended
	rate		INTEGER NOT NULL CHECK (rate >= 0),	-- a minute, fixed at the start
	commission	INTEGER NOT NULL CHECK (commission BETWEEN 0 AND 10000),	-- of 10,000
	per_second	INTEGER NOT NULL CHECK (per_second IN (0, 1)),
	free_ms		INTEGER NOT NULL CHECK (free_ms >= 0),
	started_at	INTEGER NOT NULL,
	leased_until	INTEGER NOT NULL,
	leased_free	INTEGER NOT NULL DEFAULT 0 CHECK (leased_free >= 0),	-- promotional minutes in it
	held_wallet	INTEGER NOT NULL DEFAULT 0 CHECK (held_wallet >= 0),
	held_bonus	INTEGER NOT NULL DEFAULT 0 CHECK (held_bonus >= 0),
	lasts_until	INTEGER NOT NULL,
	low_told	INTEGER NOT NULL DEFAULT 0 CHECK (low_told IN (0, 1)),
	ended_at	INTEGER,
	cause		INTEGER CHECK (cause BETWEEN 1 AND 7),	-- customer listener money ban deleted operator left
	billed_minutes	INTEGER,	-- started ones, free ones among them
	billed_free	INTEGER,
	cost		INTEGER,	-- of the customer
	cost_bonus	INTEGER,	-- the part of it that bonus money paid
	fee		INTEGER,
	earned		INTEGER,	-- by the listener
	balance		INTEGER,	-- of the customer, after it
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
-- For the mean length of a listener's sessions in a window of days.
CREATE INDEX session_ended ON session(ended_at, listener_id) WHERE state = 1;
CREATE INDEX session_length ON session(listener_id, ended_at, started_at) WHERE state = 1;

-- How many a user has had, as customer and as listener, and what came of those
-- that ended, so that nothing is counted or summed when somebody asks. earned:
-- less what refunds took back.
CREATE TABLE session_total (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id),
	as_customer	INTEGER NOT NULL DEFAULT 0,
	as_listener	INTEGER NOT NULL DEFAULT 0,
	ended		INTEGER NOT NULL DEFAULT 0,	-- as listener, and what follows
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

-- A session that is refunded in full loses its review (hidden).
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
