-- The queue of the sandbox's webhooks.

-- name: sandbox_add
-- index: payment primary key
INSERT INTO sandbox_webhook(payment_id, event_id, what, amount, due_at,
    created_at)
VALUES (:payment, :event, :what, :amount, :due, :now);

-- name: sandbox_count
-- index: sandbox_webhook_payment
SELECT count(*) FROM sandbox_webhook WHERE payment_id = :payment;

-- name: sandbox_due
-- index: sandbox_webhook_due
SELECT 1 FROM sandbox_webhook WHERE state = 0 AND due_at <= :now LIMIT 1;

-- name: sandbox_list
-- index: sandbox_webhook_due, then the primary keys
SELECT h.id, h.payment_id, h.event_id, h.what, h.amount, h.attempts + 1,
    h.created_at, p.currency, p.ref
FROM sandbox_webhook AS h JOIN payment AS p ON p.id = h.payment_id
WHERE h.state = 0 AND h.due_at <= :now
ORDER BY h.due_at, h.id LIMIT :max;

-- name: sandbox_lease
-- index: sandbox_webhook primary key
UPDATE sandbox_webhook SET attempts = attempts + 1, due_at = :until
WHERE id = :id AND state = 0;

-- name: sandbox_done
-- index: sandbox_webhook primary key
UPDATE sandbox_webhook SET state = :state, error = :error
WHERE id = :id AND state = 0;

-- name: sandbox_later
-- index: sandbox_webhook primary key
UPDATE sandbox_webhook SET due_at = :due, error = :error
WHERE id = :id AND state = 0;
