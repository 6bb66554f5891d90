-- Blocks of deleted accounts, and by them, are kept as long as the hash of one
-- of their addresses, so that they apply to an account that returns.
DELETE FROM user_block WHERE EXISTS (SELECT 1 FROM user AS u
    WHERE u.id IN (user_block.user_id, user_block.blocked_id) AND u.status = 2
	AND NOT EXISTS (SELECT 1 FROM former_address AS f WHERE f.user_id = u.id));

CREATE TRIGGER former_address_drop AFTER DELETE ON former_address
WHEN NOT EXISTS (SELECT 1 FROM former_address WHERE user_id = OLD.user_id) BEGIN
	DELETE FROM user_block WHERE user_id = OLD.user_id;
	DELETE FROM user_block WHERE blocked_id = OLD.user_id;
END;

-- An account that returned was deleted, too. It has copies of the blocks.
CREATE TRIGGER former_address_move AFTER UPDATE OF user_id ON former_address
WHEN OLD.user_id <> NEW.user_id
    AND NOT EXISTS (SELECT 1 FROM former_address WHERE user_id = OLD.user_id) BEGIN
	DELETE FROM user_block WHERE user_id = OLD.user_id;
	DELETE FROM user_block WHERE blocked_id = OLD.user_id;
END;

-- For the export of the reports of a user.
CREATE INDEX report_reporter_id ON report(reporter_id, id);
