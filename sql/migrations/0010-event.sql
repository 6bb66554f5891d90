-- released: 0fc4bd3509bc3f2fdd1b55c06c9d1ebce3f15e4caf3c8a9af206aa44bf897851
-- What a user's devices are told, in the order of the commits: the realtime
-- connections read it, and GET /events. seq counts a user's own from 1, without
-- a gap; id counts all of them, so that who serves everybody reads what is new
-- by one number. Kept for 24 hours and no shorter. data: JSON.
CREATE TABLE event (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL,
	seq		INTEGER NOT NULL CHECK (seq > 0),
	type		INTEGER NOT NULL CHECK (type BETWEEN 1 AND 32),
	at		INTEGER NOT NULL,
	data		TEXT NOT NULL,
	UNIQUE (user_id, seq)
) STRICT;

-- The last seq of a user that was deleted: who has not yet seen that one can not
-- go on from where they are; and the numbers go on behind it.
CREATE TABLE event_gone (
	user_id		INTEGER PRIMARY KEY,
	seq		INTEGER NOT NULL
) STRICT;
CREATE TRIGGER event_forget AFTER DELETE ON event BEGIN
	INSERT INTO event_gone(user_id, seq) VALUES (OLD.user_id, OLD.seq)
	ON CONFLICT (user_id) DO UPDATE SET seq = max(seq, OLD.seq);
END;
