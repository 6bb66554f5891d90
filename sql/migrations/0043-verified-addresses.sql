-- Marks absent addresses as unverified. Accounts that were created by an operator,
-- an import or an identity provider had both addresses marked as verified, also
-- if they had one of them only, and so had deleted accounts.

UPDATE user SET email_ok = 0 WHERE email IS NULL AND email_ok = 1;
UPDATE user SET phone_ok = 0 WHERE phone IS NULL AND phone_ok = 1;
UPDATE contact_undo SET email_ok = 0 WHERE email IS NULL AND email_ok = 1;
UPDATE contact_undo SET phone_ok = 0 WHERE phone IS NULL AND phone_ok = 1;

-- The default of email_ok and phone_ok is 1, which a table cannot change.
CREATE TRIGGER user_verified_add AFTER INSERT ON user
WHEN (NEW.email IS NULL AND NEW.email_ok = 1)
    OR (NEW.phone IS NULL AND NEW.phone_ok = 1) BEGIN
	UPDATE user SET email_ok = NEW.email_ok AND NEW.email IS NOT NULL,
	    phone_ok = NEW.phone_ok AND NEW.phone IS NOT NULL
	WHERE id = NEW.id;
END;
CREATE TRIGGER user_verified_move
AFTER UPDATE OF email, email_ok, phone, phone_ok ON user
WHEN (NEW.email IS NULL AND NEW.email_ok = 1)
    OR (NEW.phone IS NULL AND NEW.phone_ok = 1) BEGIN
	UPDATE user SET email_ok = NEW.email_ok AND NEW.email IS NOT NULL,
	    phone_ok = NEW.phone_ok AND NEW.phone IS NOT NULL
	WHERE id = NEW.id;
END;
