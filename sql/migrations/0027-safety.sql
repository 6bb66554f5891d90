-- Adds the kinds of calls that a listener offers, and the log of rate changes.

-- listener.rate_per_minute is the audio rate or, if audio is 0, the lowest
-- other rate. rate_video is null if the listener offers no video.
-- max_rate_notified is the maximum that the listener was notified of last.
ALTER TABLE listener ADD COLUMN audio INTEGER NOT NULL DEFAULT 1
	CHECK (audio IN (0, 1));
ALTER TABLE listener ADD COLUMN rate_video INTEGER
	CHECK (rate_video BETWEEN 0 AND 1000000000)
	CHECK (audio = 1 OR rate_video IS NOT NULL);
ALTER TABLE listener ADD COLUMN max_rate_notified INTEGER;
CREATE INDEX listener_rate_high
ON listener(max(rate_per_minute, ifnull(rate_video, 0)), max_rate_notified);

-- Rates before and after each change. Null: the kind was not offered.
-- registration: 1 if the listener registered with these rates.
CREATE TABLE listener_rate_change (
	id		INTEGER PRIMARY KEY,
	user_id		INTEGER NOT NULL REFERENCES listener(user_id) ON DELETE CASCADE,
	at		INTEGER NOT NULL,
	registration	INTEGER NOT NULL CHECK (registration IN (0, 1)),
	audio_before	INTEGER,
	video_before	INTEGER,
	audio		INTEGER,
	video		INTEGER
) STRICT;
CREATE INDEX listener_rate_change_user ON listener_rate_change(user_id, id);
