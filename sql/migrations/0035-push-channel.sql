-- Adds the ways to reach a push device, and the one of a message to a device.
--
-- push_device.channel: 0 fcm, 1 apns, 2 voip (PushKit).
-- push_device.environment: 0 production, 1 sandbox (of Apple's service).
-- outbox.provider: 0 the provider of the channel; 1 APNs.

ALTER TABLE push_device ADD COLUMN channel INTEGER NOT NULL DEFAULT 0
    CHECK (channel IN (0, 1, 2));
ALTER TABLE push_device ADD COLUMN environment INTEGER NOT NULL DEFAULT 0
    CHECK (environment IN (0, 1));

-- Each provider has its own queue, so one that fails delays no other.
ALTER TABLE outbox ADD COLUMN provider INTEGER NOT NULL DEFAULT 0
    CHECK (provider IN (0, 1));
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox(channel, provider, urgent, due_at, id)
WHERE state = 0;
