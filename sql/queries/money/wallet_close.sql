-- The wallets of deleted accounts.

-- name: wallet_close_add
-- index: closed_wallet primary key
INSERT INTO closed_wallet(user_id, payout_contact, closed_at, expires_at)
VALUES (:user, :contact, :now, :expires)
ON CONFLICT (user_id) DO NOTHING;

-- name: wallet_close_get
-- index: closed_wallet primary key
SELECT payout_contact, expires_at FROM closed_wallet WHERE user_id = :user;

-- An account with earnings. The end of the time does not change later.
-- name: wallet_close_payable
-- index: closed_wallet primary key
UPDATE closed_wallet SET expires_at = coalesce(expires_at, :expires),
    unsettled = 0
WHERE user_id = :user AND (expires_at IS NULL OR unsettled = 1);

-- An account without earnings.
-- name: wallet_close_paid
-- index: closed_wallet primary key
UPDATE closed_wallet SET expires_at = NULL, payout_contact = NULL,
    unsettled = 0
WHERE user_id = :user AND (expires_at IS NOT NULL OR unsettled = 1);

-- name: wallet_close_due
-- index: closed_wallet_unsettled, which has few; closed_wallet_expires
-- allow: scan
SELECT user_id, 1 FROM closed_wallet INDEXED BY closed_wallet_unsettled
WHERE unsettled = 1
UNION ALL
SELECT user_id, 0 FROM closed_wallet INDEXED BY closed_wallet_expires
WHERE expires_at <= :now AND unsettled = 0
LIMIT :max;
