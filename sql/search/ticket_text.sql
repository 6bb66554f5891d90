-- The next full-text index of tickets; see lib/db/search_index.h. The texts of
-- the rows are copied from the old index.

-- part: create
CREATE VIRTUAL TABLE ticket_text_next USING fts5(
	text, tokenize = 'earmark', prefix = '2 3'
);
CREATE TRIGGER ticket_text_next_add AFTER INSERT ON ticket
WHEN NEW.id <= (SELECT position FROM search_index
    WHERE name = 'ticket_text') BEGIN
	INSERT INTO ticket_text_next(rowid, text)
	VALUES (NEW.id, NEW.subject || char(10) || NEW.body);
END;
CREATE TRIGGER ticket_text_next_drop AFTER DELETE ON ticket
WHEN OLD.id <= (SELECT position FROM search_index
    WHERE name = 'ticket_text') BEGIN
	DELETE FROM ticket_text_next WHERE rowid = OLD.id;
END;
CREATE TRIGGER ticket_text_next_reply AFTER INSERT ON ticket_reply
WHEN NEW.ticket_id <= (SELECT position FROM search_index
    WHERE name = 'ticket_text') BEGIN
	UPDATE ticket_text_next SET text = text || char(10) || NEW.body
	WHERE rowid = NEW.ticket_id;
END;

-- part: batch
SELECT max(rowid) FROM (SELECT rowid FROM ticket_text
    WHERE rowid > :position ORDER BY rowid LIMIT 20);

-- part: fill
INSERT INTO ticket_text_next(rowid, text)
SELECT rowid, text FROM ticket_text
WHERE rowid > :position AND rowid <= :last;
