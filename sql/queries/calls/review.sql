-- Reviews of sessions by customers.

-- name: review_add
-- index: none: an insert
INSERT INTO review(session_id, listener_id, customer_id, rating, comment,
    created_at)
VALUES (:session, :listener, :customer, :rating, :comment, :now);

-- name: review_hide
-- index: review primary key
UPDATE review SET hidden = 1 WHERE session_id = :session AND hidden = 0;

-- name: review_list
-- index: review_listener; user primary key
SELECT r.session_id, iif(u.status = 2, NULL, u.username), r.rating,
    iif(u.status = 2, NULL, r.comment), r.created_at
FROM review AS r
CROSS JOIN user AS u ON u.id = r.customer_id
WHERE r.listener_id = :listener AND r.hidden = 0 AND r.session_id < :before
ORDER BY r.session_id DESC LIMIT :limit OFFSET :offset;
