-- Deletions in batches. :max is the maximum number of rows.

-- name: removal_saves
-- index: favoritable primary key
SELECT favorites_count FROM favoritable WHERE kind = :kind AND id = :id;

-- name: removal_entity_mark
-- index: entity_removal primary key
INSERT INTO entity_removal(kind, id, uuid, request_id, created_at)
VALUES (:kind, :id, :uuid, :request, :now);

-- Logs "unsaved" for the users whose favorites the next statement deletes.
-- name: removal_log
-- index: favorite_entity, whose entries end with the id
INSERT INTO favorite_log(user_id, kind, entity_id, entity_uuid, action, at,
    request_id)
SELECT f.user_id, f.kind, f.entity_id, :uuid, 0, :now, :request
FROM favorite AS f
WHERE f.kind = :kind AND f.entity_id = :id ORDER BY f.id LIMIT :max;

-- name: removal_favorites
-- index: favorite_entity, then the primary key
DELETE FROM favorite WHERE id IN (SELECT f.id FROM favorite AS f
    WHERE f.kind = :kind AND f.entity_id = :id ORDER BY f.id LIMIT :max);

-- The table has few rows.
-- name: removal_entity_next
-- index: entity_removal primary key
-- allow: scan
SELECT kind, id, uuid, request_id FROM entity_removal LIMIT 1;

-- name: removal_entity_drop
-- index: favoritable primary key
DELETE FROM favoritable WHERE kind = :kind AND id = :id;

-- name: removal_entity_done
-- index: entity_removal primary key
DELETE FROM entity_removal WHERE kind = :kind AND id = :id;

-- name: removal_account_mark
-- index: account_removal primary key
INSERT INTO account_removal(user_id, request_id, created_at)
VALUES (:id, :request, :now);

-- Subtracts the account's rows before it is marked. Triggers do not count rows
-- of a marked account.
-- name: removal_account_totals
-- index: counter primary key; the owners' indexes, covering
UPDATE counter SET n = n - CASE name
    WHEN 'flyer' THEN (SELECT count(*) FROM flyer
	WHERE publisher_id = :id)
    WHEN 'style' THEN (SELECT count(*) FROM style WHERE owner_id = :id)
    WHEN 'creative:published' THEN (SELECT count(*) FROM creative
	WHERE owner_id = :id AND is_published = 1)
    ELSE (SELECT count(*) FROM document
	WHERE owner_id = :id AND is_public = 1) END
WHERE name IN ('flyer', 'style', 'creative:published', 'document:public');

-- The table has few rows.
-- name: removal_account_next
-- index: account_removal primary key
-- allow: scan
SELECT user_id, request_id FROM account_removal LIMIT 1;

-- name: removal_account_done
-- index: account_removal primary key
DELETE FROM account_removal WHERE user_id = :id;

-- name: removal_flyer
-- index: flyer_publisher
SELECT id FROM flyer WHERE publisher_id = :id LIMIT 1;

-- name: removal_own_favorites
-- index: favorite_pair
DELETE FROM favorite WHERE id IN (SELECT id FROM favorite
    WHERE user_id = :id LIMIT :max);

-- name: removal_own_log
-- index: favorite_log_user
DELETE FROM favorite_log WHERE seq IN (SELECT seq FROM favorite_log
    WHERE user_id = :id LIMIT :max);

-- name: removal_totals
-- index: favorite_total primary key
DELETE FROM favorite_total WHERE user_id = :id;

-- name: removal_creatives
-- index: creative_owner
DELETE FROM creative WHERE id IN (SELECT id FROM creative
    WHERE owner_id = :id LIMIT :max);

-- name: removal_styles
-- index: style_owner
DELETE FROM style WHERE id IN (SELECT id FROM style
    WHERE owner_id = :id LIMIT :max);

-- name: removal_documents
-- index: document_owner
DELETE FROM document WHERE id IN (SELECT id FROM document
    WHERE owner_id = :id LIMIT :max);

-- name: removal_refresh_tokens
-- index: device_session_user, refresh_token_session
DELETE FROM refresh_token WHERE hash IN (SELECT r.hash
    FROM device_session AS d
    CROSS JOIN refresh_token AS r ON r.session_id = d.id
    WHERE d.user_id = :id LIMIT :max);

-- name: removal_devices
-- index: device_session_user
DELETE FROM device_session WHERE id IN (SELECT id FROM device_session
    WHERE user_id = :id LIMIT :max);

-- name: removal_alerts
-- index: availability_alert_state primary key
DELETE FROM availability_alert_state WHERE (listener_id, user_id) IN (
    SELECT listener_id, user_id FROM availability_alert_state
    WHERE listener_id = :id LIMIT :max);

-- name: removal_alerts_received
-- index: availability_alert_state_user
DELETE FROM availability_alert_state WHERE (listener_id, user_id) IN (
    SELECT listener_id, user_id FROM availability_alert_state
    WHERE user_id = :id LIMIT :max);

-- name: removal_messages
-- index: outbox_user
DELETE FROM outbox WHERE id IN (SELECT id FROM outbox
    WHERE user_id = :id LIMIT :max);

-- name: removal_keys
-- index: idempotency primary key
DELETE FROM idempotency WHERE (user_id, key) IN (
    SELECT user_id, key FROM idempotency WHERE user_id = :id LIMIT :max);

-- The row of notification_total remains, with counts of 0.
-- name: removal_notifications
-- index: notification_user
DELETE FROM notification WHERE id IN (SELECT id FROM notification
    WHERE user_id = :id LIMIT :max);

-- The seq of the next event continues: event_deleted has the last one.
-- name: removal_events
-- index: event (user_id, seq)
DELETE FROM event WHERE id IN (SELECT id FROM event
    WHERE user_id = :id LIMIT :max);

-- A comment may identify its author. The rating remains.
-- name: removal_comments
-- index: review_customer
UPDATE review SET comment = NULL WHERE session_id IN (
    SELECT session_id FROM review WHERE customer_id = :id
    AND comment IS NOT NULL LIMIT :max);

-- Reports stay, without their author.
-- name: removal_reports
-- index: report_reporter
UPDATE report SET reporter_id = NULL, text = NULL WHERE id IN (
    SELECT id FROM report WHERE reporter_id = :id LIMIT :max);

-- name: removal_replies
-- index: ticket_user, ticket_reply_ticket
DELETE FROM ticket_reply WHERE id IN (SELECT r.id FROM ticket AS t
    CROSS JOIN ticket_reply AS r ON r.ticket_id = t.id
    WHERE t.user_id = :id LIMIT :max);

-- name: removal_tickets
-- index: ticket_user
DELETE FROM ticket WHERE id IN (SELECT id FROM ticket
    WHERE user_id = :id LIMIT :max);

-- name: removal_assigned
-- index: ticket_assignee
UPDATE ticket SET assignee_id = NULL WHERE id IN (SELECT id FROM ticket
    WHERE assignee_id = :id LIMIT :max);

-- name: removal_feedback
-- index: feedback_user
DELETE FROM feedback WHERE id IN (SELECT id FROM feedback
    WHERE user_id = :id LIMIT :max);
