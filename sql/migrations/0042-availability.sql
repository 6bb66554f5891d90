-- Adds the availability of listeners: weekly hours, whether they accept calls,
-- and the maximum minutes of a day.
--
-- presence.closed: null: the listener accepts calls. Otherwise presence.status
-- is 0, and closed is the status that the listener set (0 offline, 1 online, 2
-- away). presence.has_hours: 1 if the listener has hours.

-- The texts of hours are those of base/opening_hours.h. max_minutes: the minutes
-- of sessions in 24 hours after which the listener is offline; null: no limit.
-- limit_until: the time until which the limit is reached; null: not reached.
-- check_at: when the job compares the minutes with the limit again; null: not
-- before a session begins or ends.
CREATE TABLE listener_availability (
	user_id		INTEGER PRIMARY KEY REFERENCES listener(user_id) ON DELETE CASCADE,
	time_zone	TEXT,			-- null: there are no hours
	weekly		TEXT NOT NULL DEFAULT '',
	exceptions	TEXT NOT NULL DEFAULT '',
	accepting	INTEGER NOT NULL DEFAULT 1 CHECK (accepting IN (0, 1)),
	max_minutes	INTEGER CHECK (max_minutes BETWEEN 1 AND 1440),
	limit_until	INTEGER,
	check_at	INTEGER,
	CHECK (time_zone IS NOT NULL OR (weekly = '' AND exceptions = ''))
) STRICT;
CREATE INDEX listener_availability_check ON listener_availability(check_at)
WHERE check_at IS NOT NULL;

ALTER TABLE presence ADD COLUMN closed INTEGER CHECK (closed IN (0, 1, 2));
ALTER TABLE presence ADD COLUMN has_hours INTEGER NOT NULL DEFAULT 0
CHECK (has_hours IN (0, 1));

CREATE TRIGGER listener_availability_add AFTER INSERT ON listener_availability
BEGIN
	UPDATE presence SET version = version + 1,
	    has_hours = NEW.weekly <> '' OR NEW.exceptions <> ''
	WHERE user_id = NEW.user_id;
END;
CREATE TRIGGER listener_availability_change AFTER UPDATE OF time_zone, weekly,
exceptions, accepting, limit_until ON listener_availability BEGIN
	UPDATE presence SET version = version + 1,
	    has_hours = NEW.weekly <> '' OR NEW.exceptions <> ''
	WHERE user_id = NEW.user_id;
END;
CREATE TRIGGER listener_availability_drop AFTER DELETE ON listener_availability
BEGIN
	UPDATE presence SET version = version + 1, has_hours = 0, closed = NULL
	WHERE user_id = OLD.user_id;
END;
