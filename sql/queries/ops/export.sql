-- All data of a user, in pages by id.

-- name: export_favorites
-- index: favorite_pair
SELECT v.kind, v.entity_id, e.uuid, v.created_at, v.notify, v.note
FROM favorite AS v
CROSS JOIN favoritable AS e ON e.kind = v.kind AND e.id = v.entity_id
WHERE v.user_id = :user AND (v.kind, v.entity_id) > (:kind, :after)
    AND NOT EXISTS (SELECT 1 FROM entity_removal AS r
	WHERE r.kind = v.kind AND r.id = v.entity_id)
ORDER BY v.kind, v.entity_id LIMIT :limit;

-- name: export_devices
-- index: device_session_user
SELECT id, user_agent, created_at, used_at, revoked_at FROM device_session
WHERE user_id = :user AND id > :after ORDER BY id LIMIT :limit;

-- name: export_flyers
-- index: flyer_publisher, then favoritable primary key
SELECT f.id, f.publisher_id, f.title, f.description, f.image_url, f.image,
    f.category, f.lat, f.lng, f.address, f.valid_from, f.valid_until,
    f.created_at, f.version, e.favorites_count
FROM flyer AS f CROSS JOIN favoritable AS e ON e.kind = 2 AND e.id = f.id
WHERE f.publisher_id = :user AND f.id > :after ORDER BY f.id LIMIT :limit;

-- name: export_styles
-- index: style_owner
SELECT s.id, s.owner_id, s.uuid, o.uuid, s.name, s.html_url, s.screenshot_url,
    s.created_at, s.updated_at, s.version
FROM style AS s
CROSS JOIN user AS o ON o.id = s.owner_id
WHERE s.owner_id = :user AND s.id > :after ORDER BY s.id LIMIT :limit;

-- name: export_creatives
-- index: creative_owner
SELECT c.id, c.owner_id, c.uuid, c.collection_id, c.creative_format_id,
    c.style_id, c.document_ids, c.asset_ids, c.html_url, c.draft_url,
    c.bundle_id, c.screenshot_url, c.is_published, c.publish_url,
    c.created_at, c.updated_at, c.version
FROM creative AS c
WHERE c.owner_id = :user AND c.is_published = :shared AND c.id > :after ORDER BY c.id LIMIT :limit;

-- name: export_documents
-- index: document_owner
SELECT d.id, d.owner_id, d.uuid, o.uuid, d.title, d.content, d.sources,
    d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
    d.include_research, d.version
FROM document AS d
CROSS JOIN user AS o ON o.id = d.owner_id
WHERE d.owner_id = :user AND d.is_public = :shared AND d.id > :after ORDER BY d.id LIMIT :limit;

-- name: export_redemptions
-- index: redemption_user, promotion primary key
SELECT r.promotion_id, r.n, p.code, p.kind, p.value, r.at
FROM redemption AS r
CROSS JOIN promotion AS p ON p.id = r.promotion_id
WHERE r.user_id = :user AND (r.promotion_id, r.n) > (:kind, :after)
ORDER BY r.promotion_id, r.n LIMIT :limit;

-- name: export_tickets
-- index: ticket_user
SELECT id, subject, body, category, status, session_id, replies, created_at,
    updated_at
FROM ticket INDEXED BY ticket_user
WHERE user_id = :user AND id > :after ORDER BY id LIMIT :limit;

-- Replies without internal notes. :kind is the ticket of the last row.
-- name: export_replies
-- index: ticket_user, then ticket_reply_ticket
SELECT r.ticket_id, r.id, r.kind, r.body, r.created_at
FROM ticket AS t INDEXED BY ticket_user
CROSS JOIN ticket_reply AS r INDEXED BY ticket_reply_ticket
    ON r.ticket_id = t.id
WHERE t.user_id = :user AND t.id >= :kind
    AND (t.id, r.id) > (:kind, :after) AND r.kind <> 3
ORDER BY t.id, r.id LIMIT :limit;

-- name: export_feedback
-- index: feedback_user
SELECT id, kind, rating, body, app, created_at
FROM feedback INDEXED BY feedback_user
WHERE user_id = :user AND id > :after ORDER BY id LIMIT :limit;

-- name: export_blocks
-- index: user_block and user primary keys
SELECT b.blocked_id, iif(u.status = 2, NULL, u.username), b.created_at
FROM user_block AS b CROSS JOIN user AS u ON u.id = b.blocked_id
WHERE b.user_id = :user AND b.blocked_id > :after
ORDER BY b.blocked_id LIMIT :limit;

-- Reports by the user, without the decisions.
-- name: export_reports
-- index: report_reporter_id
SELECT id, user_id, reason, text, call_id, review_id, flyer_id, created_at
FROM report INDEXED BY report_reporter_id
WHERE reporter_id = :user AND id > :after ORDER BY id LIMIT :limit;
