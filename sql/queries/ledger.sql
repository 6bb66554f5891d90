-- The ledger. An account is its user's number * 16 + its kind.

-- name: ledger_last
-- index: transfer primary key
SELECT id, hash FROM transfer WHERE id = (SELECT max(id) FROM transfer);

-- name: ledger_balances
-- index: ledger_account primary key
SELECT id, balance FROM ledger_account
WHERE id IN (:a0, :a1, :a2, :a3, :a4, :a5, :a6, :a7);

-- name: ledger_balance
-- index: ledger_account primary key
SELECT balance FROM ledger_account WHERE id = :account;

-- name: ledger_user
-- index: ledger_account primary key
SELECT id & 15, balance FROM ledger_account
WHERE id BETWEEN :user * 16 + 1 AND :user * 16 + 11;

-- name: ledger_entry_add
-- index: entry primary key; entry_account, ledger_account primary key
INSERT INTO entry(transfer_id, n, account_id, amount, balance)
VALUES (:transfer, :n, :account, :amount, :balance);

-- name: ledger_add
-- index: transfer primary key; entry primary key
INSERT INTO transfer(id, type, reference, at, note, hash)
VALUES (:id, :type, :reference, :at, :note, :hash);
