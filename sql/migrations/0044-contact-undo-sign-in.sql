-- When the session that changed an address had signed in; null: unknown. The
-- link that undoes the change removes what was added to the account since then.

ALTER TABLE contact_undo ADD COLUMN signed_in_at INTEGER;
