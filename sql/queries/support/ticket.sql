-- Tickets. Lists have ids below :id, newest first, and use an index with all
-- filters. Lists of a user and searches filter row by row. :assignee null is
-- all, 0 is tickets without an assignee.

-- name: ticket_add
-- index: none: an insert
INSERT INTO ticket(user_id, subject, body, category, session_id, created_at,
    updated_at)
VALUES (:user, :subject, :body, :category, :session, :now, :now);

-- name: ticket_get
-- index: ticket and user primary keys
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at, t.body
FROM ticket AS t
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE t.id = :id;

-- name: ticket_update
-- index: ticket primary key
UPDATE ticket SET status = :status, category = :category,
    assignee_id = :assignee, version = :version, updated_at = :updated,
    solved_at = :solved
WHERE id = :id;

-- The state of a ticket, as JSON for the audit.
-- name: ticket_state
-- index: ticket primary key
SELECT json_object('status', CASE status WHEN 1 THEN 'open'
	WHEN 2 THEN 'pending' WHEN 3 THEN 'solved' ELSE 'closed' END,
    'category', CASE category WHEN 1 THEN 'account' WHEN 2 THEN 'payment'
	WHEN 3 THEN 'call' WHEN 4 THEN 'listener' WHEN 5 THEN 'safety'
	ELSE 'other' END,
    'assignee_id', assignee_id, 'replies', replies, 'notes', notes)
FROM ticket WHERE id = :id;

-- name: ticket_list
-- index: ticket primary key, then user's
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM ticket AS t
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE t.id < :id
ORDER BY t.id DESC LIMIT :limit OFFSET :offset;

-- name: ticket_list_category
-- index: ticket_category, user primary key
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM ticket AS t INDEXED BY ticket_category
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE t.category = :category AND t.id < :id
ORDER BY t.id DESC LIMIT :limit OFFSET :offset;

-- name: ticket_list_status
-- index: ticket_status, user primary key
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM ticket AS t INDEXED BY ticket_status
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE t.status = :status AND t.id < :id
ORDER BY t.id DESC LIMIT :limit OFFSET :offset;

-- name: ticket_list_status_category
-- index: ticket_status_category, user primary key
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM ticket AS t INDEXED BY ticket_status_category
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE t.status = :status AND t.category = :category AND t.id < :id
ORDER BY t.id DESC LIMIT :limit OFFSET :offset;

-- name: ticket_list_assignee
-- index: ticket_assignee, user primary key
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM ticket AS t INDEXED BY ticket_assignee
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE t.assignee_id IS nullif(:assignee, 0) AND t.id < :id
ORDER BY t.id DESC LIMIT :limit OFFSET :offset;

-- name: ticket_list_assignee_category
-- index: ticket_queue_category, for each status; primary keys
WITH hit(id) AS (SELECT id FROM (
    SELECT id FROM ticket INDEXED BY ticket_queue_category
	WHERE assignee_id IS nullif(:assignee, 0) AND status = 1
	AND category = :category AND id < :id
    UNION ALL SELECT id FROM ticket INDEXED BY ticket_queue_category
	WHERE assignee_id IS nullif(:assignee, 0) AND status = 2
	AND category = :category AND id < :id
    UNION ALL SELECT id FROM ticket INDEXED BY ticket_queue_category
	WHERE assignee_id IS nullif(:assignee, 0) AND status = 3
	AND category = :category AND id < :id
    UNION ALL SELECT id FROM ticket INDEXED BY ticket_queue_category
	WHERE assignee_id IS nullif(:assignee, 0) AND status = 4
	AND category = :category AND id < :id
    ORDER BY id DESC LIMIT :limit OFFSET :offset))
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM hit AS h
CROSS JOIN ticket AS t ON t.id = h.id
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id;

-- name: ticket_list_queue
-- index: ticket_queue, user primary key
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM ticket AS t INDEXED BY ticket_queue
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE t.assignee_id IS nullif(:assignee, 0) AND t.status = :status
    AND t.id < :id
ORDER BY t.id DESC LIMIT :limit OFFSET :offset;

-- name: ticket_list_queue_category
-- index: ticket_queue_category, user primary key
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM ticket AS t INDEXED BY ticket_queue_category
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE t.assignee_id IS nullif(:assignee, 0) AND t.status = :status
    AND t.category = :category AND t.id < :id
ORDER BY t.id DESC LIMIT :limit OFFSET :offset;

-- name: ticket_list_user
-- index: ticket_user, user primary key
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM ticket AS t INDEXED BY ticket_user
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE t.user_id = :user AND t.id < :id
    AND (:category IS NULL OR t.category = :category)
    AND (:status IS NULL OR t.status = :status)
    AND (:assignee IS NULL OR coalesce(t.assignee_id, 0) = :assignee)
ORDER BY t.id DESC LIMIT :limit OFFSET :offset;

-- name: ticket_list_matching
-- index: ticket_text (fts5), which walks ids downwards; primary keys
SELECT t.id, t.user_id, u.username, t.subject, t.category, t.session_id,
    t.status, t.assignee_id, a.username, t.replies, t.notes, t.version,
    t.created_at, t.updated_at, t.solved_at
FROM ticket_text AS x
CROSS JOIN ticket AS t ON t.id = x.rowid
CROSS JOIN user AS u ON u.id = t.user_id
LEFT JOIN user AS a ON a.id = t.assignee_id
WHERE x.ticket_text MATCH :match AND x.rowid < :id
    AND (:user IS NULL OR t.user_id = :user)
    AND (:category IS NULL OR t.category = :category)
    AND (:status IS NULL OR t.status = :status)
    AND (:assignee IS NULL OR coalesce(t.assignee_id, 0) = :assignee)
ORDER BY x.rowid DESC LIMIT :limit OFFSET :offset;

-- The table has one row for each status, category and assignee.
-- name: ticket_count
-- index: ticket_total primary key
-- allow: scan
SELECT coalesce(sum(n), 0) FROM ticket_total
WHERE (:status IS NULL OR status = :status)
    AND (:category IS NULL OR category = :category)
    AND (:assignee IS NULL OR assignee_id = :assignee);

-- Counts, up to :max.
-- name: ticket_count_user
-- index: ticket_user
SELECT count(*) FROM (SELECT 1 FROM ticket AS t INDEXED BY ticket_user
WHERE t.user_id = :user
    AND (:category IS NULL OR t.category = :category)
    AND (:status IS NULL OR t.status = :status)
    AND (:assignee IS NULL OR coalesce(t.assignee_id, 0) = :assignee)
    LIMIT :max);

-- Without other filters, the full-text index alone is counted.
-- name: ticket_count_matching
-- index: ticket_text (fts5)
SELECT count(*) FROM (SELECT 1 FROM ticket_text AS x
WHERE x.ticket_text MATCH :match LIMIT :max);

-- name: ticket_count_matching_some
-- index: ticket_text (fts5), ticket primary key
SELECT count(*) FROM (SELECT 1 FROM ticket_text AS x
CROSS JOIN ticket AS t ON t.id = x.rowid
WHERE x.ticket_text MATCH :match
    AND (:user IS NULL OR t.user_id = :user)
    AND (:category IS NULL OR t.category = :category)
    AND (:status IS NULL OR t.status = :status)
    AND (:assignee IS NULL OR coalesce(t.assignee_id, 0) = :assignee)
    LIMIT :max);

-- name: ticket_reply_add
-- index: none: an insert
INSERT INTO ticket_reply(ticket_id, author_id, kind, body, created_at)
VALUES (:ticket, :author, :kind, :body, :now);

-- Oldest first. :notes is whether notes are included.
-- name: ticket_replies
-- index: ticket_reply_ticket, user primary key
SELECT r.id, r.author_id, u.username, r.kind, r.body, r.created_at
FROM ticket_reply AS r
CROSS JOIN user AS u ON u.id = r.author_id
WHERE r.ticket_id = :ticket AND r.id > :after AND (:notes OR r.kind <> 3)
ORDER BY r.id LIMIT :limit OFFSET :offset;

-- name: ticket_stale
-- index: ticket_solved
SELECT id FROM ticket INDEXED BY ticket_solved
WHERE status = 3 AND solved_at <= :before ORDER BY solved_at LIMIT :max;

-- name: ticket_close
-- index: ticket_solved, then the primary key
UPDATE ticket SET status = 4, solved_at = NULL, version = version + 1,
    updated_at = :now
WHERE id IN (SELECT id FROM ticket INDEXED BY ticket_solved
    WHERE status = 3 AND solved_at <= :before ORDER BY solved_at LIMIT :max);
