-- released: 7e5e2d71d587c77df2bb8e983f5b414b69aa24d54bc81dbbd0a71b27fed009db
-- Keeps the rows of disconnected users for as long as events are kept. A
-- device that reconnects receives the events it has missed. There are no
-- integer codes.
ALTER TABLE realtime_held ADD COLUMN gone_at INTEGER;	-- null: connected
CREATE INDEX realtime_gone ON realtime_held(gone_at) WHERE gone_at IS NOT NULL;
