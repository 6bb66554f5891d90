-- Payments, events of providers, and reversals.

-- name: payment_add
-- index: none: an insert
INSERT INTO payment(user_id, provider, amount, currency, page_key, created_at,
    updated_at)
VALUES (:user, :provider, :amount, :currency, :page_key, :now, :now);

-- name: payment_pending_count
-- index: payment_total primary key
SELECT pending FROM payment_total WHERE user_id = :user;

-- A payment that the provider refused before becomes pending again.
-- name: payment_opened
-- index: payment primary key
UPDATE payment SET status = iif(status = 2 AND ref IS NULL, 0, status),
    error = iif(ref IS NULL, NULL, error), ref = :ref, secret = :secret,
    updated_at = :now
WHERE id = :id;

-- name: payment_refused
-- index: payment primary key
UPDATE payment SET status = 2, error = :why, updated_at = :now
WHERE id = :id AND status = 0 AND ref IS NULL;

-- name: payment_get
-- index: payment and user primary keys
SELECT p.id, p.user_id, u.username, p.provider, p.status, p.amount,
    p.currency, p.ref, p.paid_ref, p.secret, p.page_key, p.refunded,
    p.disputed, p.flag, p.error, p.credited_at, p.created_at, p.updated_at,
    p.requested, iif(p.flag IS NULL, NULL, (SELECT json_group_array(f.flag)
	FROM (SELECT flag FROM payment_flag INDEXED BY payment_flag_payment
	WHERE payment_id = p.id ORDER BY id LIMIT 100) AS f))
FROM payment AS p CROSS JOIN user AS u ON u.id = p.user_id
WHERE p.id = :id;

-- Pages of payments, newest first. All have the columns of payment_get.
-- name: payment_list
-- index: payment and user primary keys
SELECT p.id, p.user_id, u.username, p.provider, p.status, p.amount,
    p.currency, p.ref, p.paid_ref, p.secret, p.page_key, p.refunded,
    p.disputed, p.flag, p.error, p.credited_at, p.created_at, p.updated_at,
    p.requested, iif(p.flag IS NULL, NULL, (SELECT json_group_array(f.flag)
	FROM (SELECT flag FROM payment_flag INDEXED BY payment_flag_payment
	WHERE payment_id = p.id ORDER BY id LIMIT 100) AS f))
FROM payment AS p CROSS JOIN user AS u ON u.id = p.user_id
WHERE p.id < :before
ORDER BY p.id DESC LIMIT :limit OFFSET :offset;

-- name: payment_list_user
-- index: payment_user
SELECT p.id, p.user_id, u.username, p.provider, p.status, p.amount,
    p.currency, p.ref, p.paid_ref, p.secret, p.page_key, p.refunded,
    p.disputed, p.flag, p.error, p.credited_at, p.created_at, p.updated_at,
    p.requested, iif(p.flag IS NULL, NULL, (SELECT json_group_array(f.flag)
	FROM (SELECT flag FROM payment_flag INDEXED BY payment_flag_payment
	WHERE payment_id = p.id ORDER BY id LIMIT 100) AS f))
FROM payment AS p INDEXED BY payment_user CROSS JOIN user AS u
    ON u.id = p.user_id
WHERE p.user_id = :user AND p.id < :before
    AND (:status < 0 OR p.status = :status)
    AND (:flagged = 0 OR p.flag IS NOT NULL)
ORDER BY p.id DESC LIMIT :limit OFFSET :offset;

-- name: payment_list_status
-- index: payment_status
SELECT p.id, p.user_id, u.username, p.provider, p.status, p.amount,
    p.currency, p.ref, p.paid_ref, p.secret, p.page_key, p.refunded,
    p.disputed, p.flag, p.error, p.credited_at, p.created_at, p.updated_at,
    p.requested, iif(p.flag IS NULL, NULL, (SELECT json_group_array(f.flag)
	FROM (SELECT flag FROM payment_flag INDEXED BY payment_flag_payment
	WHERE payment_id = p.id ORDER BY id LIMIT 100) AS f))
FROM payment AS p INDEXED BY payment_status CROSS JOIN user AS u
    ON u.id = p.user_id
WHERE p.status = :status AND p.id < :before
ORDER BY p.id DESC LIMIT :limit OFFSET :offset;

-- name: payment_list_flagged
-- index: payment_flagged
SELECT p.id, p.user_id, u.username, p.provider, p.status, p.amount,
    p.currency, p.ref, p.paid_ref, p.secret, p.page_key, p.refunded,
    p.disputed, p.flag, p.error, p.credited_at, p.created_at, p.updated_at,
    p.requested, iif(p.flag IS NULL, NULL, (SELECT json_group_array(f.flag)
	FROM (SELECT flag FROM payment_flag INDEXED BY payment_flag_payment
	WHERE payment_id = p.id ORDER BY id LIMIT 100) AS f))
FROM payment AS p INDEXED BY payment_flagged CROSS JOIN user AS u
    ON u.id = p.user_id
WHERE p.flag IS NOT NULL AND p.id < :before
    AND (:status < 0 OR p.status = :status)
ORDER BY p.id DESC LIMIT :limit OFFSET :offset;

-- name: payment_count
-- index: counter primary key
SELECT sum(n) FROM counter
WHERE name >= 'payment:' AND name < 'payment:~' AND name <> 'payment:flagged'
    AND (:status < 0 OR name = 'payment:' || :status);

-- name: payment_count_flagged
-- index: payment_flagged, which has few
-- allow: scan
SELECT count(*) FROM payment INDEXED BY payment_flagged
WHERE flag IS NOT NULL AND status = :status;

-- name: payment_count_user
-- index: payment_total primary key
SELECT n FROM payment_total WHERE user_id = :user;

-- name: payment_count_user_some
-- index: payment_user
SELECT count(*) FROM payment INDEXED BY payment_user
WHERE user_id = :user AND (:status < 0 OR status = :status)
    AND (:flagged = 0 OR flag IS NOT NULL);

-- name: payment_by_ref
-- index: payment_ref
SELECT id FROM payment WHERE provider = :provider AND ref = :ref;

-- name: payment_by_paid_ref
-- index: payment_paid_ref
SELECT id FROM payment WHERE provider = :provider AND paid_ref = :ref;

-- A payment is credited once: a second call changes no row.
-- name: payment_credit
-- index: payment primary key
UPDATE payment SET status = 1, credited_at = :now, updated_at = :now,
    error = NULL, paid_ref = coalesce(:paid_ref, paid_ref)
WHERE id = :id AND credited_at IS NULL;

-- Separate from payment_credit: if ref is known, its index is not updated.
-- name: payment_ref
-- index: payment primary key
UPDATE payment SET ref = :ref WHERE id = :id AND ref IS NULL;

-- name: payment_paid_ref
-- index: payment primary key
UPDATE payment SET paid_ref = :paid_ref
WHERE id = :id AND paid_ref IS NULL;

-- name: payment_fail
-- index: payment primary key
UPDATE payment SET status = iif(:ended AND status = 0, 2, status),
    error = :why, updated_at = :now
WHERE id = :id AND credited_at IS NULL;

-- Triggers set payment.flag to the oldest flag.
-- name: payment_flag_add
-- index: payment_flag (payment_id, flag)
INSERT INTO payment_flag(payment_id, flag, amount, currency, paid_ref,
    created_at)
VALUES (:payment, :flag, :amount, :currency, :paid_ref, :now)
ON CONFLICT (payment_id, flag) DO NOTHING;

-- name: payment_flag_clear
-- index: payment_flag_payment
DELETE FROM payment_flag WHERE payment_id = :payment;

-- name: payment_flag_drop
-- index: payment_flag primary key
DELETE FROM payment_flag WHERE id = :id;

-- The captured amounts of a payment. :amount 0: all.
-- name: payment_flag_captured
-- index: payment_flag_payment
SELECT id, amount, currency, paid_ref
FROM payment_flag INDEXED BY payment_flag_payment
WHERE payment_id = :payment AND amount IS NOT NULL
    AND (:amount = 0 OR amount = :amount)
ORDER BY id LIMIT 100;

-- name: payment_accept
-- index: payment primary key
UPDATE payment SET requested = amount, amount = :amount, updated_at = :now
WHERE id = :id AND credited_at IS NULL;

-- Amount and flags for the audit log, before and after a change.
-- name: payment_flag_audit
-- index: payment primary key; payment_flag_payment
SELECT json_object('amount', :amount, 'flags', json(coalesce(:flags, '[]'))),
    json_object('amount', p.amount,
	'flags', (SELECT json_group_array(f.flag) FROM (SELECT flag
	    FROM payment_flag INDEXED BY payment_flag_payment
	    WHERE payment_id = p.id ORDER BY id LIMIT 100) AS f),
	'note', :note)
FROM payment AS p WHERE p.id = :id;

-- name: payment_add_reversed
-- index: payment primary key
UPDATE payment SET refunded = refunded + :refunded,
    disputed = disputed + :disputed, updated_at = :now
WHERE id = :id;

-- A payment for the audit log.
-- name: payment_audit
-- index: payment primary key
SELECT json_object('amount', amount, 'refunded', refunded, 'disputed',
    disputed)
FROM payment WHERE id = :id;

-- name: payment_event_seen
-- index: unique (provider, event_id)
SELECT 1 FROM payment_event WHERE provider = :provider AND event_id = :event;

-- name: payment_event_add
-- index: none: an insert
INSERT INTO payment_event(provider, event_id, type, payment_id, outcome,
    detail, received_at)
VALUES (:provider, :event, :type, :payment, :outcome, :detail, :now);

-- Pages of events, newest first: all, of a provider, of a payment.
-- name: payment_notice
-- index: payment_event primary key
SELECT id, provider, payment_id, event_id, type, outcome, detail, received_at
FROM payment_event WHERE id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: payment_notice_provider
-- index: payment_event_provider
SELECT id, provider, payment_id, event_id, type, outcome, detail, received_at
FROM payment_event INDEXED BY payment_event_provider
WHERE provider = :provider AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: payment_notice_payment
-- index: payment_event_payment
SELECT id, provider, payment_id, event_id, type, outcome, detail, received_at
FROM payment_event INDEXED BY payment_event_payment
WHERE payment_id = :payment AND id < :before
    AND (:provider = 0 OR provider = :provider)
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: payment_notice_count
-- index: counter primary key
SELECT sum(n) FROM counter WHERE name >= 'webhook:' AND name < 'webhook:~'
    AND (:provider = 0 OR name = 'webhook:' || :provider);

-- name: payment_notice_count_payment
-- index: payment_event_payment
SELECT count(*) FROM payment_event INDEXED BY payment_event_payment
WHERE payment_id = :payment AND (:provider = 0 OR provider = :provider);

-- name: payment_reversal_add
-- index: none: an insert
INSERT INTO payment_reversal(payment_id, kind, state, ref, amount, reason,
    due_at, created_at, updated_at)
VALUES (:payment, :kind, :state, :ref, :amount, :reason, :now, :now, :now);

-- name: payment_reversal_get
-- index: payment_reversal primary key
SELECT id, payment_id, kind, state, ref, reason, error, amount, taken,
    created_at, updated_at, attempts, taken_bonus, lost
FROM payment_reversal WHERE id = :id;

-- name: payment_reversal_by_ref
-- index: payment_reversal_ref
SELECT id, payment_id, kind, state, ref, reason, error, amount, taken,
    created_at, updated_at, attempts, taken_bonus, lost
FROM payment_reversal WHERE kind = :kind AND ref = :ref;

-- name: payment_reversal_list
-- index: payment_reversal_payment
SELECT id, payment_id, kind, state, ref, reason, error, amount, taken,
    created_at, updated_at, attempts, taken_bonus, lost
FROM payment_reversal WHERE payment_id = :payment ORDER BY id LIMIT 1000;

-- A known ref does not change, and a state never decreases.
-- name: payment_reversal_state
-- index: payment_reversal primary key
UPDATE payment_reversal
SET state = max(state, :state), ref = coalesce(ref, :ref),
    error = coalesce(:error, error), updated_at = :now
WHERE id = :id;

-- name: payment_reversal_take
-- index: payment_reversal primary key
UPDATE payment_reversal SET taken = taken + :amount,
    taken_bonus = taken_bonus + :bonus, lost = lost + :lost,
    updated_at = :now
WHERE id = :id;

-- name: payment_reversal_later
-- index: payment_reversal primary key
UPDATE payment_reversal SET due_at = :due, error = :why, updated_at = :now
WHERE id = :id AND state = 0;

-- name: payment_reversal_due
-- index: payment_reversal_due
SELECT id, payment_id, kind, state, ref, reason, error, amount, taken,
    created_at, updated_at, attempts, taken_bonus, lost
FROM payment_reversal INDEXED BY payment_reversal_due
WHERE state = 0 AND due_at <= :now ORDER BY due_at LIMIT :limit;

-- name: payment_reversal_claim
-- index: payment_reversal primary key
UPDATE payment_reversal SET attempts = attempts + 1, due_at = :due
WHERE id = :id AND state = 0;

-- name: payment_poll_due
-- index: payment_pending
SELECT id FROM payment INDEXED BY payment_pending
WHERE status = 0 AND provider <> 1 AND ref IS NOT NULL
    AND coalesce(polled_at, created_at) <= :until
ORDER BY coalesce(polled_at, created_at) LIMIT :limit;

-- name: payment_poll_claim
-- index: payment primary key
UPDATE payment SET polled_at = :now WHERE id = :id;

-- name: payment_expire_due
-- index: payment_unpolled
SELECT id FROM payment INDEXED BY payment_unpolled
WHERE status = 0 AND (provider = 1 OR ref IS NULL) AND created_at <= :until
ORDER BY created_at LIMIT :limit;

-- name: payment_expire
-- index: payment primary key
UPDATE payment SET status = 3, updated_at = :now
WHERE id = :id AND status = 0 AND created_at <= :until;
