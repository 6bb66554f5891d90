-- Reports of users about users.

-- The columns of a report r, for read_report(). a: the reporter, u: the
-- reported user, f: the flyer.
-- fragment: report_columns
    r.id, r.reporter_id, iif(a.status = 2, NULL, a.username), r.user_id,
    iif(u.status = 2, NULL, u.username), r.reason, r.text, r.call_id,
    r.review_id, r.flyer_id, f.title, u.image, r.status, r.action, r.note, r.decided_by, r.decided_at,
    r.created_at, (SELECT count(*) FROM report AS o
	WHERE o.user_id = r.user_id AND o.status = 1)

-- name: report_add
-- index: none: an insert
INSERT INTO report(reporter_id, user_id, reason, text, call_id, review_id,
    flyer_id, created_at)
VALUES (:reporter, :user, :reason, :text, :call, :review, :flyer, :now);

-- An equal open report of the same user.
-- name: report_same
-- index: report_reporter
SELECT id FROM report INDEXED BY report_reporter
WHERE reporter_id = :reporter AND user_id = :user AND status = 1
    AND reason = :reason AND text IS :text AND call_id IS :call
    AND review_id IS :review AND flyer_id IS :flyer
LIMIT 1;

-- name: report_user
-- index: user primary key
SELECT 1 FROM user WHERE id = :user AND status <> 2;

-- A call of both users.
-- name: report_call
-- index: call primary key
SELECT 1 FROM call
WHERE id = :call AND :user IN (caller_id, callee_id)
    AND :reporter IN (caller_id, callee_id);

-- A visible review.
-- name: report_review
-- index: review primary key
SELECT 1 FROM review WHERE session_id = :review AND hidden = 0;

-- A flyer of the reported user.
-- name: report_flyer
-- index: flyer primary key
SELECT 1 FROM flyer WHERE id = :flyer AND publisher_id = :user
    AND publisher_id NOT IN (SELECT user_id FROM account_removal);

-- name: report_get
-- index: report, user and flyer primary keys, report_user
SELECT
-- use: report_columns
FROM report AS r
LEFT JOIN user AS a ON a.id = r.reporter_id
JOIN user AS u ON u.id = r.user_id
LEFT JOIN flyer AS f ON f.id = r.flyer_id
WHERE r.id = :id;

-- name: report_items
-- index: report, user and flyer primary keys, report_user
SELECT
-- use: report_columns
FROM json_each(:ids) AS j
CROSS JOIN report AS r ON r.id = j.value
LEFT JOIN user AS a ON a.id = r.reporter_id
JOIN user AS u ON u.id = r.user_id
LEFT JOIN flyer AS f ON f.id = r.flyer_id;

-- Pages of ids. Each statement uses the index of its filters.
-- name: report_ids
-- index: report primary key
SELECT id FROM report WHERE id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: report_ids_status
-- index: report_status
SELECT id FROM report INDEXED BY report_status
WHERE status = :status AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: report_ids_user
-- index: report_user
SELECT id FROM report INDEXED BY report_user
WHERE user_id = :user AND status = 1 AND id < :before
    AND (:status = 0 OR status = :status)
UNION ALL
SELECT id FROM report INDEXED BY report_user
WHERE user_id = :user AND status = 2 AND id < :before
    AND (:status = 0 OR status = :status)
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: report_count
-- index: counter primary key
SELECT sum(n) FROM counter
WHERE name IN ('report:1', 'report:2')
    AND (:status = 0 OR name = 'report:' || :status);

-- name: report_count_user
-- index: report_user, covering
SELECT count(*) FROM report
WHERE user_id = :user AND status IN (1, 2)
    AND (:status = 0 OR status = :status);

-- name: report_close
-- index: report primary key
UPDATE report SET status = 2, action = :action, note = :note,
    decided_by = :by, decided_at = :now
WHERE id = :id AND status = 1;

-- The state of a report, as JSON for the audit. It has no texts of users.
-- name: report_state
-- index: report primary key
SELECT json_object('user_id', user_id, 'status',
    iif(status = 1, 'open', 'closed'), 'action', CASE action
	WHEN 1 THEN 'dismiss' WHEN 2 THEN 'hide' WHEN 3 THEN 'warn'
	WHEN 4 THEN 'ban' END, 'note', note)
FROM report WHERE id = :id;

-- Whether a user is a listener.
-- name: report_listener
-- index: listener primary key
SELECT EXISTS (SELECT 1 FROM listener WHERE user_id = :user);
