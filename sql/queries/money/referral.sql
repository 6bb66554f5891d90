-- Referrals and their bonuses.

-- name: referral_first_payment
-- index: payment_total primary key
SELECT paid = 1 FROM payment_total WHERE user_id = :user;

-- Begins the referral of a user after the first credited payment, if the inviter
-- exists and the user has no former account.
-- name: referral_begin
-- index: primary keys
INSERT INTO referral(invited_id, inviter_id, payment_id, topup_at, due_at)
SELECT u.id, i.id, :payment, :now, :due_at FROM user AS u
CROSS JOIN user AS i ON i.id = u.referred_by
WHERE u.id = :user AND i.id <> u.id AND i.status <> 2
    AND NOT EXISTS (SELECT 1 FROM referral AS r WHERE r.invited_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM returning_user AS f WHERE f.user_id = u.id);

-- Adds to the commission. A referral that waits for it becomes due. One that was
-- paid becomes due if the commission decreases.
-- name: referral_commission
-- index: referral primary key
UPDATE referral SET commission = commission + :commission,
    due_at = iif(paid_at IS NULL OR :commission < 0, coalesce(due_at, :now),
	due_at)
WHERE invited_id = :invited AND inviter_id <> :listener;

-- A referral, whether both accounts are active, and whether it is reversed: a
-- payment that was credited before the bonus was paid is reversed in part, or
-- the commission is too low for the bonus that was paid.
-- name: referral_get
-- index: referral and user primary keys; payment_user
SELECT r.invited_id, r.inviter_id, r.payment_id, r.topup_at, r.commission,
    r.due_at, r.inviter_bonus, r.invited_bonus, r.paid_at, r.clawed_at,
    r.inviter_owed, r.invited_owed,
    (SELECT status FROM user WHERE id = r.invited_id) = 1
	AND (SELECT status FROM user WHERE id = r.inviter_id) = 1,
    r.commission < r.min_commission OR EXISTS (SELECT 1 FROM payment AS p
	WHERE p.user_id = r.invited_id AND p.refunded + p.disputed > 0
	AND p.credited_at <= coalesce(r.paid_at, p.credited_at))
FROM referral AS r WHERE r.invited_id = :invited;

-- name: referral_due
-- index: referral primary key
UPDATE referral SET due_at = :due_at
WHERE invited_id = :invited;

-- name: referral_any_due
-- index: referral_due
SELECT invited_id FROM referral
WHERE due_at IS NOT NULL AND due_at <= :until ORDER BY due_at LIMIT :limit;

-- name: referral_paid
-- index: referral primary key
UPDATE referral SET inviter_bonus = :inviter_bonus,
    invited_bonus = :invited_bonus, min_commission = :min_commission,
    paid_at = :now, due_at = NULL
WHERE invited_id = :invited AND paid_at IS NULL;

-- name: referral_clawed
-- index: referral primary key
UPDATE referral SET clawed_at = :clawed_at, inviter_owed = :inviter_owed,
    invited_owed = :invited_owed
WHERE invited_id = :invited;

-- The users that an inviter, or a former account of the inviter, was paid for.
-- name: referral_month
-- index: referral_inviter; returning_user primary key
WITH RECURSIVE account(id) AS (
    VALUES (:inviter)
    UNION
    SELECT f.former_id FROM account AS a
    CROSS JOIN returning_user AS f ON f.user_id = a.id
    LIMIT 100)
SELECT count(*), min(r.paid_at) FROM account AS a
CROSS JOIN referral AS r ON r.inviter_id = a.id
WHERE r.paid_at > :since;

-- name: referral_total
-- index: primary keys
SELECT u.referral_code, coalesce(t.invited, 0), coalesce(t.paid, 0),
    coalesce(t.earned, 0)
FROM user AS u LEFT JOIN referral_total AS t ON t.user_id = u.id
WHERE u.id = :user;

-- name: referral_list
-- index: user_referred_by; referral primary key
SELECT u.id, iif(u.status = 2, NULL, u.username), u.created_at,
    r.invited_id IS NOT NULL, coalesce(r.inviter_bonus, 0), r.paid_at,
    r.clawed_at IS NOT NULL
FROM user AS u INDEXED BY user_referred_by
LEFT JOIN referral AS r ON r.invited_id = u.id
WHERE u.referred_by = :user AND u.id < :before AND u.status <> 0
ORDER BY u.id DESC LIMIT :limit OFFSET :offset;
