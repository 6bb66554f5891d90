-- released: 945198b40b6c7d67813a9d1faf440b80e2dea101654008b4324c317be3e44cd7
-- Ways in for lists that administrators filter, where a walk past all that
-- does not fit would grow with everything that ever was.

-- Names, among those who are not active, and among listeners.
CREATE INDEX user_unusual_name ON user(status, username) WHERE status <> 1;
CREATE INDEX user_listener_name ON user(status, username)
WHERE roles & 2 <> 0;

-- The log of favorites, by what happened, then when.
CREATE INDEX favorite_log_kind ON favorite_log(kind, action, at);
DROP INDEX favorite_log_entity;
CREATE INDEX favorite_log_entity
ON favorite_log(kind, entity_id, action, at);

-- Tickets and feedback, by what they are about.
CREATE INDEX ticket_category ON ticket(category, id);
CREATE INDEX ticket_status_category ON ticket(status, category, id);
CREATE INDEX feedback_kind_rating ON feedback(kind, rating, id);
