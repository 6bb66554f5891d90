-- released: 72335527474466bf6666065d32e5ae00fabf2d7af1bd2798109e398a65defeab
-- Creates promotions, their redemptions, free minutes and referrals.
--
-- promotion.kind: 1 bonus (value is money), 2 minutes (value is a number of
-- free minutes).

CREATE TABLE promotion (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	code		TEXT NOT NULL UNIQUE CHECK (code = upper(code)),
	kind		INTEGER NOT NULL CHECK (kind IN (1, 2)),
	value		INTEGER NOT NULL CHECK (value > 0),
	active		INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
	per_user	INTEGER NOT NULL DEFAULT 1 CHECK (per_user > 0),
	total		INTEGER CHECK (total > 0),	-- null: no limit
	redeemed	INTEGER NOT NULL DEFAULT 0 CHECK (total IS NULL OR redeemed <= total),
	starts_at	INTEGER,
	ends_at		INTEGER,
	note		TEXT,
	created_by	INTEGER,
	created_at	INTEGER NOT NULL
) STRICT;
INSERT INTO tally(name, n) VALUES ('promotion', 0);
CREATE TRIGGER tally_promotion_add AFTER INSERT ON promotion BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'promotion';
END;

CREATE TABLE redemption (
	promotion_id	INTEGER NOT NULL REFERENCES promotion(id),
	user_id		INTEGER NOT NULL REFERENCES user(id),
	n		INTEGER NOT NULL CHECK (n > 0),	-- n-th redemption by the user
	at		INTEGER NOT NULL,
	PRIMARY KEY (promotion_id, user_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX redemption_user ON redemption(user_id);

-- The unused free minutes of a user.
CREATE TABLE free_minutes (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id),
	n		INTEGER NOT NULL CHECK (n >= 0)
) STRICT;

-- Bonuses for both users, paid once, after the first top-up of the invited
-- user.
CREATE TABLE referral (
	invited_id	INTEGER PRIMARY KEY REFERENCES user(id),
	inviter_id	INTEGER NOT NULL REFERENCES user(id),
	payment_id	INTEGER NOT NULL REFERENCES payment(id),
	inviter_bonus	INTEGER NOT NULL CHECK (inviter_bonus >= 0),
	invited_bonus	INTEGER NOT NULL CHECK (invited_bonus >= 0),
	paid_at		INTEGER NOT NULL
) STRICT;
CREATE INDEX referral_inviter ON referral(inviter_id, invited_id);
CREATE INDEX referral_payment ON referral(payment_id);

-- The number of accounts that a user has invited, the number of paid referrals
-- and the earned bonuses. Accounts in status 0 (pending_verification) do not
-- count.
CREATE TABLE referral_total (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id),
	invited		INTEGER NOT NULL DEFAULT 0,
	paid		INTEGER NOT NULL DEFAULT 0,
	earned		INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TRIGGER referral_total_paid AFTER INSERT ON referral BEGIN
	INSERT INTO referral_total(user_id, paid, earned)
	VALUES (NEW.inviter_id, 1, NEW.inviter_bonus)
	ON CONFLICT (user_id) DO UPDATE
	SET paid = paid + 1, earned = earned + NEW.inviter_bonus;
END;
CREATE TRIGGER referral_total_add AFTER INSERT ON user
WHEN NEW.referred_by IS NOT NULL AND NEW.status <> 0 BEGIN
	INSERT INTO referral_total(user_id, invited) VALUES (NEW.referred_by, 1)
	ON CONFLICT (user_id) DO UPDATE SET invited = invited + 1;
END;
CREATE TRIGGER referral_total_move AFTER UPDATE OF status ON user
WHEN NEW.referred_by IS NOT NULL AND (OLD.status = 0) <> (NEW.status = 0) BEGIN
	INSERT INTO referral_total(user_id, invited)
	VALUES (NEW.referred_by, 1)
	ON CONFLICT (user_id) DO UPDATE
	SET invited = invited + iif(NEW.status = 0, -1, 1);
END;
