-- Promotions, and who may redeem them.

-- fragment: promotion_columns
SELECT id, code, kind, value, active, per_user, total, redeemed, starts_at,
    ends_at, note, created_at, max_rate, max_bonus, min_topup,
    first_topup_only, audience, listed, budget, reserved, spent, valid_days

-- name: promotion_by_code
-- index: promotion code
-- use: promotion_columns
FROM promotion WHERE code = :code;

-- name: promotion_get
-- index: promotion primary key
-- use: promotion_columns
FROM promotion WHERE id = :id;

-- name: promotion_list
-- index: promotion primary key
-- use: promotion_columns
FROM promotion WHERE id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- The listed promotions that run at :now, with what decides whether a user may
-- redeem them (see promotion_caller).
-- name: promotion_listed
-- index: promotion_listed; redemption_user; primary keys
-- use: promotion_columns
    , coalesce((SELECT max(n) FROM redemption INDEXED BY redemption_user
	WHERE user_id = :user AND promotion_id = promotion.id), 0),
    coalesce((SELECT n FROM former_redemption
	WHERE user_id = :user AND promotion_id = promotion.id), 0),
    coalesce((SELECT paid FROM payment_total WHERE user_id = :user), 0),
    EXISTS (SELECT 1 FROM returning_user WHERE user_id = :user),
    EXISTS (SELECT 1 FROM promotion_user
	WHERE promotion_id = promotion.id AND user_id = :user)
FROM promotion INDEXED BY promotion_listed
WHERE listed = 1 AND active = 1 AND id > 0
    AND (starts_at IS NULL OR starts_at <= :now)
    AND (ends_at IS NULL OR ends_at > :now)
ORDER BY id DESC LIMIT :limit;

-- name: promotion_add
-- index: none: an insert
INSERT INTO promotion(code, kind, value, max_rate, max_bonus, min_topup,
    first_topup_only, audience, listed, active, per_user, total, budget,
    valid_days, starts_at, ends_at, note, created_by, created_at)
VALUES (:code, :kind, :value, :max_rate, :max_bonus, :min_topup,
    :first_topup_only, :audience, :listed, :active, :per_user, :total,
    :budget, :valid_days, :starts_at, :ends_at, :note, :by, :now);

-- Adds a user to the list of a promotion. No row is inserted if the user does
-- not exist, is deleted, or has not verified an address.
-- name: promotion_user_add
-- index: user primary key
INSERT INTO promotion_user(promotion_id, user_id)
SELECT :promotion, id FROM user WHERE id = :user AND status IN (1, 3);

-- name: promotion_change
-- index: promotion primary key
UPDATE promotion SET active = :active, listed = :listed, total = :total,
    ends_at = :ends_at, budget = :budget
WHERE id = :id;

-- A promotion for the audit log.
-- name: promotion_state
-- index: promotion primary key; promotion_user primary key
SELECT json_object('code', code, 'kind', CASE kind WHEN 1 THEN 'bonus'
    WHEN 2 THEN 'minutes' ELSE 'topup_percent' END,
    'value', value, 'max_rate', max_rate, 'max_bonus', max_bonus,
    'min_topup', min_topup,
    'first_topup_only', json(iif(first_topup_only, 'true', 'false')),
    'audience', CASE audience WHEN 1 THEN 'all' WHEN 2 THEN 'new'
    ELSE 'list' END,
    'users', (SELECT count(*) FROM promotion_user WHERE promotion_id = :id),
    'listed', json(iif(listed, 'true', 'false')),
    'active', json(iif(active, 'true', 'false')),
    'per_user', per_user, 'total', total, 'budget', budget,
    'valid_days', valid_days,
    'starts_at', strftime('%Y-%m-%dT%H:%M:%SZ', starts_at / 1000, 'unixepoch'),
    'ends_at', strftime('%Y-%m-%dT%H:%M:%SZ', ends_at / 1000, 'unixepoch'))
FROM promotion WHERE id = :id;

-- What decides whether a user may redeem a promotion: the redemptions by the
-- user and by former accounts, the credited payments, whether the account has
-- a former account, and whether the user is on the list.
-- name: promotion_caller
-- index: redemption_user; primary keys
SELECT coalesce((SELECT max(n) FROM redemption INDEXED BY redemption_user
	WHERE user_id = :user AND promotion_id = :promotion), 0),
    coalesce((SELECT n FROM former_redemption
	WHERE user_id = :user AND promotion_id = :promotion), 0),
    coalesce((SELECT paid FROM payment_total WHERE user_id = :user), 0),
    EXISTS (SELECT 1 FROM returning_user WHERE user_id = :user),
    EXISTS (SELECT 1 FROM promotion_user
	WHERE promotion_id = :promotion AND user_id = :user);

-- name: promotion_count
-- index: promotion primary key
UPDATE promotion SET redeemed = redeemed + 1, reserved = reserved + :reserved,
    spent = spent + :spent
WHERE id = :id;

-- A cost replaces a reserved amount.
-- name: promotion_spend
-- index: promotion primary key
UPDATE promotion SET reserved = reserved - :freed, spent = spent + :cost
WHERE id = :id;
