-- released: 7356027889d0c33071fb10ac15c33b5c800fa51fc12d775380c0307c83a6eb73
-- Creates support tickets with their replies, frequently asked questions, and
-- feedback.
--
-- ticket.status, ticket_total.status: 1 open (waits for the staff), 2 pending
-- (waits for the customer), 3 solved, 4 closed.
-- ticket.category, ticket_total.category: 1 account, 2 payment, 3 call,
-- 4 listener, 5 safety, 6 other.
-- ticket_reply.kind: 1 customer, 2 staff (visible to the customer), 3 note
-- (internal).
-- feedback.kind, feedback_total.kind: 1 bug, 2 idea, 3 praise, 4 other.
-- feedback.rating, feedback_total.rating: 0 no rating, else 1 to 5.

-- version and updated_at change if the customer can see a difference. Internal
-- notes do not change them.
CREATE TABLE ticket (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	subject		TEXT NOT NULL,
	body		TEXT NOT NULL,
	category	INTEGER NOT NULL CHECK (category BETWEEN 1 AND 6),
	session_id	INTEGER REFERENCES session(id),
	status		INTEGER NOT NULL DEFAULT 1 CHECK (status BETWEEN 1 AND 4),
	assignee_id	INTEGER REFERENCES user(id) ON DELETE SET NULL,
	replies		INTEGER NOT NULL DEFAULT 0,
	notes		INTEGER NOT NULL DEFAULT 0,
	version		INTEGER NOT NULL DEFAULT 1,
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL,
	solved_at	INTEGER,
	CHECK ((status = 3) = (solved_at IS NOT NULL))
) STRICT;
CREATE INDEX ticket_user ON ticket(user_id, id);
CREATE INDEX ticket_status ON ticket(status, id);
CREATE INDEX ticket_assignee ON ticket(assignee_id, id);
CREATE INDEX ticket_queue ON ticket(assignee_id, status, id);
CREATE INDEX ticket_solved ON ticket(solved_at) WHERE status = 3;
CREATE INDEX ticket_session ON ticket(session_id) WHERE session_id IS NOT NULL;

CREATE TABLE ticket_reply (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	ticket_id	INTEGER NOT NULL REFERENCES ticket(id) ON DELETE CASCADE,
	author_id	INTEGER NOT NULL,
	kind		INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
	body		TEXT NOT NULL,
	created_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX ticket_reply_ticket ON ticket_reply(ticket_id, id);

-- The number of tickets by status, category and assignee (0: not assigned).
CREATE TABLE ticket_total (
	status		INTEGER NOT NULL,
	category	INTEGER NOT NULL,
	assignee_id	INTEGER NOT NULL,
	n		INTEGER NOT NULL,
	PRIMARY KEY (status, category, assignee_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER ticket_total_add AFTER INSERT ON ticket BEGIN
	INSERT INTO ticket_total(status, category, assignee_id, n)
	VALUES (NEW.status, NEW.category, coalesce(NEW.assignee_id, 0), 1)
	ON CONFLICT (status, category, assignee_id) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER ticket_total_move
AFTER UPDATE OF status, category, assignee_id ON ticket BEGIN
	UPDATE ticket_total SET n = n - 1
	WHERE status = OLD.status AND category = OLD.category
	    AND assignee_id = coalesce(OLD.assignee_id, 0);
	INSERT INTO ticket_total(status, category, assignee_id, n)
	VALUES (NEW.status, NEW.category, coalesce(NEW.assignee_id, 0), 1)
	ON CONFLICT (status, category, assignee_id) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER ticket_total_drop AFTER DELETE ON ticket BEGIN
	UPDATE ticket_total SET n = n - 1
	WHERE status = OLD.status AND category = OLD.category
	    AND assignee_id = coalesce(OLD.assignee_id, 0);
END;

-- The full-text index of tickets: subject, body and all replies.
CREATE VIRTUAL TABLE ticket_text USING fts5(
	text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER ticket_text_add AFTER INSERT ON ticket BEGIN
	INSERT INTO ticket_text(rowid, text)
	VALUES (NEW.id, NEW.subject || char(10) || NEW.body);
END;
CREATE TRIGGER ticket_text_drop AFTER DELETE ON ticket BEGIN
	DELETE FROM ticket_text WHERE rowid = OLD.id;
END;
CREATE TRIGGER ticket_reply_add AFTER INSERT ON ticket_reply BEGIN
	UPDATE ticket SET replies = replies + (NEW.kind <> 3),
	    notes = notes + (NEW.kind = 3)
	WHERE id = NEW.ticket_id;
	UPDATE ticket_text SET text = text || char(10) || NEW.body
	WHERE rowid = NEW.ticket_id;
END;

-- Frequently asked questions, ordered by position. A category has the position
-- of its first question.
CREATE TABLE faq (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	category	TEXT NOT NULL,
	question	TEXT NOT NULL,
	answer		TEXT NOT NULL,
	position	INTEGER NOT NULL,
	published	INTEGER NOT NULL DEFAULT 1 CHECK (published IN (0, 1)),
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX faq_order ON faq(position, id);
CREATE INDEX faq_category ON faq(category, position, id);

INSERT INTO setting(key, value) VALUES ('faq_version', 0);
CREATE TRIGGER faq_version_add AFTER INSERT ON faq BEGIN
	UPDATE setting SET value = value + 1 WHERE key = 'faq_version';
END;
CREATE TRIGGER faq_version_change AFTER UPDATE ON faq BEGIN
	UPDATE setting SET value = value + 1 WHERE key = 'faq_version';
END;
CREATE TRIGGER faq_version_drop AFTER DELETE ON faq BEGIN
	UPDATE setting SET value = value + 1 WHERE key = 'faq_version';
END;

CREATE VIRTUAL TABLE faq_text USING fts5(
	question, answer, category, content = 'faq', content_rowid = 'id',
	tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER faq_text_add AFTER INSERT ON faq BEGIN
	INSERT INTO faq_text(rowid, question, answer, category)
	VALUES (NEW.id, NEW.question, NEW.answer, NEW.category);
END;
CREATE TRIGGER faq_text_drop AFTER DELETE ON faq BEGIN
	INSERT INTO faq_text(faq_text, rowid, question, answer, category)
	VALUES ('delete', OLD.id, OLD.question, OLD.answer, OLD.category);
END;
CREATE TRIGGER faq_text_change
AFTER UPDATE OF question, answer, category ON faq BEGIN
	INSERT INTO faq_text(faq_text, rowid, question, answer, category)
	VALUES ('delete', OLD.id, OLD.question, OLD.answer, OLD.category);
	INSERT INTO faq_text(rowid, question, answer, category)
	VALUES (NEW.id, NEW.question, NEW.answer, NEW.category);
END;

CREATE TABLE feedback (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id		INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
	rating		INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
	body		TEXT NOT NULL,
	app		TEXT,			-- name and version of the app
	created_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX feedback_user ON feedback(user_id, id);
CREATE INDEX feedback_kind ON feedback(kind, id);
CREATE INDEX feedback_rating ON feedback(rating, id);

CREATE TABLE feedback_total (
	kind		INTEGER NOT NULL,
	rating		INTEGER NOT NULL,
	n		INTEGER NOT NULL,
	PRIMARY KEY (kind, rating)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER feedback_total_add AFTER INSERT ON feedback BEGIN
	INSERT INTO feedback_total(kind, rating, n)
	VALUES (NEW.kind, NEW.rating, 1)
	ON CONFLICT (kind, rating) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER feedback_total_drop AFTER DELETE ON feedback BEGIN
	UPDATE feedback_total SET n = n - 1
	WHERE kind = OLD.kind AND rating = OLD.rating;
END;
