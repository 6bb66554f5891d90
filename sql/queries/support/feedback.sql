-- Feedback of users. The lists are like those of tickets. If :rating is 0,
-- feedback without a rating is listed.

-- name: feedback_add
-- index: none: an insert
INSERT INTO feedback(user_id, kind, rating, body, app, created_at)
VALUES (:user, :kind, :rating, :body, :app, :now);

-- name: feedback_list
-- index: feedback and user primary keys
SELECT f.id, f.user_id, u.username, f.kind, f.rating, f.body, f.app,
    f.created_at
FROM feedback AS f
CROSS JOIN user AS u ON u.id = f.user_id
WHERE f.id < :id
ORDER BY f.id DESC LIMIT :limit OFFSET :offset;

-- name: feedback_list_kind
-- index: feedback_kind, user primary key
SELECT f.id, f.user_id, u.username, f.kind, f.rating, f.body, f.app,
    f.created_at
FROM feedback AS f INDEXED BY feedback_kind
CROSS JOIN user AS u ON u.id = f.user_id
WHERE f.kind = :kind AND f.id < :id
ORDER BY f.id DESC LIMIT :limit OFFSET :offset;

-- name: feedback_list_kind_rating
-- index: feedback_kind_rating, user primary key
SELECT f.id, f.user_id, u.username, f.kind, f.rating, f.body, f.app,
    f.created_at
FROM feedback AS f INDEXED BY feedback_kind_rating
CROSS JOIN user AS u ON u.id = f.user_id
WHERE f.kind = :kind AND f.rating = :rating AND f.id < :id
ORDER BY f.id DESC LIMIT :limit OFFSET :offset;

-- name: feedback_list_rating
-- index: feedback_rating, user primary key
SELECT f.id, f.user_id, u.username, f.kind, f.rating, f.body, f.app,
    f.created_at
FROM feedback AS f INDEXED BY feedback_rating
CROSS JOIN user AS u ON u.id = f.user_id
WHERE f.rating = :rating AND f.id < :id
ORDER BY f.id DESC LIMIT :limit OFFSET :offset;

-- The table has one row for each kind and rating.
-- name: feedback_count
-- index: feedback_total primary key
-- allow: scan
SELECT coalesce(sum(n), 0) FROM feedback_total
WHERE (:kind IS NULL OR kind = :kind)
    AND (:rating IS NULL OR rating = :rating);
