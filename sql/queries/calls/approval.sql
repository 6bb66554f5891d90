-- Requests of administrators that need an approval.

-- The sum of an administrator's adjustments and refunds since a time.
-- name: approval_spent
-- index: admin_spending_actor, covering
SELECT coalesce(sum(amount), 0) FROM admin_spending
WHERE actor_id = :actor AND at > :since;

-- name: approval_spending_drop
-- index: admin_spending_actor
DELETE FROM admin_spending WHERE actor_id = :actor AND at <= :since;

-- name: approval_spending_add
-- index: none: an insert
INSERT INTO admin_spending(actor_id, at, amount)
VALUES (:actor, :now, :amount);

-- name: approval_add
-- index: none: an insert
INSERT INTO approval(kind, target_id, account, amount, earnings,
    even_if_spent, reason, requested_by, requested_at)
VALUES (:kind, :target, :account, :amount, :earnings, :even_if_spent, :reason,
    :by, :now);

-- name: approval_get
-- index: approval primary key
SELECT id, kind, state, target_id, account, amount, earnings, even_if_spent,
    reason, requested_by, requested_at, decided_by, decided_at, note
FROM approval WHERE id = :id;

-- name: approval_list
-- index: approval primary key
SELECT id, kind, state, target_id, account, amount, earnings, even_if_spent,
    reason, requested_by, requested_at, decided_by, decided_at, note
FROM approval WHERE id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: approval_list_state
-- index: approval_state
SELECT id, kind, state, target_id, account, amount, earnings, even_if_spent,
    reason, requested_by, requested_at, decided_by, decided_at, note
FROM approval WHERE state = :state AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- :state -1: all.
-- name: approval_count
-- index: counter primary key
SELECT sum(n) FROM counter WHERE name >= 'approval:' AND name < 'approval:~'
    AND (:state < 0 OR name = 'approval:' || :state);

-- A decision happens once: a second one changes no row.
-- name: approval_decide
-- index: approval primary key
UPDATE approval SET state = :state, decided_by = :by, decided_at = :now,
    note = :note
WHERE id = :id AND state = 0;

-- name: approval_audit
-- index: approval primary key
SELECT json_object('state', CASE state WHEN 0 THEN 'pending'
	WHEN 1 THEN 'approved' ELSE 'rejected' END,
    'kind', CASE kind WHEN 1 THEN 'wallet_adjust' WHEN 2 THEN 'session_refund'
	ELSE 'payment_refund' END,
    'target_id', target_id, 'account', account, 'amount', amount,
    'earnings', earnings, 'reason', reason, 'requested_by', requested_by,
    'note', note)
FROM approval WHERE id = :id;

-- A row if a request moves money of a user: an adjustment of their wallet (kind
-- 1), or a refund of their session (2) or payment (3).
-- name: approval_party
-- index: session and payment primary keys
SELECT 1 WHERE :kind = 1 AND :target = :actor
UNION ALL
SELECT 1 FROM session WHERE :kind = 2 AND id = :target
    AND :actor IN (customer_id, listener_id)
UNION ALL
SELECT 1 FROM payment WHERE :kind = 3 AND id = :target AND user_id = :actor
LIMIT 1;

-- Since when a user is an administrator (bit 4), and whether the role came from
-- `earmark`. Without an audit row, the account was created with the role.
-- name: approval_role
-- index: audit_target; user primary key
SELECT coalesce(a.at, u.created_at), a.id IS NOT NULL AND a.actor_id IS NULL
FROM user AS u LEFT JOIN audit AS a ON a.id = (SELECT id FROM audit
    WHERE target = 'user:' || :user AND action IN ('user.grant', 'user.add')
	AND json_extract(after, '$.roles') & 4
	AND NOT coalesce(json_extract(before, '$.roles'), 0) & 4
    ORDER BY at DESC, id DESC LIMIT 1)
WHERE u.id = :user;
