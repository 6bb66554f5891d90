-- Gives tables, columns, indexes and triggers the terms that the programs and
-- the documents use. ALTER TABLE also changes the triggers and indexes that name
-- a table or a column. SQLite cannot rename an index or a trigger, so it is
-- dropped and created again. No table is rebuilt.
--
-- backup_log.kind: 1 backup, 2 restore_drill (test of a restore), 3 restore.
-- wallet_entry.type: 1 topup, 2 session, 3 refund, 4 bonus, 5 payout,
-- 6 adjustment.
-- payment.status: 0 pending, 1 paid, 2 failed, 3 expired.
-- payment.provider: 1 sandbox, 2 razorpay, 3 stripe.
-- payment_reversal.kind: 1 refund, 2 dispute.
-- payment_reversal.state: 0 asked, 1 pending, 2 done, 3 failed.
-- sandbox_webhook.what: 1 paid, 2 failed, 3 refunded, 4 disputed, 5 won.
-- sandbox_webhook.state: 0 pending, 1 sent, 2 dead.
-- bulk_import.kind: 2 flyer, 3 destination.
-- active_user.span, rollup.span: 1 hour, 2 day, 3 week.
-- fact.metric, rollup.metric: see 0015-rollup.sql and 0032-promotion-budget.sql.
-- presence.status: 0 offline, 1 online, 2 away.
-- user.status: 0 pending_verification, 1 active, 2 deleted, 3 banned.

-- Numbers of rows that triggers keep, by name.
ALTER TABLE tally RENAME TO counter;

-- Backups, restore tests and restores.
ALTER TABLE care RENAME TO backup_log;
DROP INDEX care_last;
CREATE INDEX backup_log_last ON backup_log(kind, ok, id);

-- The last check of each hash chain. first_wrong: the first error; null: none.
ALTER TABLE proof RENAME TO chain_check_log;
ALTER TABLE chain_check_log RENAME COLUMN wrong TO first_wrong;

-- What a user sees of a transfer.
ALTER TABLE wallet_line RENAME TO wallet_entry;
DROP INDEX wallet_line_user;
CREATE INDEX wallet_entry_user ON wallet_entry(user_id, at, transfer_id);
DROP INDEX wallet_line_type;
CREATE INDEX wallet_entry_type ON wallet_entry(user_id, type, at, transfer_id);
DROP TRIGGER wallet_line_once;
CREATE TRIGGER wallet_entry_once BEFORE INSERT ON wallet_entry
WHEN EXISTS (SELECT 1 FROM wallet_entry
    WHERE transfer_id = NEW.transfer_id AND user_id = NEW.user_id)
BEGIN
	SELECT RAISE(ABORT, 'wallet entries are final');
END;
DROP TRIGGER wallet_line_no_update;
CREATE TRIGGER wallet_entry_no_update BEFORE UPDATE ON wallet_entry BEGIN
	SELECT RAISE(ABORT, 'wallet entries are final');
END;
DROP TRIGGER wallet_line_no_delete;
CREATE TRIGGER wallet_entry_no_delete BEFORE DELETE ON wallet_entry BEGIN
	SELECT RAISE(ABORT, 'wallet entries are final');
END;

-- Listeners whose waiting customers are notified next.
ALTER TABLE notify_due RENAME TO availability_alert_due;

-- When a customer was last notified that a listener is available.
ALTER TABLE notify_state RENAME TO availability_alert_state;
ALTER TABLE availability_alert_state RENAME COLUMN told_at TO alerted_at;
DROP INDEX notify_state_user;
CREATE INDEX availability_alert_state_user ON availability_alert_state(user_id);

-- Refunds and disputes of payments.
ALTER TABLE payment_return RENAME TO payment_reversal;
DROP INDEX payment_return_payment;
CREATE INDEX payment_reversal_payment ON payment_reversal(payment_id, id);
DROP INDEX payment_return_ref;
CREATE UNIQUE INDEX payment_reversal_ref ON payment_reversal(kind, ref)
WHERE ref IS NOT NULL;
DROP INDEX payment_return_due;
CREATE INDEX payment_reversal_due ON payment_reversal(due_at) WHERE state = 0;

-- The queue of the sandbox's webhooks.
ALTER TABLE sandbox_hook RENAME TO sandbox_webhook;
DROP INDEX sandbox_hook_due;
CREATE INDEX sandbox_webhook_due ON sandbox_webhook(due_at, id) WHERE state = 0;
DROP INDEX sandbox_hook_payment;
CREATE INDEX sandbox_webhook_payment ON sandbox_webhook(payment_id);
DROP INDEX sandbox_hook_created;
CREATE INDEX sandbox_webhook_created ON sandbox_webhook(created_at);

-- A running import. last_id: the highest id before it; triggers leave counters
-- and full-text indexes of later rows to the import.
ALTER TABLE bulk RENAME TO bulk_import;
ALTER TABLE bulk_import RENAME COLUMN floor TO last_id;

-- The users that were counted as active in a span.
ALTER TABLE active RENAME TO active_user;

-- The last counted fact. open_from: the start of the first hour that is
-- not closed.
ALTER TABLE rollup_mark RENAME TO rollup_watermark;
ALTER TABLE rollup_watermark RENAME COLUMN open TO open_from;

-- The last deleted seq of a user's events.
ALTER TABLE event_gone RENAME TO event_deleted;
DROP TRIGGER event_forget;
CREATE TRIGGER event_drop AFTER DELETE ON event BEGIN
	INSERT INTO event_deleted(user_id, seq) VALUES (OLD.user_id, OLD.seq)
	ON CONFLICT (user_id) DO UPDATE SET seq = max(seq, OLD.seq);
END;

-- Users with a realtime connection. disconnected_at: the end of the last one;
-- null: connected.
ALTER TABLE realtime_held RENAME TO realtime_user;
ALTER TABLE realtime_user RENAME COLUMN gone_at TO disconnected_at;
DROP INDEX realtime_gone;
CREATE INDEX realtime_user_disconnected ON realtime_user(disconnected_at)
WHERE disconnected_at IS NOT NULL;

-- low_balance_notified: 1 if the customer was notified of the low balance.
-- waived: 1 if nothing was charged because the connection was lost; counts toward
-- billing.lost_free.
ALTER TABLE session RENAME COLUMN low_told TO low_balance_notified;
ALTER TABLE session RENAME COLUMN forgiven TO waived;

-- The last status query to the provider.
ALTER TABLE payment RENAME COLUMN asked_at TO polled_at;
DROP INDEX payment_unasked;
CREATE INDEX payment_unpolled ON payment(created_at)
WHERE status = 0 AND (provider = 1 OR ref IS NULL);

-- The calls that the user missed since the last one that was accepted or
-- rejected.
ALTER TABLE call_total RENAME COLUMN missed_row TO missed_in_row;

-- What a fact is counted by, in addition to its metric: a state, a kind, a
-- language.
ALTER TABLE fact RENAME COLUMN word TO label;
ALTER TABLE rollup RENAME COLUMN word TO label;

DROP INDEX presence_here;
CREATE INDEX presence_listed_until ON presence(until) WHERE listed = 1;
DROP INDEX presence_promise;
CREATE INDEX presence_until ON presence(until) WHERE status <> 0;

DROP TRIGGER transfer_whole;
CREATE TRIGGER transfer_balanced BEFORE INSERT ON transfer
WHEN (SELECT sum(amount) FROM entry WHERE transfer_id = NEW.id) IS NOT 0
BEGIN
	SELECT RAISE(ABORT, 'a transfer sums to zero');
END;
DROP TRIGGER fact_user_proved;
CREATE TRIGGER fact_user_verified AFTER UPDATE OF status ON user
WHEN OLD.status = 0 AND NEW.status = 1 BEGIN
	INSERT INTO fact(metric, at, n) VALUES (1, NEW.updated_at, 1);
END;

DROP TRIGGER tally_user_add;
CREATE TRIGGER counter_user_add AFTER INSERT ON user BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'user:' || NEW.status;
END;
DROP TRIGGER tally_user_move;
CREATE TRIGGER counter_user_move AFTER UPDATE OF status ON user
WHEN OLD.status <> NEW.status BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'user:' || OLD.status;
	UPDATE counter SET n = n + 1 WHERE name = 'user:' || NEW.status;
END;
DROP TRIGGER tally_user_drop;
CREATE TRIGGER counter_user_drop AFTER DELETE ON user BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'user:' || OLD.status;
END;
DROP TRIGGER tally_listener_add;
CREATE TRIGGER counter_listener_add AFTER INSERT ON listener BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'listener:' || NEW.verification;
END;
DROP TRIGGER tally_listener_move;
CREATE TRIGGER counter_listener_move AFTER UPDATE OF verification ON listener
WHEN OLD.verification <> NEW.verification BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'listener:' || OLD.verification;
	UPDATE counter SET n = n + 1 WHERE name = 'listener:' || NEW.verification;
END;
DROP TRIGGER tally_listener_drop;
CREATE TRIGGER counter_listener_drop AFTER DELETE ON listener BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'listener:' || OLD.verification;
END;
DROP TRIGGER tally_listed_add;
CREATE TRIGGER counter_listed_add AFTER INSERT ON listing BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'listed';
END;
DROP TRIGGER tally_listed_drop;
CREATE TRIGGER counter_listed_drop AFTER DELETE ON listing BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'listed';
END;
DROP TRIGGER tally_flyer_add;
CREATE TRIGGER counter_flyer_add AFTER INSERT ON flyer
WHEN NOT EXISTS (SELECT 1 FROM bulk_import WHERE kind = 2 AND NEW.id > last_id)
BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'flyer';
END;
DROP TRIGGER tally_destination_add;
CREATE TRIGGER counter_destination_add AFTER INSERT ON destination
WHEN NOT EXISTS (SELECT 1 FROM bulk_import WHERE kind = 3 AND NEW.id > last_id)
BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'destination';
END;
DROP TRIGGER tally_destination_drop;
CREATE TRIGGER counter_destination_drop AFTER DELETE ON destination BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'destination';
END;
DROP TRIGGER tally_style_add;
CREATE TRIGGER counter_style_add AFTER INSERT ON style BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'style';
END;
DROP TRIGGER tally_creative_add;
CREATE TRIGGER counter_creative_add AFTER INSERT ON creative
WHEN NEW.is_published = 1 BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'creative:published';
END;
DROP TRIGGER tally_creative_move;
CREATE TRIGGER counter_creative_move AFTER UPDATE OF is_published ON creative
WHEN OLD.is_published <> NEW.is_published BEGIN
	UPDATE counter SET n = n + NEW.is_published - OLD.is_published
	WHERE name = 'creative:published';
END;
DROP TRIGGER tally_document_add;
CREATE TRIGGER counter_document_add AFTER INSERT ON document
WHEN NEW.is_public = 1 BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'document:public';
END;
DROP TRIGGER tally_document_move;
CREATE TRIGGER counter_document_move AFTER UPDATE OF is_public ON document
WHEN OLD.is_public <> NEW.is_public BEGIN
	UPDATE counter SET n = n + NEW.is_public - OLD.is_public
	WHERE name = 'document:public';
END;
DROP TRIGGER tally_outbox_add;
CREATE TRIGGER counter_outbox_add AFTER INSERT ON outbox BEGIN
	UPDATE counter SET n = n + 1
	WHERE name = 'outbox:' || NEW.state || ':' || NEW.channel;
END;
DROP TRIGGER tally_outbox_move;
CREATE TRIGGER counter_outbox_move AFTER UPDATE OF state ON outbox
WHEN OLD.state <> NEW.state BEGIN
	UPDATE counter SET n = n - 1
	WHERE name = 'outbox:' || OLD.state || ':' || OLD.channel;
	UPDATE counter SET n = n + 1
	WHERE name = 'outbox:' || NEW.state || ':' || NEW.channel;
END;
DROP TRIGGER tally_outbox_drop;
CREATE TRIGGER counter_outbox_drop AFTER DELETE ON outbox BEGIN
	UPDATE counter SET n = n - 1
	WHERE name = 'outbox:' || OLD.state || ':' || OLD.channel;
END;
DROP TRIGGER tally_call_add;
CREATE TRIGGER counter_call_add AFTER INSERT ON call BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'call:' || NEW.state;
END;
DROP TRIGGER tally_call_move;
CREATE TRIGGER counter_call_move AFTER UPDATE OF state ON call
WHEN OLD.state <> NEW.state BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'call:' || OLD.state;
	UPDATE counter SET n = n + 1 WHERE name = 'call:' || NEW.state;
END;
DROP TRIGGER tally_webhook_add;
CREATE TRIGGER counter_webhook_add AFTER INSERT ON payment_event BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'webhook:' || NEW.provider;
END;
DROP TRIGGER tally_role_add;
CREATE TRIGGER counter_role_add AFTER INSERT ON user BEGIN
	UPDATE counter SET n = n + 1 WHERE name IN (
	    iif(NEW.roles & 1, 'role:1:' || NEW.status, ''),
	    iif(NEW.roles & 2, 'role:2:' || NEW.status, ''),
	    iif(NEW.roles & 4, 'role:4:' || NEW.status, ''),
	    iif(NEW.roles & 8, 'role:8:' || NEW.status, ''));
END;
DROP TRIGGER tally_role_move;
CREATE TRIGGER counter_role_move AFTER UPDATE OF roles, status ON user
WHEN OLD.roles <> NEW.roles OR OLD.status <> NEW.status BEGIN
	UPDATE counter SET n = n - 1 WHERE name IN (
	    iif(OLD.roles & 1, 'role:1:' || OLD.status, ''),
	    iif(OLD.roles & 2, 'role:2:' || OLD.status, ''),
	    iif(OLD.roles & 4, 'role:4:' || OLD.status, ''),
	    iif(OLD.roles & 8, 'role:8:' || OLD.status, ''));
	UPDATE counter SET n = n + 1 WHERE name IN (
	    iif(NEW.roles & 1, 'role:1:' || NEW.status, ''),
	    iif(NEW.roles & 2, 'role:2:' || NEW.status, ''),
	    iif(NEW.roles & 4, 'role:4:' || NEW.status, ''),
	    iif(NEW.roles & 8, 'role:8:' || NEW.status, ''));
END;
DROP TRIGGER tally_role_drop;
CREATE TRIGGER counter_role_drop AFTER DELETE ON user BEGIN
	UPDATE counter SET n = n - 1 WHERE name IN (
	    iif(OLD.roles & 1, 'role:1:' || OLD.status, ''),
	    iif(OLD.roles & 2, 'role:2:' || OLD.status, ''),
	    iif(OLD.roles & 4, 'role:4:' || OLD.status, ''),
	    iif(OLD.roles & 8, 'role:8:' || OLD.status, ''));
END;
DROP TRIGGER tally_flyer_drop;
CREATE TRIGGER counter_flyer_drop AFTER DELETE ON flyer
WHEN OLD.publisher_id NOT IN (SELECT user_id FROM account_removal) BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'flyer';
END;
DROP TRIGGER tally_style_drop;
CREATE TRIGGER counter_style_drop AFTER DELETE ON style
WHEN OLD.owner_id NOT IN (SELECT user_id FROM account_removal) BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'style';
END;
DROP TRIGGER tally_creative_drop;
CREATE TRIGGER counter_creative_drop AFTER DELETE ON creative
WHEN OLD.is_published = 1
    AND OLD.owner_id NOT IN (SELECT user_id FROM account_removal) BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'creative:published';
END;
DROP TRIGGER tally_document_drop;
CREATE TRIGGER counter_document_drop AFTER DELETE ON document
WHEN OLD.is_public = 1
    AND OLD.owner_id NOT IN (SELECT user_id FROM account_removal) BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'document:public';
END;
DROP TRIGGER tally_review_add;
CREATE TRIGGER counter_review_add AFTER INSERT ON review BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'review:' || NEW.hidden;
END;
DROP TRIGGER tally_review_move;
CREATE TRIGGER counter_review_move AFTER UPDATE OF hidden ON review
WHEN OLD.hidden <> NEW.hidden BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'review:' || OLD.hidden;
	UPDATE counter SET n = n + 1 WHERE name = 'review:' || NEW.hidden;
END;
DROP TRIGGER tally_report_add;
CREATE TRIGGER counter_report_add AFTER INSERT ON report BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'report:' || NEW.status;
END;
DROP TRIGGER tally_report_move;
CREATE TRIGGER counter_report_move AFTER UPDATE OF status ON report
WHEN OLD.status <> NEW.status BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'report:' || OLD.status;
	UPDATE counter SET n = n + 1 WHERE name = 'report:' || NEW.status;
END;
DROP TRIGGER tally_report_drop;
CREATE TRIGGER counter_report_drop AFTER DELETE ON report BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'report:' || OLD.status;
END;
DROP TRIGGER tally_public_counter_add;
CREATE TRIGGER counter_public_counter_add AFTER INSERT ON public_counter BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'public_counter';
END;
DROP TRIGGER tally_public_counter_drop;
CREATE TRIGGER counter_public_counter_drop AFTER DELETE ON public_counter BEGIN
	UPDATE counter SET n = n - 1 WHERE name = 'public_counter';
END;
DROP TRIGGER tally_promotion_add;
CREATE TRIGGER counter_promotion_add AFTER INSERT ON promotion BEGIN
	UPDATE counter SET n = n + 1 WHERE name = 'promotion';
END;
DROP TRIGGER tally_staff_add;
CREATE TRIGGER counter_staff_add AFTER INSERT ON user
WHEN NEW.staff_roles <> 0 BEGIN
	UPDATE counter SET n = n + 1 WHERE name IN (
	    iif(NEW.staff_roles & 16, 'role:16:' || NEW.status, ''),
	    iif(NEW.staff_roles & 32, 'role:32:' || NEW.status, ''),
	    iif(NEW.staff_roles & 64, 'role:64:' || NEW.status, ''));
END;
DROP TRIGGER tally_staff_move;
CREATE TRIGGER counter_staff_move AFTER UPDATE OF staff_roles, status ON user
WHEN (OLD.staff_roles <> 0 OR NEW.staff_roles <> 0)
    AND (OLD.staff_roles <> NEW.staff_roles OR OLD.status <> NEW.status) BEGIN
	UPDATE counter SET n = n - 1 WHERE name IN (
	    iif(OLD.staff_roles & 16, 'role:16:' || OLD.status, ''),
	    iif(OLD.staff_roles & 32, 'role:32:' || OLD.status, ''),
	    iif(OLD.staff_roles & 64, 'role:64:' || OLD.status, ''));
	UPDATE counter SET n = n + 1 WHERE name IN (
	    iif(NEW.staff_roles & 16, 'role:16:' || NEW.status, ''),
	    iif(NEW.staff_roles & 32, 'role:32:' || NEW.status, ''),
	    iif(NEW.staff_roles & 64, 'role:64:' || NEW.status, ''));
END;
DROP TRIGGER tally_staff_drop;
CREATE TRIGGER counter_staff_drop AFTER DELETE ON user
WHEN OLD.staff_roles <> 0 BEGIN
	UPDATE counter SET n = n - 1 WHERE name IN (
	    iif(OLD.staff_roles & 16, 'role:16:' || OLD.status, ''),
	    iif(OLD.staff_roles & 32, 'role:32:' || OLD.status, ''),
	    iif(OLD.staff_roles & 64, 'role:64:' || OLD.status, ''));
END;
