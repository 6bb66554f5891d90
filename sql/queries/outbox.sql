-- Messages on their way out, from the side that writes them; see delivery.sql
-- for the other.

-- name: outbox_add
-- index: outbox primary key
INSERT INTO outbox(lane, user_id, recipient, template, code, title, body, data,
    urgent, due_at, expires_at, created_at)
VALUES (:lane, :user, :recipient, :template, :code, :title, :body, :data,
    :urgent, :due, :expires, :now);
