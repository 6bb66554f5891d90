-- released: 84c3fee156ccee50e2238dfc50f82637667ba25281d4a6b5a1f7247daeb8b104
-- Creates indexes for combined filters in the lists of administrators. An index
-- of a user, target or name also contains the columns of the other filters.
-- SQLite then skips rows that do not match without reading them from the table.
-- There are no new integer codes.

DROP INDEX audit_target;
CREATE INDEX audit_target ON audit(target, at, id, action, actor_id);

DROP INDEX favorite_log_user;
CREATE INDEX favorite_log_user
ON favorite_log(user_id, seq, at, kind, action, entity_id);

DROP INDEX user_unusual_name;
CREATE INDEX user_status_name ON user(status, username, roles);

DROP INDEX call_caller;
DROP INDEX call_callee;
CREATE INDEX call_caller ON call(caller_id, id, state);
CREATE INDEX call_callee ON call(callee_id, id, state);

DROP INDEX outbox_user;
CREATE INDEX outbox_user ON outbox(user_id, id, state, lane)
WHERE user_id IS NOT NULL;

DROP INDEX payment_user;
CREATE INDEX payment_user ON payment(user_id, id, status, flag);
DROP INDEX payment_event_payment;
CREATE INDEX payment_event_payment ON payment_event(payment_id, id, provider)
WHERE payment_id IS NOT NULL;

-- A single assignee, or null, may have the majority of all tickets.
DROP INDEX ticket_user;
CREATE INDEX ticket_user
ON ticket(user_id, id, status, category, assignee_id);
CREATE INDEX ticket_queue_category
ON ticket(assignee_id, status, category, id);
