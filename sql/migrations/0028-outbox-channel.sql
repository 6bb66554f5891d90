-- Renames a column of outbox. ALTER TABLE also changes the triggers and indexes
-- that use it.
--
-- outbox.channel: 1 sms, 2 email, 3 push.

ALTER TABLE outbox RENAME COLUMN lane TO channel;
