-- The next full-text index of flyers; see lib/db/search_index.h.

-- part: create
CREATE VIRTUAL TABLE flyer_text_next USING fts5(
	title, description, category, address, content = 'flyer',
	content_rowid = 'id', tokenize = 'earmark', prefix = '2 3'
);
CREATE TRIGGER flyer_text_next_add AFTER INSERT ON flyer
WHEN NEW.id <= (SELECT position FROM search_index
    WHERE name = 'flyer_text') BEGIN
	INSERT INTO flyer_text_next(rowid, title, description, category,
	    address)
	VALUES (NEW.id, NEW.title, NEW.description, NEW.category, NEW.address);
END;
CREATE TRIGGER flyer_text_next_drop AFTER DELETE ON flyer
WHEN OLD.id <= (SELECT position FROM search_index
    WHERE name = 'flyer_text') BEGIN
	INSERT INTO flyer_text_next(flyer_text_next, rowid, title,
	    description, category, address)
	VALUES ('delete', OLD.id, OLD.title, OLD.description, OLD.category,
	    OLD.address);
END;
CREATE TRIGGER flyer_text_next_change
AFTER UPDATE OF title, description, category, address ON flyer
WHEN OLD.id <= (SELECT position FROM search_index
    WHERE name = 'flyer_text') BEGIN
	INSERT INTO flyer_text_next(flyer_text_next, rowid, title,
	    description, category, address)
	VALUES ('delete', OLD.id, OLD.title, OLD.description, OLD.category,
	    OLD.address);
	INSERT INTO flyer_text_next(rowid, title, description, category,
	    address)
	VALUES (NEW.id, NEW.title, NEW.description, NEW.category, NEW.address);
END;

-- part: batch
SELECT max(id) FROM (SELECT id FROM flyer WHERE id > :position
    ORDER BY id LIMIT 100);

-- part: fill
INSERT INTO flyer_text_next(rowid, title, description, category, address)
SELECT id, title, description, category, address FROM flyer
WHERE id > :position AND id <= :last;
