-- Promotions, their redemptions, and free minutes.

-- name: promotion_by_code
-- index: promotion code
SELECT id, code, kind, value, active, per_user, total, redeemed, starts_at,
    ends_at, note, created_at
FROM promotion WHERE code = :code;

-- name: promotion_get
-- index: promotion primary key
SELECT id, code, kind, value, active, per_user, total, redeemed, starts_at,
    ends_at, note, created_at
FROM promotion WHERE id = :id;

-- name: promotion_list
-- index: promotion primary key
SELECT id, code, kind, value, active, per_user, total, redeemed, starts_at,
    ends_at, note, created_at
FROM promotion WHERE id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: promotion_add
-- index: none: an insert
INSERT INTO promotion(code, kind, value, active, per_user, total, starts_at,
    ends_at, note, created_by, created_at)
VALUES (:code, :kind, :value, :active, :per_user, :total, :starts_at,
    :ends_at, :note, :by, :now);

-- name: promotion_change
-- index: promotion primary key
UPDATE promotion SET active = :active, total = :total, ends_at = :ends_at
WHERE id = :id;

-- A promotion for the audit log.
-- name: promotion_state
-- index: promotion primary key
SELECT json_object('code', code,
    'kind', CASE kind WHEN 1 THEN 'bonus' ELSE 'minutes' END,
    'value', value, 'active', json(iif(active, 'true', 'false')),
    'per_user', per_user, 'total', total,
    'starts_at', strftime('%Y-%m-%dT%H:%M:%SZ', starts_at / 1000, 'unixepoch'),
    'ends_at', strftime('%Y-%m-%dT%H:%M:%SZ', ends_at / 1000, 'unixepoch'))
FROM promotion WHERE id = :id;

-- The number of redemptions by a user.
-- name: promotion_times
-- index: redemption primary key
SELECT coalesce(max(n), 0) FROM redemption
WHERE promotion_id = :promotion AND user_id = :user;

-- name: promotion_count
-- index: promotion primary key
UPDATE promotion SET redeemed = redeemed + 1 WHERE id = :id;

-- name: promotion_redeemed
-- index: none: an insert
INSERT INTO redemption(promotion_id, user_id, n, at)
VALUES (:promotion, :user, :n, :now);

-- name: promotion_minutes
-- index: free_minutes primary key
INSERT INTO free_minutes(user_id, n) VALUES (:user, :n)
ON CONFLICT (user_id) DO UPDATE SET n = n + excluded.n;
