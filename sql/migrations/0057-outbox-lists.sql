-- Makes the end of a message cheaper. An index that begins with the state changes
-- twice for each message. The lists of administrators need it only for failed
-- messages, which are few: most messages are sent, and outbox_due contains those
-- that wait.
-- outbox.channel: 1 SMS, 2 e-mail, 3 push. state: 0 pending, 1 sent, 2 failed.

DROP INDEX outbox_state;
CREATE INDEX outbox_channel ON outbox(channel, id);
CREATE INDEX outbox_failed ON outbox(id, channel) WHERE state = 2;
