-- Referrals and their bonuses.

-- The inviter of a user with exactly one credited payment, if no referral was
-- paid for this user before and the inviter exists.
-- name: referral_due
-- index: primary keys
SELECT i.id FROM user AS u
CROSS JOIN user AS i ON i.id = u.referred_by
WHERE u.id = :user AND i.id <> u.id AND i.status <> 2
    AND (SELECT t.paid FROM payment_total AS t WHERE t.user_id = u.id) = 1
    AND NOT EXISTS (SELECT 1 FROM referral AS r WHERE r.invited_id = u.id);

-- name: referral_add
-- index: none: an insert
INSERT INTO referral(invited_id, inviter_id, payment_id, inviter_bonus,
    invited_bonus, paid_at)
VALUES (:invited, :inviter, :payment, :inviter_bonus, :invited_bonus, :now);

-- name: referral_total
-- index: primary keys
SELECT u.referral_code, coalesce(t.invited, 0), coalesce(t.paid, 0),
    coalesce(t.earned, 0)
FROM user AS u LEFT JOIN referral_total AS t ON t.user_id = u.id
WHERE u.id = :user;

-- name: referral_list
-- index: user_referred_by; referral primary key
SELECT u.id, iif(u.status = 2, NULL, u.username), u.created_at,
    coalesce(r.inviter_bonus, 0), r.paid_at
FROM user AS u INDEXED BY user_referred_by
LEFT JOIN referral AS r ON r.invited_id = u.id
WHERE u.referred_by = :user AND u.id < :before AND u.status <> 0
ORDER BY u.id DESC LIMIT :limit OFFSET :offset;
