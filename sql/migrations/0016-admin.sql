-- released: 04b4ab636ca9be2f8479b79ba126ac39fd12ee3d0e301bdf437dbd9e45cd1379
-- Creates indexes and counters for the lists of administrators, the hash chain
-- of the audit log, and the results of chain checks.
--
-- The names in tally contain integer codes:
-- outbox:<state>:<lane>; state 0 pending, 1 sent, 2 dead; lane 1 sms, 2 email,
-- 3 push.
-- call:<state>; 0 ringing, 1 accepted, 2 ended, 3 rejected, 4 cancelled,
-- 5 missed.
-- webhook:<provider>; 1 sandbox, 2 razorpay, 3 stripe.
-- role:<bit>:<status>; bit 1 customer, 2 listener, 4 admin, 8 service; status
-- 0 pending_verification, 1 active, 2 deleted, 3 banned.

-- Messages of the outbox, by state and lane.
CREATE INDEX outbox_state ON outbox(state, lane, id);
INSERT INTO tally(name, n)
SELECT 'outbox:' || s.value || ':' || l.value, (SELECT count(*) FROM outbox
    WHERE state = s.value AND lane = l.value)
FROM json_each('[0,1,2]') AS s CROSS JOIN json_each('[1,2,3]') AS l;
CREATE TRIGGER tally_outbox_add AFTER INSERT ON outbox BEGIN
	UPDATE tally SET n = n + 1
	WHERE name = 'outbox:' || NEW.state || ':' || NEW.lane;
END;
CREATE TRIGGER tally_outbox_move AFTER UPDATE OF state ON outbox
WHEN OLD.state <> NEW.state BEGIN
	UPDATE tally SET n = n - 1
	WHERE name = 'outbox:' || OLD.state || ':' || OLD.lane;
	UPDATE tally SET n = n + 1
	WHERE name = 'outbox:' || NEW.state || ':' || NEW.lane;
END;
CREATE TRIGGER tally_outbox_drop AFTER DELETE ON outbox BEGIN
	UPDATE tally SET n = n - 1
	WHERE name = 'outbox:' || OLD.state || ':' || OLD.lane;
END;

-- Calls, by state.
CREATE INDEX call_state ON call(state, id);
INSERT INTO tally(name, n)
SELECT 'call:' || s.value, (SELECT count(*) FROM call WHERE state = s.value)
FROM json_each('[0,1,2,3,4,5]') AS s;
CREATE TRIGGER tally_call_add AFTER INSERT ON call BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'call:' || NEW.state;
END;
CREATE TRIGGER tally_call_move AFTER UPDATE OF state ON call
WHEN OLD.state <> NEW.state BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'call:' || OLD.state;
	UPDATE tally SET n = n + 1 WHERE name = 'call:' || NEW.state;
END;

-- Events of payment providers, by provider.
CREATE INDEX payment_event_provider ON payment_event(provider, id);
INSERT INTO tally(name, n)
SELECT 'webhook:' || p.value, (SELECT count(*) FROM payment_event
    WHERE provider = p.value)
FROM json_each('[1,2,3]') AS p;
CREATE TRIGGER tally_webhook_add AFTER INSERT ON payment_event BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'webhook:' || NEW.provider;
END;

-- Accounts, by role and status; and an index of listeners.
CREATE INDEX user_listener ON user(status, id) WHERE roles & 2 <> 0;
INSERT INTO tally(name, n)
SELECT 'role:' || r.value || ':' || s.value, (SELECT count(*) FROM user
    WHERE roles & r.value <> 0 AND status = s.value)
FROM json_each('[1,2,4,8]') AS r CROSS JOIN json_each('[0,1,2,3]') AS s;
CREATE TRIGGER tally_role_add AFTER INSERT ON user BEGIN
	UPDATE tally SET n = n + 1 WHERE name IN (
	    iif(NEW.roles & 1, 'role:1:' || NEW.status, ''),
	    iif(NEW.roles & 2, 'role:2:' || NEW.status, ''),
	    iif(NEW.roles & 4, 'role:4:' || NEW.status, ''),
	    iif(NEW.roles & 8, 'role:8:' || NEW.status, ''));
END;
CREATE TRIGGER tally_role_move AFTER UPDATE OF roles, status ON user
WHEN OLD.roles <> NEW.roles OR OLD.status <> NEW.status BEGIN
	UPDATE tally SET n = n - 1 WHERE name IN (
	    iif(OLD.roles & 1, 'role:1:' || OLD.status, ''),
	    iif(OLD.roles & 2, 'role:2:' || OLD.status, ''),
	    iif(OLD.roles & 4, 'role:4:' || OLD.status, ''),
	    iif(OLD.roles & 8, 'role:8:' || OLD.status, ''));
	UPDATE tally SET n = n + 1 WHERE name IN (
	    iif(NEW.roles & 1, 'role:1:' || NEW.status, ''),
	    iif(NEW.roles & 2, 'role:2:' || NEW.status, ''),
	    iif(NEW.roles & 4, 'role:4:' || NEW.status, ''),
	    iif(NEW.roles & 8, 'role:8:' || NEW.status, ''));
END;
CREATE TRIGGER tally_role_drop AFTER DELETE ON user BEGIN
	UPDATE tally SET n = n - 1 WHERE name IN (
	    iif(OLD.roles & 1, 'role:1:' || OLD.status, ''),
	    iif(OLD.roles & 2, 'role:2:' || OLD.status, ''),
	    iif(OLD.roles & 4, 'role:4:' || OLD.status, ''),
	    iif(OLD.roles & 8, 'role:8:' || OLD.status, ''));
END;

-- The hash chain of the audit log. hash is the SHA-256 of the previous hash
-- and of the row (lib/domain/common/audit.h). Rows from before this migration
-- have no hash. The first hash includes them. Lists are ordered by time.
ALTER TABLE audit ADD COLUMN hash BLOB CHECK (length(hash) = 32);
DROP INDEX audit_actor;
DROP INDEX audit_target;
CREATE INDEX audit_at ON audit(at, id);
CREATE INDEX audit_actor ON audit(actor_id, at, id);
CREATE INDEX audit_actor_action ON audit(actor_id, action, at, id);
CREATE INDEX audit_action ON audit(action, at, id);
CREATE INDEX audit_target ON audit(target, at, id);
CREATE INDEX audit_request ON audit(request_id, at, id)
WHERE request_id IS NOT NULL;
CREATE TRIGGER audit_chained BEFORE INSERT ON audit
WHEN NEW.hash IS NULL BEGIN
	SELECT RAISE(ABORT, 'audit rows are chained');
END;

-- The result of the last check of each chain, and its position. whole_at is the
-- time of the last complete check. Other checks read only the new rows.
CREATE TABLE proof (
	name		TEXT PRIMARY KEY,		-- 'ledger', 'audit'
	ok		INTEGER NOT NULL CHECK (ok IN (0, 1)),
	checked_at	INTEGER NOT NULL,
	whole_at	INTEGER NOT NULL,
	links		INTEGER NOT NULL,		-- number of rows
	entries		INTEGER NOT NULL,
	head		BLOB NOT NULL CHECK (length(head) = 32),
	wrong		TEXT,				-- first error
	CHECK ((wrong IS NULL) = ok)
) STRICT, WITHOUT ROWID;
