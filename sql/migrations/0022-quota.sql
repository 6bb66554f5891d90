-- Creates counters for the limits of each account: rows and bytes of flyers,
-- styles, creatives and documents; idempotency keys; the log of favorites.
-- Favorites are counted by favorite_total. There are no new integer codes.

-- The number of bytes of the texts in a row, as stored.
ALTER TABLE flyer ADD COLUMN content_bytes INTEGER GENERATED ALWAYS AS (
	length(CAST(title AS BLOB)) +
	ifnull(length(CAST(description AS BLOB)), 0) +
	ifnull(length(CAST(image_url AS BLOB)), 0) +
	ifnull(length(CAST(category AS BLOB)), 0) +
	ifnull(length(CAST(address AS BLOB)), 0)) VIRTUAL;
ALTER TABLE style ADD COLUMN content_bytes INTEGER GENERATED ALWAYS AS (
	length(CAST(name AS BLOB)) +
	ifnull(length(CAST(html_url AS BLOB)), 0) +
	ifnull(length(CAST(screenshot_url AS BLOB)), 0)) VIRTUAL;
ALTER TABLE creative ADD COLUMN content_bytes INTEGER GENERATED ALWAYS AS (
	ifnull(length(CAST(document_ids AS BLOB)), 0) +
	ifnull(length(CAST(asset_ids AS BLOB)), 0) +
	ifnull(length(CAST(html_url AS BLOB)), 0) +
	ifnull(length(CAST(draft_url AS BLOB)), 0) +
	ifnull(length(CAST(bundle_id AS BLOB)), 0) +
	ifnull(length(CAST(screenshot_url AS BLOB)), 0) +
	ifnull(length(CAST(publish_url AS BLOB)), 0)) VIRTUAL;
ALTER TABLE document ADD COLUMN content_bytes INTEGER GENERATED ALWAYS AS (
	length(CAST(title AS BLOB)) +
	ifnull(length(CAST(content AS BLOB)), 0) +
	ifnull(length(CAST(sources AS BLOB)), 0) +
	length(CAST(status AS BLOB)) +
	ifnull(length(CAST(include_research AS BLOB)), 0)) VIRTUAL;

CREATE TABLE quota_usage (
	user_id		INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
	n_rows		INTEGER NOT NULL CHECK (n_rows >= 0),
	n_bytes		INTEGER NOT NULL CHECK (n_bytes >= 0)
) STRICT;
INSERT INTO quota_usage(user_id, n_rows, n_bytes)
SELECT owner, count(*), sum(bytes) FROM (
	SELECT publisher_id AS owner, content_bytes AS bytes FROM flyer
	UNION ALL SELECT owner_id, content_bytes FROM style
	UNION ALL SELECT owner_id, content_bytes FROM creative
	UNION ALL SELECT owner_id, content_bytes FROM document)
GROUP BY owner;

CREATE TRIGGER quota_flyer_add AFTER INSERT ON flyer BEGIN
	INSERT INTO quota_usage(user_id, n_rows, n_bytes)
	VALUES (NEW.publisher_id, 1, NEW.content_bytes)
	ON CONFLICT (user_id) DO UPDATE SET n_rows = n_rows + 1,
	    n_bytes = n_bytes + excluded.n_bytes;
END;
CREATE TRIGGER quota_flyer_change AFTER UPDATE ON flyer
WHEN NEW.content_bytes <> OLD.content_bytes BEGIN
	UPDATE quota_usage
	SET n_bytes = n_bytes + NEW.content_bytes - OLD.content_bytes
	WHERE user_id = NEW.publisher_id;
END;
CREATE TRIGGER quota_flyer_drop AFTER DELETE ON flyer BEGIN
	UPDATE quota_usage SET n_rows = n_rows - 1,
	    n_bytes = n_bytes - OLD.content_bytes
	WHERE user_id = OLD.publisher_id;
END;
CREATE TRIGGER quota_style_add AFTER INSERT ON style BEGIN
	INSERT INTO quota_usage(user_id, n_rows, n_bytes)
	VALUES (NEW.owner_id, 1, NEW.content_bytes)
	ON CONFLICT (user_id) DO UPDATE SET n_rows = n_rows + 1,
	    n_bytes = n_bytes + excluded.n_bytes;
END;
CREATE TRIGGER quota_style_change AFTER UPDATE ON style
WHEN NEW.content_bytes <> OLD.content_bytes BEGIN
	UPDATE quota_usage
	SET n_bytes = n_bytes + NEW.content_bytes - OLD.content_bytes
	WHERE user_id = NEW.owner_id;
END;
CREATE TRIGGER quota_style_drop AFTER DELETE ON style BEGIN
	UPDATE quota_usage SET n_rows = n_rows - 1,
	    n_bytes = n_bytes - OLD.content_bytes
	WHERE user_id = OLD.owner_id;
END;
CREATE TRIGGER quota_creative_add AFTER INSERT ON creative BEGIN
	INSERT INTO quota_usage(user_id, n_rows, n_bytes)
	VALUES (NEW.owner_id, 1, NEW.content_bytes)
	ON CONFLICT (user_id) DO UPDATE SET n_rows = n_rows + 1,
	    n_bytes = n_bytes + excluded.n_bytes;
END;
CREATE TRIGGER quota_creative_change AFTER UPDATE ON creative
WHEN NEW.content_bytes <> OLD.content_bytes BEGIN
	UPDATE quota_usage
	SET n_bytes = n_bytes + NEW.content_bytes - OLD.content_bytes
	WHERE user_id = NEW.owner_id;
END;
CREATE TRIGGER quota_creative_drop AFTER DELETE ON creative BEGIN
	UPDATE quota_usage SET n_rows = n_rows - 1,
	    n_bytes = n_bytes - OLD.content_bytes
	WHERE user_id = OLD.owner_id;
END;
CREATE TRIGGER quota_document_add AFTER INSERT ON document BEGIN
	INSERT INTO quota_usage(user_id, n_rows, n_bytes)
	VALUES (NEW.owner_id, 1, NEW.content_bytes)
	ON CONFLICT (user_id) DO UPDATE SET n_rows = n_rows + 1,
	    n_bytes = n_bytes + excluded.n_bytes;
END;
CREATE TRIGGER quota_document_change AFTER UPDATE ON document
WHEN NEW.content_bytes <> OLD.content_bytes BEGIN
	UPDATE quota_usage
	SET n_bytes = n_bytes + NEW.content_bytes - OLD.content_bytes
	WHERE user_id = NEW.owner_id;
END;
CREATE TRIGGER quota_document_drop AFTER DELETE ON document BEGIN
	UPDATE quota_usage SET n_rows = n_rows - 1,
	    n_bytes = n_bytes - OLD.content_bytes
	WHERE user_id = OLD.owner_id;
END;

-- Idempotency keys and the bytes of their responses. At the limit, the oldest
-- are deleted.
ALTER TABLE quota_usage ADD COLUMN n_keys INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quota_usage ADD COLUMN key_bytes INTEGER NOT NULL DEFAULT 0;
INSERT INTO quota_usage(user_id, n_rows, n_bytes, n_keys, key_bytes)
SELECT user_id, 0, 0, count(*), sum(ifnull(length(body), 0))
FROM idempotency WHERE true GROUP BY user_id
ON CONFLICT (user_id) DO UPDATE SET n_keys = excluded.n_keys,
    key_bytes = excluded.key_bytes;
CREATE INDEX idempotency_user ON idempotency(user_id, created_at);
CREATE TRIGGER quota_key_add AFTER INSERT ON idempotency BEGIN
	INSERT INTO quota_usage(user_id, n_rows, n_bytes, n_keys, key_bytes)
	VALUES (NEW.user_id, 0, 0, 1, ifnull(length(NEW.body), 0))
	ON CONFLICT (user_id) DO UPDATE SET n_keys = n_keys + 1,
	    key_bytes = key_bytes + excluded.key_bytes;
END;
CREATE TRIGGER quota_key_change AFTER UPDATE OF body ON idempotency BEGIN
	UPDATE quota_usage SET key_bytes = key_bytes +
	    ifnull(length(NEW.body), 0) - ifnull(length(OLD.body), 0)
	WHERE user_id = NEW.user_id;
END;
CREATE TRIGGER quota_key_drop AFTER DELETE ON idempotency BEGIN
	UPDATE quota_usage SET n_keys = n_keys - 1,
	    key_bytes = key_bytes - ifnull(length(OLD.body), 0)
	WHERE user_id = OLD.user_id;
END;

-- The log of favorites: the number of rows of a user and kind, and the highest
-- seq that was deleted. A client that is below it must read the full list.
ALTER TABLE favorite_total ADD COLUMN log_n INTEGER NOT NULL DEFAULT 0;
ALTER TABLE favorite_total ADD COLUMN log_floor INTEGER NOT NULL DEFAULT 0;
UPDATE favorite_total SET log_n = l.n FROM (
	SELECT user_id, kind, count(*) AS n FROM favorite_log
	GROUP BY user_id, kind) AS l
WHERE l.user_id = favorite_total.user_id AND l.kind = favorite_total.kind;
CREATE TRIGGER favorite_log_added AFTER INSERT ON favorite_log BEGIN
	UPDATE favorite_total SET log_n = log_n + 1
	WHERE user_id = NEW.user_id AND kind = NEW.kind;
END;
CREATE TRIGGER favorite_log_dropped AFTER DELETE ON favorite_log BEGIN
	UPDATE favorite_total SET log_n = max(log_n - 1, 0),
	    log_floor = max(log_floor, OLD.seq)
	WHERE user_id = OLD.user_id AND kind = OLD.kind;
END;

-- An index for deleting the oldest refresh tokens of a device.
DROP INDEX refresh_token_session;
CREATE INDEX refresh_token_session ON refresh_token(session_id, expires_at);
