-- released: b8cd68bc9f7a35afbe28967cf927a6f6b2ce062860cf9049e5036f3cb4b2be34
-- Creates the ledger: double entry, append-only, chained by hashes; and the
-- lines of wallets that users see.
--
-- ledger_account.id & 15, of users: 1 wallet, 2 bonus, 3 held, 4 earnings,
-- 5 owed. Of the operator: 6 fee, 7 gateway, 8 refunds, 9 promotion,
-- 10 adjustment, 11 payout. entry.account_id has the same codes.
-- transfer.type: 1 topup, 2 hold, 3 release, 4 session, 5 refund, 6 bonus,
-- 7 payout, 8 adjustment, 9 reversal, 10 settlement, 11 referral.
-- wallet_line.type: 1 topup, 2 session, 3 refund, 4 bonus, 5 payout,
-- 6 adjustment.

-- An account. Its id is user.id * 16 + kind, so the accounts of a user are
-- adjacent and need no index. The operator is user 0. Kinds 1 to 4 are never
-- negative, kind 5 is never positive. The balance is the sum of the entries of
-- the account. Only an entry of an unfinished transfer can change it, by its
-- amount. transfer_id and n identify the last entry.
CREATE TABLE ledger_account (
	id		INTEGER PRIMARY KEY CHECK (id > 0 AND id & 15 BETWEEN 1 AND 11),
	balance		INTEGER NOT NULL,
	transfer_id	INTEGER NOT NULL,
	n		INTEGER NOT NULL,
	CHECK (id & 15 > 4 OR balance >= 0),
	CHECK (id & 15 <> 5 OR balance <= 0),
	CHECK ((id & 15 > 5) = (id < 16)),
	CHECK (balance BETWEEN -1000000000000000 AND 1000000000000000)
) STRICT;

-- A transfer between accounts. Its entries are inserted first and must sum to
-- zero. After the transfer is inserted, no entry can be added. Ids have no
-- gaps. hash is the SHA-256 of the previous hash, this row and its entries
-- (lib/domain/money/ledger.h). reference is the id of the payment, session or
-- promotion, depending on the type.
CREATE TABLE transfer (
	id		INTEGER PRIMARY KEY,
	type		INTEGER NOT NULL CHECK (type BETWEEN 1 AND 11),
	reference	INTEGER,
	at		INTEGER NOT NULL,
	note		TEXT,
	hash		BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
-- A payment is credited only once and a session is billed only once.
CREATE UNIQUE INDEX transfer_topup ON transfer(reference) WHERE type = 1;
CREATE UNIQUE INDEX transfer_session ON transfer(reference) WHERE type = 4;

CREATE TABLE entry (
	transfer_id	INTEGER NOT NULL REFERENCES transfer(id)
			DEFERRABLE INITIALLY DEFERRED,
	n		INTEGER NOT NULL CHECK (n BETWEEN 0 AND 15),
	account_id	INTEGER NOT NULL,
	amount		INTEGER NOT NULL CHECK (amount <> 0),
	balance		INTEGER NOT NULL,	-- after the entry
	PRIMARY KEY (transfer_id, n)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER transfer_whole BEFORE INSERT ON transfer
WHEN (SELECT sum(amount) FROM entry WHERE transfer_id = NEW.id) IS NOT 0
BEGIN
	SELECT RAISE(ABORT, 'a transfer sums to zero');
END;
CREATE TRIGGER transfer_next BEFORE INSERT ON transfer
WHEN NEW.id <> 1 + coalesce((SELECT max(id) FROM transfer), 0)
BEGIN
	SELECT RAISE(ABORT, 'transfers have no gaps');
END;
CREATE TRIGGER entry_sealed BEFORE INSERT ON entry
WHEN EXISTS (SELECT 1 FROM transfer WHERE id = NEW.transfer_id)
BEGIN
	SELECT RAISE(ABORT, 'a transfer is final');
END;
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
CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer BEGIN
	SELECT RAISE(ABORT, 'transfers are final');
END;
CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer BEGIN
	SELECT RAISE(ABORT, 'transfers are final');
END;
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN
	SELECT RAISE(ABORT, 'entries are final');
END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN
	SELECT RAISE(ABORT, 'entries are final');
END;
CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account BEGIN
	SELECT RAISE(ABORT, 'accounts stay');
END;

-- The lines that a user sees: one for each transfer that changed the sum of
-- wallet, bonus and held (earned 0) or the earnings (earned 1). Times never
-- decrease, so (user_id, at, transfer_id) is the order of the transfers. n
-- counts the lines of a user and type_n those of a type, so that lists need
-- not count. The primary key begins with transfer_id: rows are appended, and a
-- check reads them in parallel with the transfers.
CREATE TABLE wallet_line (
	transfer_id	INTEGER NOT NULL REFERENCES transfer(id),
	user_id		INTEGER NOT NULL,
	at		INTEGER NOT NULL,
	type		INTEGER NOT NULL CHECK (type BETWEEN 1 AND 6),
	earned		INTEGER NOT NULL CHECK (earned IN (0, 1)),
	n		INTEGER NOT NULL,
	type_n		INTEGER NOT NULL,
	amount		INTEGER NOT NULL CHECK (amount <> 0),
	balance		INTEGER NOT NULL CHECK (balance >= 0),	-- after the transfer
	PRIMARY KEY (transfer_id, user_id)
) STRICT, WITHOUT ROWID;
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
