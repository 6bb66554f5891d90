-- released: 945198b40b6c7d67813a9d1faf440b80e2dea101654008b4324c317be3e44cd7
-- Creates indexes for filtered lists of administrators. Without them, a query
-- would read all rows that do not match the filter. There are no new integer
-- codes.

-- Accounts that are not active, and listeners, by name.
CREATE INDEX user_unusual_name ON user(status, username) WHERE status <> 1;
CREATE INDEX user_listener_name ON user(status, username)
WHERE roles & 2 <> 0;

-- The log of favorites, by action and time.
CREATE INDEX favorite_log_kind ON favorite_log(kind, action, at);
DROP INDEX favorite_log_entity;
CREATE INDEX favorite_log_entity
ON favorite_log(kind, entity_id, action, at);

-- Tickets and feedback, by category, kind and rating.
CREATE INDEX ticket_category ON ticket(category, id);
CREATE INDEX ticket_status_category ON ticket(status, category, id);
CREATE INDEX feedback_kind_rating ON feedback(kind, rating, id);
