-- Gives promotions a budget, more kinds and options. Records what was granted,
-- the progress of referrals, and the addresses of deleted accounts.
--
-- promotion.kind: 1 bonus (value is money), 2 minutes (value is a number of
-- free minutes), 3 topup_percent (value is a percentage of the next top-up).
-- promotion.audience: 1 all, 2 new (users without a top-up), 3 list
-- (promotion_user).
-- fact.metric, rollup.metric 11: promotions (cost; word is bonus, minutes or
-- referral).
-- The triggers on other tables are equal to those of 0015, except fact_fee.

-- reserved is the maximum cost of what was redeemed and not spent yet, spent is
-- the cost so far. Both include only redemptions of this promotion.
ALTER TABLE redemption RENAME TO redemption_old;
ALTER TABLE promotion RENAME TO promotion_old;
DROP TRIGGER tally_promotion_add;
DROP INDEX redemption_user;
CREATE TABLE promotion (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	code		TEXT NOT NULL UNIQUE CHECK (code = upper(code)),
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
	value		INTEGER NOT NULL CHECK (value > 0),
	max_rate	INTEGER CHECK (max_rate > 0),	-- of kind 2; per minute
	max_bonus	INTEGER CHECK (max_bonus > 0),	-- of kind 3
	min_topup	INTEGER NOT NULL DEFAULT 0 CHECK (min_topup >= 0),
	first_topup_only INTEGER NOT NULL DEFAULT 0 CHECK (first_topup_only IN (0, 1)),
	audience	INTEGER NOT NULL DEFAULT 1 CHECK (audience BETWEEN 1 AND 3),
	listed		INTEGER NOT NULL DEFAULT 1 CHECK (listed IN (0, 1)),
	active		INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
	per_user	INTEGER NOT NULL DEFAULT 1 CHECK (per_user > 0),
	total		INTEGER CHECK (total > 0),	-- null: no limit
	redeemed	INTEGER NOT NULL DEFAULT 0 CHECK (total IS NULL OR redeemed <= total),
	budget		INTEGER NOT NULL CHECK (budget > 0),
	reserved	INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
	spent		INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
	valid_days	INTEGER CHECK (valid_days > 0),	-- null: no limit
	starts_at	INTEGER,
	ends_at		INTEGER,
	note		TEXT,
	created_by	INTEGER,
	created_at	INTEGER NOT NULL,
	CHECK (spent + reserved <= budget),
	CHECK ((kind = 2) = (max_rate IS NOT NULL)),
	CHECK ((kind = 3) = (max_bonus IS NOT NULL))
) STRICT;

-- Existing promotions of free minutes had no maximum rate. They get 20000, and
-- what was redeemed of them applies up to this rate. The budget covers what was
-- granted before and 100 more redemptions. Codes that exist are not listed.
INSERT INTO promotion(id, code, kind, value, max_rate, listed, active,
    per_user, total, redeemed, budget, spent, starts_at, ends_at, note,
    created_by, created_at)
SELECT id, code, kind, value, iif(kind = 2, 20000, NULL), 0, active, per_user,
    total, redeemed,
    min(1000000000000000, (100 + redeemed) * value * iif(kind = 2, 20000, 1)),
    iif(kind = 1, redeemed * value, 0), starts_at, ends_at, note, created_by,
    created_at
FROM promotion_old;
-- The promotions that are shown to users before they redeem them.
CREATE INDEX promotion_listed ON promotion(id) WHERE listed = 1 AND active = 1;
CREATE TRIGGER tally_promotion_add AFTER INSERT ON promotion BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'promotion';
END;

-- The users of a promotion with a list.
CREATE TABLE promotion_user (
	promotion_id	INTEGER NOT NULL REFERENCES promotion(id),
	user_id		INTEGER NOT NULL REFERENCES user(id),
	PRIMARY KEY (promotion_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX promotion_user_user ON promotion_user(user_id);

-- What a user was granted. minutes is the number of free minutes that are left
-- and not held by a session. For kind 3, payment_id is the top-up that earned
-- the bonus; clawed_bonus and clawed_owed are what its reversals took back,
-- from the bonus and as a debt. expired: a job took back what was left at
-- expires_at.
CREATE TABLE redemption (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	promotion_id	INTEGER NOT NULL REFERENCES promotion(id),
	user_id		INTEGER NOT NULL REFERENCES user(id),
	n		INTEGER NOT NULL CHECK (n > 0),	-- n-th redemption by the user
	at		INTEGER NOT NULL,
	expires_at	INTEGER,			-- null: never
	expired		INTEGER NOT NULL DEFAULT 0 CHECK (expired IN (0, 1)),
	reserved	INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
	spent		INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
	minutes		INTEGER NOT NULL DEFAULT 0 CHECK (minutes >= 0),
	max_rate	INTEGER,
	payment_id	INTEGER REFERENCES payment(id),
	clawed_bonus	INTEGER NOT NULL DEFAULT 0 CHECK (clawed_bonus >= 0),
	clawed_owed	INTEGER NOT NULL DEFAULT 0 CHECK (clawed_owed >= 0),
	UNIQUE (promotion_id, user_id, n),
	CHECK (clawed_bonus + clawed_owed <= spent)
) STRICT;

-- The free minutes that a user has left belong to the user's last redemption
-- of free minutes. (Before, a user had one number.) Minutes that a live session
-- holds belong to it, too.
INSERT INTO redemption(promotion_id, user_id, n, at)
SELECT promotion_id, user_id, n, at FROM redemption_old
ORDER BY at, promotion_id, user_id, n;
DROP TABLE redemption_old;
DROP TABLE promotion_old;
UPDATE redemption SET spent = (SELECT value FROM promotion AS p
    WHERE p.id = promotion_id)
WHERE (SELECT kind FROM promotion AS p WHERE p.id = promotion_id) = 1;

-- The free minutes that a live session has reserved, by redemption. reserved is
-- their maximum cost, a part of redemption.reserved.
CREATE TABLE redemption_hold (
	session_id	INTEGER NOT NULL,
	redemption_id	INTEGER NOT NULL REFERENCES redemption(id),
	minutes		INTEGER NOT NULL CHECK (minutes > 0),
	reserved	INTEGER NOT NULL CHECK (reserved > 0),
	PRIMARY KEY (session_id, redemption_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX redemption_hold_redemption ON redemption_hold(redemption_id);
INSERT INTO redemption_hold(session_id, redemption_id, minutes, reserved)
SELECT s.id, max(r.id), s.leased_free, s.leased_free * max(20000, s.rate)
FROM session AS s
JOIN redemption AS r ON r.user_id = s.customer_id
JOIN promotion AS p ON p.id = r.promotion_id AND p.kind = 2
WHERE s.state = 0 AND s.leased_free > 0
GROUP BY s.id;
UPDATE redemption SET max_rate = 20000
WHERE (SELECT kind FROM promotion AS p WHERE p.id = promotion_id) = 2;
UPDATE redemption SET minutes = f.n
FROM (SELECT max(r.id) AS id, f.n AS n
    FROM free_minutes AS f
    JOIN redemption AS r ON r.user_id = f.user_id AND r.max_rate IS NOT NULL
    GROUP BY f.user_id) AS f
WHERE redemption.id = f.id;
UPDATE redemption SET reserved = 20000 * minutes +
    coalesce((SELECT sum(h.reserved) FROM redemption_hold AS h
	WHERE h.redemption_id = redemption.id), 0)
WHERE max_rate IS NOT NULL;
-- A redemption may now have minutes of another promotion, so a budget can be
-- less than what is reserved.
UPDATE promotion SET budget = max(budget, spent + r.n), reserved = r.n
FROM (SELECT promotion_id, sum(reserved) AS n FROM redemption
    GROUP BY promotion_id) AS r
WHERE promotion.id = r.promotion_id AND r.n > 0;
DROP TABLE free_minutes;

CREATE INDEX redemption_user ON redemption(user_id, promotion_id, n);
CREATE INDEX redemption_minutes ON redemption(user_id, expires_at, id, max_rate, minutes)
WHERE minutes > 0;
-- Top-up bonuses that are not earned yet, and those that were.
CREATE INDEX redemption_topup ON redemption(user_id, expires_at, id)
WHERE max_rate IS NULL AND reserved > 0;
CREATE INDEX redemption_payment ON redemption(payment_id)
WHERE payment_id IS NOT NULL;
CREATE INDEX redemption_expires ON redemption(expires_at)
WHERE expires_at IS NOT NULL AND expired = 0;

-- Referrals. A row is added by the first top-up of an invited user. commission
-- is the operator's commission on money that the invited user spent since.
-- A job looks at the row at due_at; null: when something changes. paid_at null:
-- not paid. If a payment of the invited user is reversed later, or refunds of
-- sessions reduce the commission below min_commission (set at the payout), both
-- bonuses are taken back: from the bonus, and the rest as a debt (*_owed).
ALTER TABLE referral RENAME TO referral_old;
DROP TRIGGER referral_total_paid;
DROP INDEX referral_inviter;
DROP INDEX referral_payment;
CREATE TABLE referral (
	invited_id	INTEGER PRIMARY KEY REFERENCES user(id),
	inviter_id	INTEGER NOT NULL REFERENCES user(id),
	payment_id	INTEGER NOT NULL REFERENCES payment(id),	-- the first top-up
	topup_at	INTEGER NOT NULL,
	commission	INTEGER NOT NULL DEFAULT 0,
	due_at		INTEGER,
	min_commission	INTEGER NOT NULL DEFAULT 0,
	inviter_bonus	INTEGER NOT NULL DEFAULT 0 CHECK (inviter_bonus >= 0),
	invited_bonus	INTEGER NOT NULL DEFAULT 0 CHECK (invited_bonus >= 0),
	paid_at		INTEGER,
	clawed_at	INTEGER,
	inviter_owed	INTEGER NOT NULL DEFAULT 0,
	invited_owed	INTEGER NOT NULL DEFAULT 0,
	CHECK (paid_at IS NOT NULL OR (inviter_bonus = 0 AND invited_bonus = 0)),
	CHECK (clawed_at IS NULL OR paid_at IS NOT NULL),
	CHECK (inviter_owed BETWEEN 0 AND inviter_bonus),
	CHECK (invited_owed BETWEEN 0 AND invited_bonus)
) STRICT;
INSERT INTO referral(invited_id, inviter_id, payment_id, topup_at,
    inviter_bonus, invited_bonus, paid_at)
SELECT invited_id, inviter_id, payment_id, paid_at, inviter_bonus,
    invited_bonus, paid_at
FROM referral_old;
DROP TABLE referral_old;
CREATE INDEX referral_inviter ON referral(inviter_id, paid_at);
CREATE INDEX referral_payment ON referral(payment_id);
CREATE INDEX referral_due ON referral(due_at) WHERE due_at IS NOT NULL;
-- Referrals that were paid and not taken back count in the totals.
CREATE TRIGGER referral_total_paid AFTER UPDATE OF paid_at, clawed_at ON referral
WHEN (OLD.paid_at IS NOT NULL AND OLD.clawed_at IS NULL)
    <> (NEW.paid_at IS NOT NULL AND NEW.clawed_at IS NULL)
BEGIN
	INSERT INTO referral_total(user_id, paid, earned)
	VALUES (NEW.inviter_id, iif(NEW.clawed_at IS NULL, 1, -1),
	    iif(NEW.clawed_at IS NULL, 1, -1) * NEW.inviter_bonus)
	ON CONFLICT (user_id) DO UPDATE SET paid = paid + excluded.paid,
	    earned = earned + excluded.earned;
END;

-- The verified addresses of deleted accounts, as keyed hashes. user_id is the
-- last account that had the address.
CREATE TABLE former_address (
	hash		BLOB PRIMARY KEY CHECK (length(hash) = 32),
	user_id		INTEGER NOT NULL REFERENCES user(id),
	deleted_at	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX former_address_user ON former_address(user_id);
CREATE INDEX former_address_deleted ON former_address(deleted_at);

-- An account that verified an address of a deleted one.
CREATE TABLE returning_user (
	user_id		INTEGER NOT NULL REFERENCES user(id),
	former_id	INTEGER NOT NULL REFERENCES user(id),
	at		INTEGER NOT NULL,
	PRIMARY KEY (user_id, former_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX returning_user_former ON returning_user(former_id);

-- The number of redemptions by the former accounts of a user.
CREATE TABLE former_redemption (
	user_id		INTEGER NOT NULL REFERENCES user(id),
	promotion_id	INTEGER NOT NULL REFERENCES promotion(id),
	n		INTEGER NOT NULL CHECK (n > 0),
	PRIMARY KEY (user_id, promotion_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_redemption_promotion ON former_redemption(promotion_id);

-- Metric 11. The CHECK of fact.metric must be changed, so the table is created
-- again, with the triggers that insert into it.
DROP TRIGGER fact_user_add;
DROP TRIGGER fact_user_proved;
DROP TRIGGER fact_device_add;
DROP TRIGGER fact_device_used;
DROP TRIGGER fact_call_over;
DROP TRIGGER fact_session_end;
DROP TRIGGER fact_fee;
DROP TRIGGER fact_topup;
DROP TRIGGER fact_refund;
DROP TRIGGER fact_reversal;
DROP TRIGGER fact_favorite;
ALTER TABLE fact RENAME TO fact_old;
CREATE TABLE fact (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	metric		INTEGER NOT NULL CHECK (metric BETWEEN 1 AND 11),
	at		INTEGER NOT NULL,
	word		TEXT NOT NULL DEFAULT '',
	n		INTEGER NOT NULL,
	user_id		INTEGER,
	CHECK ((metric = 2) = (user_id IS NOT NULL))
) STRICT;
INSERT INTO sqlite_sequence(name, seq)
SELECT 'fact', seq FROM sqlite_sequence WHERE name = 'fact_old';
INSERT INTO fact(id, metric, at, word, n, user_id)
SELECT id, metric, at, word, n, user_id FROM fact_old ORDER BY id;
DROP TABLE fact_old;
CREATE TRIGGER fact_user_add AFTER INSERT ON user WHEN NEW.status <> 0 BEGIN
	INSERT INTO fact(metric, at, n) VALUES (1, NEW.created_at, 1);
END;
CREATE TRIGGER fact_user_proved AFTER UPDATE OF status ON user
WHEN OLD.status = 0 AND NEW.status = 1 BEGIN
	INSERT INTO fact(metric, at, n) VALUES (1, NEW.updated_at, 1);
END;
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
-- Revenue (metric 5) is now the commission on money that customers paid, which
-- the entries of a transfer do not show. lib/domain/money/revenue.c inserts
-- these facts. Metric 11 is the change of the account `promotion`.
CREATE TRIGGER fact_promotion AFTER INSERT ON transfer
WHEN NEW.type IN (4, 5, 6, 8, 11) BEGIN
	INSERT INTO fact(metric, at, word, n)
	    SELECT 11, NEW.at, CASE WHEN NEW.type IN (4, 5) THEN 'minutes'
		WHEN NEW.type = 11 THEN 'referral' ELSE 'bonus' END, -amount
	    FROM entry WHERE transfer_id = NEW.id AND account_id = 9;
END;
