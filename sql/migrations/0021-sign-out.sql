-- Ends push devices and open connections with their login session, their
-- service token or their account.
--
-- push_device.session_id: the login session that registered the device; null
-- for devices of service accounts and for those registered before this
-- migration. realtime_ticket.service_token_id: the service token that requested
-- the ticket; 0 if a login session did. There are no new integer codes.

ALTER TABLE push_device ADD COLUMN session_id INTEGER
    REFERENCES device_session(id) ON DELETE CASCADE;
CREATE INDEX push_device_session ON push_device(session_id)
WHERE session_id IS NOT NULL;

ALTER TABLE realtime_ticket ADD COLUMN service_token_id INTEGER NOT NULL
    DEFAULT 0;

-- earmark-realtime reads this table and closes the connections it names. If
-- both ids are null, it closes all connections of the user.
CREATE TABLE realtime_revocation (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL,	-- the account may be deleted
	session_id	INTEGER,
	service_token_id INTEGER,
	at		INTEGER NOT NULL
) STRICT;
CREATE INDEX realtime_revocation_at ON realtime_revocation(at);

-- Sign-out keeps the row of the session, so the foreign key does not remove
-- its push devices.
CREATE TRIGGER device_session_signed_out
AFTER UPDATE OF revoked_at ON device_session
WHEN OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL BEGIN
	DELETE FROM push_device WHERE session_id = NEW.id;
	INSERT INTO realtime_revocation(user_id, session_id, at)
	VALUES (NEW.user_id, NEW.id, unixepoch() * 1000);
END;
CREATE TRIGGER device_session_deleted AFTER DELETE ON device_session
WHEN OLD.revoked_at IS NULL BEGIN
	INSERT INTO realtime_revocation(user_id, session_id, at)
	VALUES (OLD.user_id, OLD.id, unixepoch() * 1000);
END;

CREATE TRIGGER service_token_revoked AFTER UPDATE OF revoked_at ON service_token
WHEN OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL BEGIN
	DELETE FROM push_device
	WHERE user_id = NEW.user_id AND session_id IS NULL;
	INSERT INTO realtime_revocation(user_id, service_token_id, at)
	VALUES (NEW.user_id, NEW.id, unixepoch() * 1000);
END;

-- user.status: 2 deleted, 3 banned.
CREATE TRIGGER user_stopped AFTER UPDATE OF status ON user
WHEN NEW.status IN (2, 3) BEGIN
	DELETE FROM push_device WHERE user_id = NEW.id;
	INSERT INTO realtime_revocation(user_id, at)
	VALUES (NEW.id, unixepoch() * 1000);
END;
