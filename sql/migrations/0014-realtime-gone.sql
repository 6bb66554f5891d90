-- Who was connected is remembered for as long as events are kept: coming back,
-- a device is told what it has missed.
ALTER TABLE realtime_held ADD COLUMN gone_at INTEGER;	-- null: connected
CREATE INDEX realtime_gone ON realtime_held(gone_at) WHERE gone_at IS NOT NULL;
