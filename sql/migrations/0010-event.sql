-- released: 0fc4bd3509bc3f2fdd1b55c06c9d1ebce3f15e4caf3c8a9af206aa44bf897851
-- Creates the events that are delivered to the devices of a user, by realtime
-- connections and by GET /events, in commit order.
--
-- event.type: 1 call.incoming, 2 call.accepted, 3 call.rejected,
-- 4 call.cancelled, 5 call.missed, 6 call.ended, 7 call.signal,
-- 8 presence.changed, 9 session.started, 10 session.low_balance,
-- 11 session.extended, 12 session.ended, 13 wallet.changed,
-- 14 favorite.changed, 15 notification.new.

-- seq numbers the events of a user from 1, without gaps. id numbers all events:
-- earmark-realtime reads those after the last id it has seen. Rows are kept for
-- at least 24 hours. data is JSON.
CREATE TABLE event (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL,
	seq		INTEGER NOT NULL CHECK (seq > 0),
	type		INTEGER NOT NULL CHECK (type BETWEEN 1 AND 32),
	at		INTEGER NOT NULL,
	data		TEXT NOT NULL,
	UNIQUE (user_id, seq)
) STRICT;

-- The highest deleted seq of a user. A device that has not seen this event
-- cannot continue from its last seq. New events continue after this number.
CREATE TABLE event_gone (
	user_id		INTEGER PRIMARY KEY,
	seq		INTEGER NOT NULL
) STRICT;
CREATE TRIGGER event_forget AFTER DELETE ON event BEGIN
	INSERT INTO event_gone(user_id, seq) VALUES (OLD.user_id, OLD.seq)
	ON CONFLICT (user_id) DO UPDATE SET seq = max(seq, OLD.seq);
END;
