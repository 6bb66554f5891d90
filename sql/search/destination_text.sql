-- The next full-text index of destinations; see lib/db/search_index.h.

-- part: create
CREATE VIRTUAL TABLE destination_text_next USING fts5(
	name, city, country, content = 'destination',
	content_rowid = 'id', tokenize = 'earmark', prefix = '2 3'
);
CREATE TRIGGER destination_text_next_add AFTER INSERT ON destination
WHEN NEW.id <= (SELECT position FROM search_index
    WHERE name = 'destination_text') BEGIN
	INSERT INTO destination_text_next(rowid, name, city, country)
	VALUES (NEW.id, NEW.name, NEW.city, NEW.country);
END;
CREATE TRIGGER destination_text_next_drop AFTER DELETE ON destination
WHEN OLD.id <= (SELECT position FROM search_index
    WHERE name = 'destination_text') BEGIN
	INSERT INTO destination_text_next(destination_text_next, rowid, name,
	    city, country)
	VALUES ('delete', OLD.id, OLD.name, OLD.city, OLD.country);
END;
CREATE TRIGGER destination_text_next_change
AFTER UPDATE OF name, city, country ON destination
WHEN OLD.id <= (SELECT position FROM search_index
    WHERE name = 'destination_text') BEGIN
	INSERT INTO destination_text_next(destination_text_next, rowid, name,
	    city, country)
	VALUES ('delete', OLD.id, OLD.name, OLD.city, OLD.country);
	INSERT INTO destination_text_next(rowid, name, city, country)
	VALUES (NEW.id, NEW.name, NEW.city, NEW.country);
END;

-- part: batch
SELECT max(id) FROM (SELECT id FROM destination WHERE id > :position
    ORDER BY id LIMIT 100);

-- part: fill
INSERT INTO destination_text_next(rowid, name, city, country)
SELECT id, name, city, country FROM destination
WHERE id > :position AND id <= :last;
