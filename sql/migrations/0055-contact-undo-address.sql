-- The address that received the link which undoes a change; null: unknown. A
-- password reset ends links that an address received which was added later than
-- the address that proves the reset. There are no new integer codes.

ALTER TABLE contact_undo ADD COLUMN sent_to TEXT;
