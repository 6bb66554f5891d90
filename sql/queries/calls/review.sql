-- Reviews of sessions by customers.

-- name: review_add
-- index: none: an insert
INSERT INTO review(session_id, listener_id, customer_id, rating, comment,
    created_at)
VALUES (:session, :listener, :customer, :rating, :comment, :now);

-- name: review_set_hidden
-- index: review primary key
UPDATE review SET hidden = :hidden WHERE session_id = :session;

-- name: review_get
-- index: review and user primary keys
SELECT r.session_id, r.listener_id, r.customer_id,
    iif(u.status = 2, NULL, u.username), r.rating, r.comment, r.hidden,
    r.counts, r.created_at, l.username
FROM review AS r
CROSS JOIN user AS u ON u.id = r.customer_id
CROSS JOIN user AS l ON l.id = r.listener_id
WHERE r.session_id = :session;

-- The state of a review, as JSON for the audit.
-- name: review_state
-- index: review primary key
SELECT json_object('hidden', json(iif(hidden, 'true', 'false')),
    'reason', :reason)
FROM review WHERE session_id = :session;

-- The reviews that count for a listener.
-- name: review_list
-- index: review_listener; user primary key
SELECT r.session_id, iif(u.status = 2, NULL, u.username), r.rating,
    iif(u.status = 2, NULL, r.comment), r.created_at
FROM review AS r
CROSS JOIN user AS u ON u.id = r.customer_id
WHERE r.listener_id = :listener AND r.counts = 1 AND r.session_id < :before
ORDER BY r.session_id DESC LIMIT :limit OFFSET :offset;

-- All reviews, for administrators. Each statement has the columns of
-- review_get and uses the index of one filter.
-- name: review_ids
-- index: review primary key
SELECT session_id FROM review WHERE session_id < :before
ORDER BY session_id DESC LIMIT :limit OFFSET :offset;

-- name: review_ids_listener
-- index: review_listener_hidden
SELECT session_id FROM review INDEXED BY review_listener_hidden
WHERE listener_id = :listener AND hidden = 0 AND session_id < :before
    AND :hidden <> 1
UNION ALL
SELECT session_id FROM review INDEXED BY review_listener_hidden
WHERE listener_id = :listener AND hidden = 1 AND session_id < :before
    AND :hidden <> 0
ORDER BY session_id DESC LIMIT :limit OFFSET :offset;

-- name: review_ids_hidden
-- index: review_hidden
SELECT session_id FROM review INDEXED BY review_hidden
WHERE hidden = 1 AND session_id < :before
ORDER BY session_id DESC LIMIT :limit OFFSET :offset;

-- Most reviews are visible.
-- name: review_ids_visible
-- index: review primary key
SELECT session_id FROM review WHERE hidden = 0 AND session_id < :before
ORDER BY session_id DESC LIMIT :limit OFFSET :offset;

-- name: review_items
-- index: review and user primary keys
SELECT r.session_id, r.listener_id, r.customer_id,
    iif(u.status = 2, NULL, u.username), r.rating, r.comment, r.hidden,
    r.counts, r.created_at, l.username
FROM json_each(:ids) AS j
CROSS JOIN review AS r ON r.session_id = j.value
CROSS JOIN user AS u ON u.id = r.customer_id
CROSS JOIN user AS l ON l.id = r.listener_id;

-- name: review_count
-- index: counter primary key
SELECT sum(n) FROM counter
WHERE name IN ('review:0', 'review:1')
    AND (:hidden < 0 OR name = 'review:' || :hidden);

-- The reviews of a listener, up to :max.
-- name: review_count_listener
-- index: review_listener_hidden, covering
SELECT count(*) FROM (SELECT 1 FROM review INDEXED BY review_listener_hidden
    WHERE listener_id = :listener AND hidden IN (0, 1)
    AND (:hidden < 0 OR hidden = :hidden) LIMIT :max);
