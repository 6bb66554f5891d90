-- Adds the kinds of calls that a listener offers, the log of rate changes,
-- blocked users, which reviews count, and reports.

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

-- Users that a user has blocked.
CREATE TABLE user_block (
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	blocked_id	INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	created_at	INTEGER NOT NULL,
	PRIMARY KEY (user_id, blocked_id),
	CHECK (user_id <> blocked_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_block_recent ON user_block(user_id, created_at, blocked_id);
CREATE INDEX user_block_blocked ON user_block(blocked_id, user_id);

-- Two rows, (a, b) and (b, a), if at least one of the users blocked the other.
-- Triggers keep them, so that other statements look up one row.
CREATE TABLE user_block_pair (
	user_id		INTEGER NOT NULL,
	other_id	INTEGER NOT NULL,
	PRIMARY KEY (user_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER user_block_add AFTER INSERT ON user_block BEGIN
	INSERT INTO user_block_pair(user_id, other_id)
	VALUES (NEW.user_id, NEW.blocked_id), (NEW.blocked_id, NEW.user_id)
	ON CONFLICT (user_id, other_id) DO NOTHING;
END;
CREATE TRIGGER user_block_drop AFTER DELETE ON user_block
WHEN NOT EXISTS (SELECT 1 FROM user_block
    WHERE user_id = OLD.blocked_id AND blocked_id = OLD.user_id) BEGIN
	DELETE FROM user_block_pair WHERE user_id = OLD.user_id AND other_id = OLD.blocked_id;
	DELETE FROM user_block_pair WHERE user_id = OLD.blocked_id AND other_id = OLD.user_id;
END;

-- Only the latest visible review of a customer counts for a listener: counts is
-- 1 for it. Reviews of sessions with less than a billed minute, which earlier
-- versions accepted, are hidden.
DROP TRIGGER review_count;
DROP TRIGGER review_hide;
ALTER TABLE review ADD COLUMN counts INTEGER NOT NULL DEFAULT 0
	CHECK (counts IN (0, 1));
UPDATE review SET counts = hidden = 0;
DROP INDEX review_listener;
CREATE INDEX review_listener ON review(listener_id, counts, session_id);
DROP INDEX review_customer;
CREATE INDEX review_customer ON review(customer_id, listener_id, created_at, session_id);
CREATE INDEX review_listener_hidden ON review(listener_id, hidden, session_id);
CREATE INDEX review_hidden ON review(session_id) WHERE hidden = 1;

CREATE TRIGGER review_counts AFTER UPDATE OF counts ON review
WHEN OLD.counts <> NEW.counts BEGIN
	UPDATE listener
	SET rating_sum = rating_sum + NEW.rating * (NEW.counts - OLD.counts),
	    rating_count = rating_count + NEW.counts - OLD.counts,
	    version = version + 1
	WHERE user_id = NEW.listener_id;
END;
CREATE TRIGGER review_add AFTER INSERT ON review BEGIN
	UPDATE review SET counts = 0
	WHERE customer_id = NEW.customer_id AND listener_id = NEW.listener_id AND counts = 1;
	UPDATE review SET counts = 1 WHERE session_id = (
	    SELECT session_id FROM review
	    WHERE customer_id = NEW.customer_id AND listener_id = NEW.listener_id AND hidden = 0
	    ORDER BY created_at DESC, session_id DESC LIMIT 1);
END;
CREATE TRIGGER review_hidden AFTER UPDATE OF hidden ON review
WHEN OLD.hidden <> NEW.hidden BEGIN
	UPDATE review SET counts = 0
	WHERE customer_id = NEW.customer_id AND listener_id = NEW.listener_id AND counts = 1;
	UPDATE review SET counts = 1 WHERE session_id = (
	    SELECT session_id FROM review
	    WHERE customer_id = NEW.customer_id AND listener_id = NEW.listener_id AND hidden = 0
	    ORDER BY created_at DESC, session_id DESC LIMIT 1);
END;

INSERT INTO tally(name, n)
SELECT 'review:0', count(*) FROM review WHERE hidden = 0
UNION ALL SELECT 'review:1', count(*) FROM review WHERE hidden = 1;
CREATE TRIGGER tally_review_add AFTER INSERT ON review BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'review:' || NEW.hidden;
END;
CREATE TRIGGER tally_review_move AFTER UPDATE OF hidden ON review
WHEN OLD.hidden <> NEW.hidden BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'review:' || OLD.hidden;
	UPDATE tally SET n = n + 1 WHERE name = 'review:' || NEW.hidden;
END;

UPDATE review SET hidden = 1 WHERE hidden = 0 AND session_id IN (
    SELECT id FROM session WHERE ended_at - started_at - free_ms < 60000);
UPDATE review SET counts = 0 WHERE counts = 1 AND EXISTS (
    SELECT 1 FROM review AS r
    WHERE r.customer_id = review.customer_id AND r.listener_id = review.listener_id
	AND r.hidden = 0
	AND (r.created_at, r.session_id) > (review.created_at, review.session_id));

-- Reports of users about users. review_id is the session of the review.
--
-- report.status: 1 open, 2 closed.
-- report.action: 1 dismissed, 2 hidden (the review, or the listener in
-- searches), 3 warned, 4 banned; null: open.
CREATE TABLE report (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	reporter_id	INTEGER REFERENCES user(id) ON DELETE SET NULL,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	reason		TEXT NOT NULL,
	text		TEXT,
	call_id		INTEGER REFERENCES call(id),
	review_id	INTEGER REFERENCES review(session_id),
	status		INTEGER NOT NULL DEFAULT 1 CHECK (status IN (1, 2)),
	action		INTEGER CHECK (action BETWEEN 1 AND 4),
	note		TEXT,			-- of the decision
	decided_by	INTEGER REFERENCES user(id) ON DELETE SET NULL,
	decided_at	INTEGER,
	created_at	INTEGER NOT NULL,
	CHECK ((status = 1) = (action IS NULL)),
	CHECK ((status = 1) = (decided_at IS NULL))
) STRICT;
CREATE INDEX report_status ON report(status, id);
CREATE INDEX report_user ON report(user_id, status, id);
CREATE INDEX report_reporter ON report(reporter_id, user_id, status);
CREATE INDEX report_call ON report(call_id) WHERE call_id IS NOT NULL;
CREATE INDEX report_review ON report(review_id) WHERE review_id IS NOT NULL;
CREATE INDEX report_decided_by ON report(decided_by) WHERE decided_by IS NOT NULL;

INSERT INTO tally(name, n) VALUES ('report:1', 0), ('report:2', 0);
CREATE TRIGGER tally_report_add AFTER INSERT ON report BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'report:' || NEW.status;
END;
CREATE TRIGGER tally_report_move AFTER UPDATE OF status ON report
WHEN OLD.status <> NEW.status BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'report:' || OLD.status;
	UPDATE tally SET n = n + 1 WHERE name = 'report:' || NEW.status;
END;
CREATE TRIGGER tally_report_drop AFTER DELETE ON report BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'report:' || OLD.status;
END;
