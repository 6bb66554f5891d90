-- What people have, and how it came about.

-- The balances by kind; kind 0: free minutes.
-- name: wallet_get
-- index: ledger_account and free_minutes primary keys
SELECT id & 15, balance FROM ledger_account
WHERE id BETWEEN :user * 16 + 1 AND :user * 16 + 11
UNION ALL
SELECT 0, n FROM free_minutes WHERE user_id = :user;

-- The balance is the sum of the accounts from :first to :last.
-- name: wallet_line_add
-- index: wallet_line_user, wallet_line_type, ledger_account primary key
INSERT INTO wallet_line(transfer_id, user_id, at, type, earned, n, type_n,
    amount, balance)
VALUES (:transfer, :user,
    max(:at, coalesce((SELECT at FROM wallet_line WHERE user_id = :user
	ORDER BY at DESC, transfer_id DESC LIMIT 1), :at)),
    :type, :earned,
    1 + coalesce((SELECT n FROM wallet_line WHERE user_id = :user
	ORDER BY at DESC, transfer_id DESC LIMIT 1), 0),
    1 + coalesce((SELECT type_n FROM wallet_line
	WHERE user_id = :user AND type = :type
	ORDER BY at DESC, transfer_id DESC LIMIT 1), 0),
    :amount,
    (SELECT sum(balance) FROM ledger_account
	WHERE id BETWEEN :first AND :last))
RETURNING balance;
