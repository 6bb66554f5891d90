-- Fixes the currency, and creates flags of payments, losses, negative earnings,
-- approvals, and the money of deleted accounts.
--
-- ledger_account.id & 15: the codes of 0006-ledger.sql, and 12 loss, of the
-- operator. Kind 4 (earnings) may be negative after a refund of a session or an
-- adjustment.
-- approval.kind: 1 wallet_adjust, 2 session_refund, 3 payment_refund.
-- approval.state: 0 pending, 1 approved, 2 rejected.
-- approval.account: 1 wallet, 2 bonus, 4 earnings (the codes of ledger_account).

-- The currency of all amounts. `earmark migrate` inserts the row. If payments
-- exist, it is the currency of the last one.
CREATE TABLE currency (
	id		INTEGER PRIMARY KEY CHECK (id = 1),
	code		TEXT NOT NULL CHECK (length(code) = 3)
) STRICT;
INSERT INTO currency(id, code)
    SELECT 1, currency FROM payment ORDER BY id DESC LIMIT 1;
CREATE TRIGGER currency_no_update BEFORE UPDATE ON currency BEGIN
	SELECT RAISE(ABORT, 'the currency is final');
END;
CREATE TRIGGER currency_no_delete BEFORE DELETE ON currency BEGIN
	SELECT RAISE(ABORT, 'the currency is final');
END;

-- The open flags of payments. payment.flag is the text of the oldest one, for
-- indexes and counters. If the provider reported another amount than that of
-- the payment, amount, currency and paid_ref are what it reported.
CREATE TABLE payment_flag (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	payment_id	INTEGER NOT NULL REFERENCES payment(id),
	flag		TEXT NOT NULL,
	amount		INTEGER CHECK (amount > 0),
	currency	TEXT,
	paid_ref	TEXT,
	created_at	INTEGER NOT NULL,
	UNIQUE (payment_id, flag),
	CHECK ((amount IS NULL) = (currency IS NULL))
) STRICT;
CREATE INDEX payment_flag_payment ON payment_flag(payment_id, id);
INSERT INTO payment_flag(payment_id, flag, created_at)
    SELECT id, flag, updated_at FROM payment WHERE flag IS NOT NULL;
DROP TRIGGER payment_flag;
CREATE TRIGGER payment_flag_count AFTER UPDATE OF flag ON payment
WHEN (OLD.flag IS NULL) <> (NEW.flag IS NULL) BEGIN
	UPDATE tally SET n = n + iif(NEW.flag IS NULL, -1, 1)
	WHERE name = 'payment:flagged';
END;
CREATE TRIGGER payment_flag_first AFTER INSERT ON payment_flag BEGIN
	UPDATE payment SET flag = NEW.flag, updated_at = NEW.created_at
	WHERE id = NEW.payment_id AND flag IS NULL;
END;
CREATE TRIGGER payment_flag_next AFTER DELETE ON payment_flag BEGIN
	UPDATE payment SET flag = (SELECT flag FROM payment_flag
	    WHERE payment_id = OLD.payment_id ORDER BY id LIMIT 1)
	WHERE id = OLD.payment_id;
END;
-- The amount that was requested, if another one was captured and accepted.
ALTER TABLE payment ADD COLUMN requested INTEGER CHECK (requested > 0);

-- taken_bonus is the part of taken that came from the bonus. lost is the part
-- of amount that exceeds the rest of the payment and that the operator lost.
ALTER TABLE payment_return ADD COLUMN taken_bonus INTEGER NOT NULL DEFAULT 0
    CHECK (taken_bonus BETWEEN 0 AND taken);
ALTER TABLE payment_return ADD COLUMN lost INTEGER NOT NULL DEFAULT 0
    CHECK (lost BETWEEN 0 AND amount - taken);

-- Kind 12, and negative balances of kind 4. A CHECK can only be changed by
-- rebuilding the table.
DROP TRIGGER entry_balance;
CREATE TABLE ledger_account_new (
	id		INTEGER PRIMARY KEY CHECK (id > 0 AND id & 15 BETWEEN 1 AND 12),
	balance		INTEGER NOT NULL,
	transfer_id	INTEGER NOT NULL,
	n		INTEGER NOT NULL,
	CHECK (id & 15 > 3 OR balance >= 0),
	CHECK (id & 15 <> 5 OR balance <= 0),
	CHECK ((id & 15 > 5) = (id < 16)),
	CHECK (balance BETWEEN -1000000000000000 AND 1000000000000000)
) STRICT;
INSERT INTO ledger_account_new(id, balance, transfer_id, n)
    SELECT id, balance, transfer_id, n FROM ledger_account ORDER BY id;
DROP TABLE ledger_account;
ALTER TABLE ledger_account_new RENAME TO ledger_account;
CREATE TRIGGER entry_balance AFTER INSERT ON entry BEGIN
	INSERT INTO ledger_account(id, balance, transfer_id, n)
	VALUES (NEW.account_id, NEW.balance, NEW.transfer_id, NEW.n)
	ON CONFLICT (id) DO UPDATE SET balance = balance + NEW.amount,
	    transfer_id = NEW.transfer_id, n = NEW.n;
END;
CREATE TRIGGER ledger_account_first AFTER INSERT ON ledger_account
WHEN NEW.transfer_id <= (SELECT max(id) FROM transfer)
    OR (NEW.id, NEW.balance, NEW.balance) IS NOT
    (SELECT account_id, amount, balance FROM entry
	WHERE transfer_id = NEW.transfer_id AND n = NEW.n)
BEGIN
	SELECT RAISE(ABORT, 'not the balance of the account');
END;
CREATE TRIGGER ledger_account_next AFTER UPDATE ON ledger_account
WHEN NEW.transfer_id <= (SELECT max(id) FROM transfer)
    OR (NEW.transfer_id, NEW.n) <= (OLD.transfer_id, OLD.n)
    OR (OLD.id, NEW.balance - OLD.balance, NEW.balance) IS NOT
    (SELECT account_id, amount, balance FROM entry
	WHERE transfer_id = NEW.transfer_id AND n = NEW.n)
    OR NEW.id <> OLD.id
BEGIN
	SELECT RAISE(ABORT, 'not the balance of the account');
END;
CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account BEGIN
	SELECT RAISE(ABORT, 'accounts stay');
END;

-- The balance of a line of earnings may be negative.
CREATE TABLE wallet_line_new (
	transfer_id	INTEGER NOT NULL REFERENCES transfer(id),
	user_id		INTEGER NOT NULL,
	at		INTEGER NOT NULL,
	type		INTEGER NOT NULL CHECK (type BETWEEN 1 AND 6),
	earned		INTEGER NOT NULL CHECK (earned IN (0, 1)),
	n		INTEGER NOT NULL,
	type_n		INTEGER NOT NULL,
	amount		INTEGER NOT NULL CHECK (amount <> 0),
	balance		INTEGER NOT NULL CHECK (balance >= 0 OR earned = 1),	-- after the transfer
	PRIMARY KEY (transfer_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO wallet_line_new(transfer_id, user_id, at, type, earned, n, type_n,
    amount, balance)
    SELECT transfer_id, user_id, at, type, earned, n, type_n, amount, balance
    FROM wallet_line ORDER BY transfer_id, user_id;
DROP TABLE wallet_line;
ALTER TABLE wallet_line_new RENAME TO wallet_line;
CREATE INDEX wallet_line_user ON wallet_line(user_id, at, transfer_id);
CREATE INDEX wallet_line_type ON wallet_line(user_id, type, at, transfer_id);
CREATE TRIGGER wallet_line_once BEFORE INSERT ON wallet_line
WHEN EXISTS (SELECT 1 FROM wallet_line
    WHERE transfer_id = NEW.transfer_id AND user_id = NEW.user_id)
BEGIN
	SELECT RAISE(ABORT, 'lines are final');
END;
CREATE TRIGGER wallet_line_no_update BEFORE UPDATE ON wallet_line BEGIN
	SELECT RAISE(ABORT, 'lines are final');
END;
CREATE TRIGGER wallet_line_no_delete BEFORE DELETE ON wallet_line BEGIN
	SELECT RAISE(ABORT, 'lines are final');
END;

-- The earnings of a session that were reversed, in total.
CREATE TABLE session_reversal (
	session_id	INTEGER PRIMARY KEY REFERENCES session(id),
	earnings	INTEGER NOT NULL CHECK (earnings >= 0)
) STRICT;
INSERT INTO session_reversal(session_id, earnings)
    SELECT t.reference, -sum(e.amount) FROM transfer AS t
    JOIN entry AS e ON e.transfer_id = t.id AND e.account_id & 15 = 4
    WHERE t.type = 5 GROUP BY t.reference;

-- Only money that customers receive is a refund. Before, all entries of a
-- transfer of type 5 with positive amounts were of customers.
DROP TRIGGER fact_refund;
CREATE TRIGGER fact_refund AFTER INSERT ON transfer WHEN NEW.type = 5 BEGIN
	INSERT INTO fact(metric, at, word, n)
	    SELECT 7, NEW.at, 'session', sum(amount) FROM entry
	    WHERE transfer_id = NEW.id AND amount > 0 AND account_id > 15
	    HAVING sum(amount) > 0;
END;

-- The adjustments and refunds of administrators in the last 24 hours, for the
-- limit above which they need an approval. Each insert deletes older rows of
-- the same administrator.
CREATE TABLE admin_spending (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	actor_id	INTEGER NOT NULL,
	at		INTEGER NOT NULL,
	amount		INTEGER NOT NULL CHECK (amount > 0)
) STRICT;
CREATE INDEX admin_spending_actor ON admin_spending(actor_id, at, amount);

-- Adjustments and refunds that wait for another administrator. target_id is the
-- id of the user, the session or the payment.
CREATE TABLE approval (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
	state		INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
	target_id	INTEGER NOT NULL,
	account		INTEGER CHECK (account IN (1, 2, 4)),
	amount		INTEGER NOT NULL,
	earnings	INTEGER NOT NULL DEFAULT 0 CHECK (earnings >= 0),
	even_if_spent	INTEGER NOT NULL DEFAULT 0 CHECK (even_if_spent IN (0, 1)),
	reason		TEXT NOT NULL,
	requested_by	INTEGER NOT NULL REFERENCES user(id),
	requested_at	INTEGER NOT NULL,
	decided_by	INTEGER REFERENCES user(id),	-- null: `earmark`
	decided_at	INTEGER,
	note		TEXT,
	CHECK ((kind = 1) = (account IS NOT NULL)),
	CHECK ((state = 0) = (decided_at IS NULL))
) STRICT;
CREATE INDEX approval_state ON approval(state, id);
CREATE INDEX approval_requested ON approval(requested_by);
CREATE INDEX approval_decided ON approval(decided_by)
WHERE decided_by IS NOT NULL;
INSERT INTO tally(name, n) VALUES ('approval:0', 0), ('approval:1', 0),
    ('approval:2', 0);
CREATE TRIGGER approval_add AFTER INSERT ON approval BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'approval:' || NEW.state;
END;
CREATE TRIGGER approval_move AFTER UPDATE OF state ON approval
WHEN OLD.state <> NEW.state BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'approval:' || OLD.state;
	UPDATE tally SET n = n + 1 WHERE name = 'approval:' || NEW.state;
END;
CREATE TRIGGER approval_final BEFORE UPDATE ON approval
WHEN OLD.state <> 0 BEGIN
	SELECT RAISE(ABORT, 'a decision is final');
END;
CREATE TRIGGER approval_no_delete BEFORE DELETE ON approval BEGIN
	SELECT RAISE(ABORT, 'approvals stay');
END;

-- The wallets of deleted accounts. They have no money; earnings are payable to
-- the contact until expires_at. The contact is deleted after the payment, and
-- when the earnings expire. unsettled: a job has not taken the balance yet.
CREATE TABLE closed_wallet (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id),
	payout_contact	TEXT,
	closed_at	INTEGER NOT NULL,
	expires_at	INTEGER,		-- null: no earnings are payable
	unsettled	INTEGER NOT NULL DEFAULT 0 CHECK (unsettled IN (0, 1)),
	CHECK (payout_contact IS NULL OR expires_at IS NOT NULL)
) STRICT;
CREATE INDEX closed_wallet_expires ON closed_wallet(expires_at)
WHERE expires_at IS NOT NULL;
CREATE INDEX closed_wallet_unsettled ON closed_wallet(user_id)
WHERE unsettled = 1;
-- Accounts that were deleted before this migration. A job takes their balances.
-- Their earnings (730 days) are payable from now on.
INSERT INTO closed_wallet(user_id, closed_at, expires_at, unsettled)
    SELECT u.id, u.updated_at,
	iif(coalesce(e.balance, 0) > 0,
	    (unixepoch() + 730 * 86400) * 1000, NULL),
	coalesce(w.balance, 0) + coalesce(b.balance, 0) > 0
    FROM user AS u
    LEFT JOIN ledger_account AS w ON w.id = u.id * 16 + 1
    LEFT JOIN ledger_account AS b ON b.id = u.id * 16 + 2
    LEFT JOIN ledger_account AS e ON e.id = u.id * 16 + 4
    WHERE u.status = 2;
