-- released: d7371e7c56ba7d18eb2db0e02feda0a46fdad43bf603fd50917ac249f36bc53d
-- Creates payments, the webhook events of payment providers, refunds and
-- disputes, and the webhooks of the sandbox.
--
-- payment.provider, payment_event.provider: 1 sandbox (simulated), 2 razorpay,
-- 3 stripe.
-- payment.status: 0 pending, 1 paid (credited), 2 failed, 3 expired.
-- payment_event.outcome: 0 none (no effect), 1 credited, 2 known (recorded
-- before, or no money moved), 3 failed, 4 flagged for an administrator,
-- 5 reversed, 6 reinstated, 7 foreign (not a payment of this installation).
-- payment_return.kind: 1 refund, 2 dispute.
-- payment_return.state: 0 asked (a job sends the request to the provider),
-- 1 pending (the provider accepted it), 2 done, 3 failed (or dispute won).
-- sandbox_hook.what: 1 paid, 2 failed, 3 refunded, 4 disputed, 5 won (the
-- dispute was won).
-- sandbox_hook.state: 0 pending, 1 sent, 2 dead (given up).

CREATE TABLE payment (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id),
	provider	INTEGER NOT NULL CHECK (provider IN (1, 2, 3)),
	status		INTEGER NOT NULL DEFAULT 0
			CHECK (status BETWEEN 0 AND 3),
	amount		INTEGER NOT NULL CHECK (amount > 0),
	currency	TEXT NOT NULL,
	ref		TEXT,		-- order or intent of the provider
	paid_ref	TEXT,		-- payment or charge of the provider
	secret		TEXT,		-- for the checkout in the client
	page_key	BLOB NOT NULL CHECK (length(page_key) = 16),	-- secret of its pages
	refunded	INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount),
	disputed	INTEGER NOT NULL DEFAULT 0 CHECK (disputed BETWEEN 0 AND amount),
	flag		TEXT,		-- problem to be checked; null: none
	error		TEXT,		-- reason of the failure
	credited_at	INTEGER,
	asked_at	INTEGER,	-- last status query to the provider
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL,
	CHECK ((status = 1) = (credited_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX payment_ref ON payment(provider, ref) WHERE ref IS NOT NULL;
CREATE UNIQUE INDEX payment_paid_ref ON payment(provider, paid_ref) WHERE paid_ref IS NOT NULL;
CREATE INDEX payment_user ON payment(user_id, id);
CREATE INDEX payment_status ON payment(status, id);
-- Pending payments with a status at a provider, and those that only expire.
CREATE INDEX payment_pending ON payment(coalesce(asked_at, created_at))
WHERE status = 0 AND provider <> 1 AND ref IS NOT NULL;
CREATE INDEX payment_unasked ON payment(created_at)
WHERE status = 0 AND (provider = 1 OR ref IS NULL);
CREATE INDEX payment_flagged ON payment(id) WHERE flag IS NOT NULL;

CREATE TABLE payment_total (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id),
	n		INTEGER NOT NULL DEFAULT 0,
	paid		INTEGER NOT NULL DEFAULT 0	-- credited payments
) STRICT;
INSERT INTO tally(name, n) VALUES ('payment:0', 0), ('payment:1', 0),
    ('payment:2', 0), ('payment:3', 0), ('payment:flagged', 0);
CREATE TRIGGER payment_add AFTER INSERT ON payment BEGIN
	INSERT INTO payment_total(user_id, n) VALUES (NEW.user_id, 1)
	ON CONFLICT (user_id) DO UPDATE SET n = n + 1;
	UPDATE tally SET n = n + 1 WHERE name = 'payment:' || NEW.status;
END;
CREATE TRIGGER payment_move AFTER UPDATE OF status ON payment
WHEN OLD.status <> NEW.status BEGIN
	UPDATE payment_total SET paid = paid + 1
	WHERE user_id = NEW.user_id AND NEW.status = 1;
	UPDATE tally SET n = n - 1 WHERE name = 'payment:' || OLD.status;
	UPDATE tally SET n = n + 1 WHERE name = 'payment:' || NEW.status;
END;
CREATE TRIGGER payment_flag AFTER UPDATE OF flag ON payment
WHEN (OLD.flag IS NULL) <> (NEW.flag IS NULL) BEGIN
	UPDATE tally SET n = n + iif(NEW.flag IS NULL, -1, 1)
	WHERE name = 'payment:flagged';
END;
CREATE TRIGGER payment_final BEFORE UPDATE OF user_id, provider, amount, currency, credited_at ON payment
WHEN OLD.credited_at IS NOT NULL BEGIN
	SELECT RAISE(ABORT, 'a credited payment is final');
END;

-- The events of providers with a valid signature. Each event id is stored once.
CREATE TABLE payment_event (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	provider	INTEGER NOT NULL,
	event_id	TEXT NOT NULL,
	type		TEXT NOT NULL,
	payment_id	INTEGER REFERENCES payment(id),
	outcome		INTEGER NOT NULL CHECK (outcome BETWEEN 0 AND 7),
	detail		TEXT,
	received_at	INTEGER NOT NULL,
	UNIQUE (provider, event_id)
) STRICT;
CREATE INDEX payment_event_payment ON payment_event(payment_id) WHERE payment_id IS NOT NULL;

-- Refunds and disputes. A refund is requested by this installation or made at
-- the provider. taken is the amount that the ledger has taken from the payer.
CREATE TABLE payment_return (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	payment_id	INTEGER NOT NULL REFERENCES payment(id),
	kind		INTEGER NOT NULL CHECK (kind IN (1, 2)),
	state		INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
	ref		TEXT,			-- id at the provider
	amount		INTEGER NOT NULL CHECK (amount > 0),
	taken		INTEGER NOT NULL DEFAULT 0 CHECK (taken BETWEEN 0 AND amount),
	reason		TEXT,
	error		TEXT,
	attempts	INTEGER NOT NULL DEFAULT 0,
	due_at		INTEGER NOT NULL DEFAULT 0,
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_return_payment ON payment_return(payment_id, id);
CREATE UNIQUE INDEX payment_return_ref ON payment_return(kind, ref) WHERE ref IS NOT NULL;
CREATE INDEX payment_return_due ON payment_return(due_at) WHERE state = 0;

-- Webhooks of the sandbox. earmark-jobs sends them like a real provider:
-- signed, to the public URL, and again until the response is 2xx or a day has
-- passed.
CREATE TABLE sandbox_hook (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	payment_id	INTEGER NOT NULL REFERENCES payment(id),
	event_id	TEXT NOT NULL,
	what		INTEGER NOT NULL CHECK (what BETWEEN 1 AND 5),
	amount		INTEGER NOT NULL,
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
	attempts	INTEGER NOT NULL DEFAULT 0,
	due_at		INTEGER NOT NULL,
	error		TEXT,
	created_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX sandbox_hook_due ON sandbox_hook(due_at, id) WHERE state = 0;
CREATE INDEX sandbox_hook_payment ON sandbox_hook(payment_id);
CREATE INDEX sandbox_hook_created ON sandbox_hook(created_at);
