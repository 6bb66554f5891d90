-- The next full-text index of frequently asked questions; see lib/db/search_index.h.

-- part: create
CREATE VIRTUAL TABLE faq_text_next USING fts5(
	question, answer, category, content = 'faq',
	content_rowid = 'id', tokenize = 'earmark', prefix = '2 3'
);
CREATE TRIGGER faq_text_next_add AFTER INSERT ON faq
WHEN NEW.id <= (SELECT position FROM search_index
    WHERE name = 'faq_text') BEGIN
	INSERT INTO faq_text_next(rowid, question, answer, category)
	VALUES (NEW.id, NEW.question, NEW.answer, NEW.category);
END;
CREATE TRIGGER faq_text_next_drop AFTER DELETE ON faq
WHEN OLD.id <= (SELECT position FROM search_index
    WHERE name = 'faq_text') BEGIN
	INSERT INTO faq_text_next(faq_text_next, rowid, question, answer,
	    category)
	VALUES ('delete', OLD.id, OLD.question, OLD.answer, OLD.category);
END;
CREATE TRIGGER faq_text_next_change
AFTER UPDATE OF question, answer, category ON faq
WHEN OLD.id <= (SELECT position FROM search_index
    WHERE name = 'faq_text') BEGIN
	INSERT INTO faq_text_next(faq_text_next, rowid, question, answer,
	    category)
	VALUES ('delete', OLD.id, OLD.question, OLD.answer, OLD.category);
	INSERT INTO faq_text_next(rowid, question, answer, category)
	VALUES (NEW.id, NEW.question, NEW.answer, NEW.category);
END;

-- part: batch
SELECT max(id) FROM (SELECT id FROM faq WHERE id > :position
    ORDER BY id LIMIT 100);

-- part: fill
INSERT INTO faq_text_next(rowid, question, answer, category)
SELECT id, question, answer, category FROM faq
WHERE id > :position AND id <= :last;
