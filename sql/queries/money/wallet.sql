-- Balances and entries of wallets.

-- The balances by kind. Kind 0 is the number of free minutes.
-- name: wallet_get
-- index: ledger_account primary key; redemption_minutes
SELECT id & 15, balance FROM ledger_account
WHERE id BETWEEN :user * 16 + 1 AND :user * 16 + 12
UNION ALL
SELECT 0, sum(minutes) FROM redemption INDEXED BY redemption_minutes
WHERE user_id = :user AND minutes > 0;

-- The time and number of the last entry, the number of the last entry of the
-- type, and the balance: the sum of the accounts from :first to :last.
-- name: wallet_entry_before
-- index: wallet_entry_user, wallet_entry_type, ledger_account primary key
SELECT (SELECT at FROM wallet_entry WHERE user_id = :user
	ORDER BY at DESC, transfer_id DESC LIMIT 1),
    coalesce((SELECT n FROM wallet_entry WHERE user_id = :user
	ORDER BY at DESC, transfer_id DESC LIMIT 1), 0),
    coalesce((SELECT type_n FROM wallet_entry
	WHERE user_id = :user AND type = :type
	ORDER BY at DESC, transfer_id DESC LIMIT 1), 0),
    (SELECT sum(balance) FROM ledger_account
	WHERE id BETWEEN :first AND :last);

-- name: wallet_entry_add
-- index: none: an insert
INSERT INTO wallet_entry(transfer_id, user_id, at, type, earned, n, type_n,
    amount, balance)
VALUES (:transfer, :user, :at, :type, :earned, :n, :type_n, :amount,
    :balance);

-- A wallet for the audit log; members that are null are left out.
-- name: wallet_audit
-- index: user and ledger_account primary keys
SELECT json_patch('{}', json_object(
    'balance', coalesce((SELECT sum(balance) FROM ledger_account
	WHERE id BETWEEN :user * 16 + 1 AND :user * 16 + 3), 0),
    'earnings', (SELECT balance FROM ledger_account
	WHERE id = :user * 16 + 4),
    'owed', (SELECT -balance FROM ledger_account WHERE id = :user * 16 + 5),
    'amount', :amount, 'reason', :reason))
FROM user WHERE id = :user;

-- name: wallet_version
-- index: wallet_entry_user, wallet_entry primary key
SELECT n FROM wallet_entry WHERE user_id = :user
ORDER BY at DESC, transfer_id DESC LIMIT 1;

-- The number of entries between two times: the difference of their numbers.
-- name: wallet_count
-- index: wallet_entry_user, wallet_entry primary key
SELECT 1 + (SELECT n FROM wallet_entry WHERE user_id = :user AND at < :to
	ORDER BY at DESC, transfer_id DESC LIMIT 1)
    - (SELECT n FROM wallet_entry WHERE user_id = :user AND at >= :from
	ORDER BY at, transfer_id LIMIT 1);

-- name: wallet_count_type
-- index: wallet_entry_type, wallet_entry primary key
SELECT 1 + (SELECT type_n FROM wallet_entry
	WHERE user_id = :user AND type = :type AND at < :to
	ORDER BY at DESC, transfer_id DESC LIMIT 1)
    - (SELECT type_n FROM wallet_entry
	WHERE user_id = :user AND type = :type AND at >= :from
	ORDER BY at, transfer_id LIMIT 1);

-- The position of the :skip-th entry, read from the index alone.
-- name: wallet_skip
-- index: wallet_entry_user
SELECT at, transfer_id FROM wallet_entry
WHERE user_id = :user AND at >= :from AND (at, transfer_id) < (:at, :id)
ORDER BY at DESC, transfer_id DESC LIMIT 1 OFFSET :skip;

-- name: wallet_skip_type
-- index: wallet_entry_type
SELECT at, transfer_id FROM wallet_entry
WHERE user_id = :user AND type = :type AND at >= :from
    AND (at, transfer_id) < (:at, :id)
ORDER BY at DESC, transfer_id DESC LIMIT 1 OFFSET :skip;

-- name: wallet_entries
-- index: wallet_entry_user, then the primary keys of wallet_entry and transfer
SELECT l.transfer_id, l.type, l.earned, l.amount, l.balance, l.at, t.type,
    t.reference
FROM wallet_entry AS l CROSS JOIN transfer AS t ON t.id = l.transfer_id
WHERE l.user_id = :user AND l.at >= :from
    AND (l.at, l.transfer_id) < (:at, :id)
ORDER BY l.at DESC, l.transfer_id DESC LIMIT :limit;

-- name: wallet_entries_type
-- index: wallet_entry_type, then the primary keys of wallet_entry and transfer
SELECT l.transfer_id, l.type, l.earned, l.amount, l.balance, l.at, t.type,
    t.reference
FROM wallet_entry AS l CROSS JOIN transfer AS t ON t.id = l.transfer_id
WHERE l.user_id = :user AND l.type = :type AND l.at >= :from
    AND (l.at, l.transfer_id) < (:at, :id)
ORDER BY l.at DESC, l.transfer_id DESC LIMIT :limit;

-- Adds to the sum that a listener has earned.
-- name: wallet_earned
-- index: session_total primary key
INSERT INTO session_total(user_id, earned) VALUES (:user, :amount)
ON CONFLICT (user_id) DO UPDATE SET earned = earned + excluded.earned;
