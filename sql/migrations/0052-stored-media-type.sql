-- Stores the media type of a response with an idempotency key, so that a repeat
-- returns it too. NULL: JSON.
ALTER TABLE idempotency ADD COLUMN media_type TEXT;
