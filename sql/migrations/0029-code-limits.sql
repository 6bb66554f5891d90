-- Limits of one-time codes by network and account.

-- The attempts left are counted by identifier and network, in public_counter.
ALTER TABLE otp_request DROP COLUMN tries_left;

-- Keyed hash of the IPv6 /48 or the IPv4 /24 that a registration by SMS came
-- from; null: as otp.network.
ALTER TABLE otp ADD COLUMN site BLOB CHECK (length(site) = 32);

-- Count the rows of public_counter, because the table is bounded by rows.
INSERT INTO tally(name, n) SELECT 'public_counter', count(*)
FROM public_counter;
CREATE TRIGGER tally_public_counter_add AFTER INSERT ON public_counter BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'public_counter';
END;
CREATE TRIGGER tally_public_counter_drop AFTER DELETE ON public_counter BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'public_counter';
END;

-- If a service token is deleted, its connections end, as if it was revoked.
CREATE TRIGGER service_token_deleted AFTER DELETE ON service_token
WHEN OLD.revoked_at IS NULL BEGIN
	DELETE FROM push_device
	WHERE user_id = OLD.user_id AND session_id IS NULL;
	INSERT INTO realtime_revocation(user_id, service_token_id, at)
	VALUES (OLD.user_id, OLD.id, unixepoch() * 1000);
END;

-- Remove deleted accounts from the listeners that wait for approval.
DELETE FROM listener_language
WHERE user_id IN (SELECT id FROM user WHERE status = 2);
UPDATE listener SET verification = 2, languages = '', reason = NULL,
    version = version + 1
WHERE user_id IN (SELECT id FROM user WHERE status = 2);
