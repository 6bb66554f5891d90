-- Statements of the ledger. An account is user * 16 + kind.

-- name: ledger_last
-- index: transfer primary key
SELECT id, hash FROM transfer WHERE id = (SELECT max(id) FROM transfer);

-- name: ledger_balance
-- index: ledger_account primary key
SELECT balance FROM ledger_account WHERE id = :account;

-- name: ledger_user
-- index: ledger_account primary key
SELECT id & 15, balance FROM ledger_account
WHERE id BETWEEN :user * 16 + 1 AND :user * 16 + 12;

-- name: ledger_entry_add
-- index: entry and ledger_account primary keys
INSERT INTO entry(transfer_id, n, account_id, amount, balance)
VALUES (:transfer, :n, :account, :amount, :balance);

-- name: ledger_add
-- index: transfer primary key; entry primary key
INSERT INTO transfer(id, type, reference, at, note, hash)
VALUES (:id, :type, :reference, :at, :note, :hash);

-- The verification reads all rows from a transfer on, sorted by number.
-- name: ledger_verify_size
-- index: ledger_account primary key
-- allow: scan
SELECT count(*) FROM ledger_account;

-- name: ledger_verify_accounts
-- index: ledger_account primary key
-- allow: scan
SELECT id, balance FROM ledger_account ORDER BY id;

-- name: ledger_verify_transfers
-- index: transfer primary key
SELECT id, type, reference, at, note, hash FROM transfer WHERE id >= :first
ORDER BY id;

-- name: ledger_verify_entries
-- index: entry primary key
SELECT transfer_id, n, account_id, amount, balance FROM entry
WHERE transfer_id >= :first ORDER BY transfer_id, n;

-- name: ledger_verify_wallet_entries
-- index: wallet_entry primary key
SELECT transfer_id, user_id, at, type, earned, n, type_n, amount, balance
FROM wallet_entry WHERE transfer_id >= :first ORDER BY transfer_id, user_id;

-- The sum of the entries after a transfer, by account.
-- name: ledger_verify_moved
-- index: entry primary key
-- allow: sort
SELECT account_id, sum(amount) FROM entry WHERE transfer_id > :id
GROUP BY account_id ORDER BY account_id;

-- The last wallet entry of a user up to a transfer: of all types, or of one.
-- name: ledger_verify_entry
-- index: wallet_entry_user, wallet_entry primary key
SELECT at, n FROM wallet_entry
WHERE user_id = :user AND transfer_id <= :id
ORDER BY at DESC, transfer_id DESC LIMIT 1;

-- name: ledger_verify_entry_type
-- index: wallet_entry_type, wallet_entry primary key
SELECT type_n FROM wallet_entry
WHERE user_id = :user AND type = :type AND transfer_id <= :id
ORDER BY at DESC, transfer_id DESC LIMIT 1;

-- name: ledger_verify_hash
-- index: transfer primary key
SELECT hash FROM transfer WHERE id = :id;

-- name: ledger_verify_payment
-- index: payment primary key
SELECT user_id, amount, credited_at FROM payment WHERE id = :id;

-- name: ledger_verify_sessions
-- index: session_live_customer
-- allow: scan
SELECT id, customer_id, held_wallet + held_bonus FROM session
WHERE state = 0 ORDER BY customer_id;

-- Money of a deleted account: a balance, or earnings that are not payable.
-- name: ledger_verify_closed
-- index: user_unusual; ledger_account and closed_wallet primary keys
SELECT a.id, a.balance FROM user AS u INDEXED BY user_unusual
CROSS JOIN ledger_account AS a
    ON a.id BETWEEN u.id * 16 + 1 AND u.id * 16 + 4
LEFT JOIN closed_wallet AS c ON c.user_id = u.id
WHERE u.status <> 1 AND u.status = 2 AND a.balance > 0
    AND c.unsettled IS NOT 1
    AND (a.id & 15 <> 4 OR c.expires_at IS NULL)
LIMIT 1;

-- name: ledger_verify_paid
-- index: payment primary key
-- allow: scan
SELECT id FROM payment WHERE credited_at IS NOT NULL ORDER BY id;

-- name: ledger_verify_topups
-- index: transfer_topup
-- allow: scan
SELECT reference, id FROM transfer WHERE type = 1 ORDER BY reference, id;
