-- Makes a top-up cheaper: payment_user contained the status, so that each one
-- changed a page of it in a random place. The number of pending payments of a
-- user is beside the number of paid ones now, in a row that a top-up changes
-- anyway.
-- payment.status: 0 pending, 1 paid, 2 failed, 3 expired.

ALTER TABLE payment_total ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;
UPDATE payment_total SET pending = (SELECT count(*) FROM payment AS p
    WHERE p.user_id = payment_total.user_id AND p.status = 0);

DROP INDEX payment_user;
CREATE INDEX payment_user ON payment(user_id, id);

DROP TRIGGER payment_add;
CREATE TRIGGER payment_add AFTER INSERT ON payment BEGIN
	INSERT INTO payment_total(user_id, n, pending)
	VALUES (NEW.user_id, 1, NEW.status = 0)
	ON CONFLICT (user_id) DO UPDATE SET n = n + 1,
	    pending = pending + excluded.pending;
	UPDATE counter SET n = n + 1 WHERE name = 'payment:' || NEW.status;
END;
DROP TRIGGER payment_move;
CREATE TRIGGER payment_move AFTER UPDATE OF status ON payment
WHEN OLD.status <> NEW.status BEGIN
	UPDATE payment_total SET paid = paid + (NEW.status = 1),
	    pending = pending + (NEW.status = 0) - (OLD.status = 0)
	WHERE user_id = NEW.user_id;
	UPDATE counter SET n = n - 1 WHERE name = 'payment:' || OLD.status;
	UPDATE counter SET n = n + 1 WHERE name = 'payment:' || NEW.status;
END;
