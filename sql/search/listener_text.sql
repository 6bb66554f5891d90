-- The next full-text index of listeners; see lib/db/search_index.h. The texts of
-- the rows are copied from the old index.

-- part: create
CREATE VIRTUAL TABLE listener_text_next USING fts5(
	username, bio, interests, tokenize = 'earmark', prefix = '2 3'
);
CREATE TRIGGER listener_text_next_add AFTER INSERT ON listener
WHEN NEW.user_id <= (SELECT position FROM search_index
    WHERE name = 'listener_text') BEGIN
	INSERT INTO listener_text_next(rowid, username, bio, interests)
	SELECT id, username, bio, interests FROM user WHERE id = NEW.user_id;
END;
CREATE TRIGGER listener_text_next_drop AFTER DELETE ON listener
WHEN OLD.user_id <= (SELECT position FROM search_index
    WHERE name = 'listener_text') BEGIN
	DELETE FROM listener_text_next WHERE rowid = OLD.user_id;
END;
CREATE TRIGGER listener_text_next_change
AFTER UPDATE OF username, bio, interests ON user
WHEN NEW.id <= (SELECT position FROM search_index
    WHERE name = 'listener_text') BEGIN
	UPDATE listener_text_next SET username = NEW.username, bio = NEW.bio,
	    interests = NEW.interests WHERE rowid = NEW.id;
END;

-- part: batch
SELECT max(rowid) FROM (SELECT rowid FROM listener_text
    WHERE rowid > :position ORDER BY rowid LIMIT 100);

-- part: fill
INSERT INTO listener_text_next(rowid, username, bio, interests)
SELECT rowid, username, bio, interests FROM listener_text
WHERE rowid > :position AND rowid <= :last;
