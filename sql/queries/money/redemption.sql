-- What users were granted by promotions.

-- name: redemption_add
-- index: none: an insert
INSERT INTO redemption(promotion_id, user_id, n, at, expires_at, reserved,
    spent, minutes, max_rate)
VALUES (:promotion, :user, :n, :now, :expires_at, :reserved, :spent, :minutes,
    :max_rate);

-- The benefits of a user that are left.
-- name: redemption_left
-- index: redemption_user, then the primary key of promotion
SELECT r.id, p.code, p.kind, p.value, r.at, r.expires_at, r.minutes,
    r.max_rate, p.max_bonus, p.min_topup, p.first_topup_only
FROM redemption AS r INDEXED BY redemption_user
CROSS JOIN promotion AS p ON p.id = r.promotion_id
WHERE r.user_id = :user
    AND (r.minutes > 0 OR (r.max_rate IS NULL AND r.reserved > 0))
    AND (r.expires_at IS NULL OR r.expires_at > :now)
LIMIT :limit;

-- The benefits that a top-up may earn, in the order of their expiry; those that
-- never expire come first. A top-up earns a benefit if the sixth column is set.
-- name: redemption_topup
-- index: redemption_topup; promotion and payment_total primary keys
SELECT r.id, r.promotion_id, p.code, p.value, r.reserved,
    p.min_topup <= :amount AND (r.expires_at IS NULL OR r.expires_at > :now)
    AND (p.first_topup_only = 0
	OR (SELECT paid FROM payment_total WHERE user_id = :user) = 1),
    r.expires_at IS NOT NULL
FROM redemption AS r INDEXED BY redemption_topup
CROSS JOIN promotion AS p ON p.id = r.promotion_id
WHERE r.user_id = :user AND r.max_rate IS NULL AND r.reserved > 0
ORDER BY r.expires_at, r.id;

-- A benefit for the first top-up only, after another top-up.
-- name: redemption_topup_missed
-- index: redemption_topup; promotion primary key
SELECT r.id, r.promotion_id, r.reserved
FROM redemption AS r INDEXED BY redemption_topup
CROSS JOIN promotion AS p ON p.id = r.promotion_id
WHERE r.user_id = :user AND r.max_rate IS NULL AND r.reserved > 0
    AND p.first_topup_only = 1 LIMIT 1;

-- name: redemption_earned
-- index: redemption primary key
UPDATE redemption SET reserved = 0, spent = :bonus, payment_id = :payment
WHERE id = :id;

-- Ends a benefit and releases what it reserves.
-- name: redemption_release
-- index: redemption primary key
UPDATE redemption SET reserved = reserved - :freed, minutes = 0,
    spent = spent - :unspent, expired = 1
WHERE id = :id;

-- The bonus that a top-up earned, and the reversals of the top-up.
-- name: redemption_of_payment
-- index: redemption_payment; promotion and payment primary keys
SELECT r.id, r.promotion_id, p.code, r.spent, r.clawed_bonus, r.clawed_owed,
    y.amount, y.refunded + y.disputed
FROM redemption AS r
CROSS JOIN promotion AS p ON p.id = r.promotion_id
CROSS JOIN payment AS y ON y.id = r.payment_id
WHERE r.payment_id = :payment;

-- name: redemption_clawed
-- index: redemption primary key
UPDATE redemption SET clawed_bonus = clawed_bonus + :bonus,
    clawed_owed = clawed_owed + :owed
WHERE id = :id;

-- Benefits that expired.
-- name: redemption_expired
-- index: redemption_expires, then the primary key of promotion
SELECT r.id, r.promotion_id, r.user_id, p.kind, p.code, r.at,
    iif(r.max_rate IS NULL, r.reserved, r.minutes * r.max_rate), r.spent
FROM redemption AS r INDEXED BY redemption_expires
CROSS JOIN promotion AS p ON p.id = r.promotion_id
WHERE r.expires_at <= :now AND r.expires_at IS NOT NULL AND r.expired = 0
ORDER BY r.expires_at LIMIT :limit;

-- Benefits of a user whose cost is reserved.
-- name: redemption_forfeit
-- index: redemption_user
SELECT id, promotion_id,
    iif(max_rate IS NULL, reserved, minutes * max_rate)
FROM redemption INDEXED BY redemption_user
WHERE user_id = :user AND (minutes > 0 OR (max_rate IS NULL AND reserved > 0))
LIMIT 1;

-- The sum of the bonuses that a user got after a time.
-- name: redemption_bonus_since
-- index: wallet_entry_type
SELECT coalesce(sum(max(amount, 0)), 0) FROM wallet_entry
WHERE user_id = :user AND type = 4 AND at > :at;
