-- released: 097b41b549d7122d416010c7bd0248309e134ff4b0e3515f86ec399f011bc53b
-- Creates the catalog: flyers, destinations, and the styles, creatives and
-- documents of the studio, with their counters and full-text indexes.
--
-- Lists of texts have one item per line. Coordinates are in 10^-6 degrees. Ids
-- only increase, so lists of the newest rows follow the primary key. version
-- increases with each change that readers can see. source_key identifies an
-- imported row in its source, so that a repeated import finds it.
--
-- entity.kind, favorite_total.kind, favorite.kind: 2 flyer, 3 destination,
-- 4 style, 5 creative, 6 document. bulk.kind: 2 flyer, 3 destination.

CREATE TABLE flyer (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	publisher_id	INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	title		TEXT NOT NULL,
	description	TEXT,
	image_url	TEXT,
	category	TEXT COLLATE NOCASE,
	lat		INTEGER CHECK (lat BETWEEN -90000000 AND 90000000),
	lng		INTEGER CHECK (lng BETWEEN -180000000 AND 180000000),
	address		TEXT,
	valid_from	INTEGER,
	valid_until	INTEGER,
	version		INTEGER NOT NULL DEFAULT 1,
	source_key	TEXT,
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL,
	CHECK ((lat IS NULL) = (lng IS NULL))
) STRICT;
CREATE INDEX flyer_publisher ON flyer(publisher_id);
CREATE INDEX flyer_category ON flyer(category);
CREATE UNIQUE INDEX flyer_source ON flyer(source_key) WHERE source_key IS NOT NULL;

CREATE TABLE destination (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid		BLOB NOT NULL CHECK (length(uuid) = 16),
	name		TEXT NOT NULL COLLATE NOCASE,
	city		TEXT COLLATE NOCASE,
	country		TEXT COLLATE NOCASE,
	thumbnail_url	TEXT,
	summary		TEXT,
	images		TEXT,
	lat		INTEGER CHECK (lat BETWEEN -90000000 AND 90000000),
	lng		INTEGER CHECK (lng BETWEEN -180000000 AND 180000000),
	version		INTEGER NOT NULL DEFAULT 1,
	source_key	TEXT,
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX destination_name ON destination(name);
CREATE INDEX destination_city ON destination(city, name);
CREATE INDEX destination_country ON destination(country, name);
CREATE INDEX destination_country_newest ON destination(country);
CREATE UNIQUE INDEX destination_source ON destination(source_key) WHERE source_key IS NOT NULL;

CREATE TABLE style (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid		BLOB NOT NULL CHECK (length(uuid) = 16),
	owner_id	INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	name		TEXT NOT NULL,
	html_url	TEXT,
	screenshot_url	TEXT,
	version		INTEGER NOT NULL DEFAULT 1,
	source_key	TEXT,
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX style_owner ON style(owner_id);
CREATE UNIQUE INDEX style_source ON style(source_key) WHERE source_key IS NOT NULL;

CREATE TABLE creative (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid		BLOB NOT NULL CHECK (length(uuid) = 16),
	owner_id	INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	collection_id	BLOB CHECK (length(collection_id) = 16),
	creative_format_id BLOB CHECK (length(creative_format_id) = 16),
	style_id	BLOB CHECK (length(style_id) = 16),
	document_ids	TEXT,
	asset_ids	TEXT,
	html_url	TEXT,
	draft_url	TEXT,
	bundle_id	TEXT,
	screenshot_url	TEXT,
	is_published	INTEGER NOT NULL DEFAULT 0 CHECK (is_published IN (0, 1)),
	publish_url	TEXT,
	version		INTEGER NOT NULL DEFAULT 1,
	source_key	TEXT,
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL
) STRICT;
-- A user can see the published creatives and those the user owns.
CREATE INDEX creative_owner ON creative(owner_id, is_published);
CREATE INDEX creative_published ON creative(is_published) WHERE is_published = 1;
CREATE INDEX creative_collection ON creative(collection_id);
CREATE UNIQUE INDEX creative_source ON creative(source_key) WHERE source_key IS NOT NULL;

CREATE TABLE document (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid		BLOB NOT NULL CHECK (length(uuid) = 16),
	owner_id	INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
	title		TEXT NOT NULL,
	content		TEXT,
	sources		TEXT,
	status		TEXT NOT NULL DEFAULT 'draft',
	is_public	INTEGER NOT NULL DEFAULT 0 CHECK (is_public IN (0, 1)),
	is_task		INTEGER NOT NULL DEFAULT 0 CHECK (is_task IN (0, 1)),
	include_research TEXT,
	version		INTEGER NOT NULL DEFAULT 1,
	source_key	TEXT,
	created_at	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL
) STRICT;
CREATE INDEX document_owner ON document(owner_id, is_public);
CREATE INDEX document_public ON document(is_public) WHERE is_public = 1;
CREATE UNIQUE INDEX document_source ON document(source_key) WHERE source_key IS NOT NULL;

-- Rows of entity. A deleted flyer or destination deletes its favorites. If a
-- style, creative or document is deleted, its entity and its favorites remain.
CREATE TRIGGER flyer_entity AFTER INSERT ON flyer BEGIN
	INSERT INTO entity(kind, id) VALUES (2, NEW.id);
END;
CREATE TRIGGER flyer_entity_drop AFTER DELETE ON flyer BEGIN
	DELETE FROM entity WHERE kind = 2 AND id = OLD.id;
END;
CREATE TRIGGER destination_entity AFTER INSERT ON destination BEGIN
	INSERT INTO entity(kind, id, uuid) VALUES (3, NEW.id, NEW.uuid);
END;
CREATE TRIGGER destination_entity_drop AFTER DELETE ON destination BEGIN
	DELETE FROM entity WHERE kind = 3 AND id = OLD.id;
END;
CREATE TRIGGER style_entity AFTER INSERT ON style BEGIN
	INSERT INTO entity(kind, id, uuid) VALUES (4, NEW.id, NEW.uuid);
END;
CREATE TRIGGER creative_entity AFTER INSERT ON creative BEGIN
	INSERT INTO entity(kind, id, uuid) VALUES (5, NEW.id, NEW.uuid);
END;
CREATE TRIGGER document_entity AFTER INSERT ON document BEGIN
	INSERT INTO entity(kind, id, uuid) VALUES (6, NEW.id, NEW.uuid);
END;

-- A change of an entity increases the version of each list that contains it.
-- Changes are rare compared with reads, and an ETag needs only one row.
CREATE TRIGGER flyer_version AFTER UPDATE ON flyer BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 2 AND id = NEW.id;
END;
CREATE TRIGGER destination_version AFTER UPDATE ON destination BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 3 AND id = NEW.id;
	UPDATE favorite_total SET version = version + 1 WHERE kind = 3
	    AND user_id IN (SELECT user_id FROM favorite
		WHERE kind = 3 AND entity_id = NEW.id);
END;
CREATE TRIGGER style_version AFTER UPDATE ON style BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 4 AND id = NEW.id;
	UPDATE favorite_total SET version = version + 1 WHERE kind = 4
	    AND user_id IN (SELECT user_id FROM favorite
		WHERE kind = 4 AND entity_id = NEW.id);
END;
CREATE TRIGGER style_gone AFTER DELETE ON style BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 4 AND id = OLD.id;
	UPDATE favorite_total SET version = version + 1 WHERE kind = 4
	    AND user_id IN (SELECT user_id FROM favorite
		WHERE kind = 4 AND entity_id = OLD.id);
END;
CREATE TRIGGER creative_version AFTER UPDATE ON creative BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 5 AND id = NEW.id;
	UPDATE favorite_total SET version = version + 1 WHERE kind = 5
	    AND user_id IN (SELECT user_id FROM favorite
		WHERE kind = 5 AND entity_id = NEW.id);
END;
CREATE TRIGGER creative_gone AFTER DELETE ON creative BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 5 AND id = OLD.id;
	UPDATE favorite_total SET version = version + 1 WHERE kind = 5
	    AND user_id IN (SELECT user_id FROM favorite
		WHERE kind = 5 AND entity_id = OLD.id);
END;
CREATE TRIGGER document_version AFTER UPDATE ON document BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 6 AND id = NEW.id;
	UPDATE favorite_total SET version = version + 1 WHERE kind = 6
	    AND user_id IN (SELECT user_id FROM favorite
		WHERE kind = 6 AND entity_id = NEW.id);
END;
CREATE TRIGGER document_gone AFTER DELETE ON document BEGIN
	UPDATE entity SET version = version + 1 WHERE kind = 6 AND id = OLD.id;
	UPDATE favorite_total SET version = version + 1 WHERE kind = 6
	    AND user_id IN (SELECT user_id FROM favorite
		WHERE kind = 6 AND entity_id = OLD.id);
END;

-- An import that is running. The triggers do not count or index rows of the
-- kind with an id above floor, because this costs ten times as much row by
-- row. The import does it for all rows before it commits, and deletes its row
-- here. Other transactions therefore never read a row of this table.
CREATE TABLE bulk (
	kind		INTEGER PRIMARY KEY,
	floor		INTEGER NOT NULL
) STRICT;

-- Numbers of public rows: all flyers, destinations and styles, the published
-- creatives and the public documents.
INSERT INTO tally(name, n) VALUES ('flyer', 0), ('destination', 0),
    ('style', 0), ('creative:published', 0), ('document:public', 0);
CREATE TRIGGER tally_flyer_add AFTER INSERT ON flyer
WHEN NOT EXISTS (SELECT 1 FROM bulk WHERE kind = 2 AND NEW.id > floor)
BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'flyer';
END;
CREATE TRIGGER tally_flyer_drop AFTER DELETE ON flyer BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'flyer';
END;
CREATE TRIGGER tally_destination_add AFTER INSERT ON destination
WHEN NOT EXISTS (SELECT 1 FROM bulk WHERE kind = 3 AND NEW.id > floor)
BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'destination';
END;
CREATE TRIGGER tally_destination_drop AFTER DELETE ON destination BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'destination';
END;
CREATE TRIGGER tally_style_add AFTER INSERT ON style BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'style';
END;
CREATE TRIGGER tally_style_drop AFTER DELETE ON style BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'style';
END;
CREATE TRIGGER tally_creative_add AFTER INSERT ON creative
WHEN NEW.is_published = 1 BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'creative:published';
END;
CREATE TRIGGER tally_creative_move AFTER UPDATE OF is_published ON creative
WHEN OLD.is_published <> NEW.is_published BEGIN
	UPDATE tally SET n = n + NEW.is_published - OLD.is_published
	WHERE name = 'creative:published';
END;
CREATE TRIGGER tally_creative_drop AFTER DELETE ON creative
WHEN OLD.is_published = 1 BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'creative:published';
END;
CREATE TRIGGER tally_document_add AFTER INSERT ON document
WHEN NEW.is_public = 1 BEGIN
	UPDATE tally SET n = n + 1 WHERE name = 'document:public';
END;
CREATE TRIGGER tally_document_move AFTER UPDATE OF is_public ON document
WHEN OLD.is_public <> NEW.is_public BEGIN
	UPDATE tally SET n = n + NEW.is_public - OLD.is_public
	WHERE name = 'document:public';
END;
CREATE TRIGGER tally_document_drop AFTER DELETE ON document
WHEN OLD.is_public = 1 BEGIN
	UPDATE tally SET n = n - 1 WHERE name = 'document:public';
END;

-- The full-text indexes.
CREATE VIRTUAL TABLE flyer_text USING fts5(
	title, description, category, address, content = 'flyer',
	content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2',
	prefix = '2 3'
);
CREATE TRIGGER flyer_text_add AFTER INSERT ON flyer
WHEN NOT EXISTS (SELECT 1 FROM bulk WHERE kind = 2 AND NEW.id > floor)
BEGIN
	INSERT INTO flyer_text(rowid, title, description, category, address)
	VALUES (NEW.id, NEW.title, NEW.description, NEW.category, NEW.address);
END;
CREATE TRIGGER flyer_text_drop AFTER DELETE ON flyer
WHEN NOT EXISTS (SELECT 1 FROM bulk WHERE kind = 2 AND OLD.id > floor)
BEGIN
	INSERT INTO flyer_text(flyer_text, rowid, title, description, category, address)
	VALUES ('delete', OLD.id, OLD.title, OLD.description, OLD.category, OLD.address);
END;
CREATE TRIGGER flyer_text_change AFTER UPDATE OF title, description, category, address
ON flyer
WHEN NOT EXISTS (SELECT 1 FROM bulk WHERE kind = 2 AND NEW.id > floor)
BEGIN
	INSERT INTO flyer_text(flyer_text, rowid, title, description, category, address)
	VALUES ('delete', OLD.id, OLD.title, OLD.description, OLD.category, OLD.address);
	INSERT INTO flyer_text(rowid, title, description, category, address)
	VALUES (NEW.id, NEW.title, NEW.description, NEW.category, NEW.address);
END;
CREATE VIRTUAL TABLE destination_text USING fts5(
	name, city, country, content = 'destination', content_rowid = 'id',
	tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER destination_text_add AFTER INSERT ON destination
WHEN NOT EXISTS (SELECT 1 FROM bulk WHERE kind = 3 AND NEW.id > floor)
BEGIN
	INSERT INTO destination_text(rowid, name, city, country)
	VALUES (NEW.id, NEW.name, NEW.city, NEW.country);
END;
CREATE TRIGGER destination_text_drop AFTER DELETE ON destination
WHEN NOT EXISTS (SELECT 1 FROM bulk WHERE kind = 3 AND OLD.id > floor)
BEGIN
	INSERT INTO destination_text(destination_text, rowid, name, city, country)
	VALUES ('delete', OLD.id, OLD.name, OLD.city, OLD.country);
END;
CREATE TRIGGER destination_text_change AFTER UPDATE OF name, city, country
ON destination
WHEN NOT EXISTS (SELECT 1 FROM bulk WHERE kind = 3 AND NEW.id > floor)
BEGIN
	INSERT INTO destination_text(destination_text, rowid, name, city, country)
	VALUES ('delete', OLD.id, OLD.name, OLD.city, OLD.country);
	INSERT INTO destination_text(rowid, name, city, country)
	VALUES (NEW.id, NEW.name, NEW.city, NEW.country);
END;

-- The positions of flyers, in 10^-6 degrees.
CREATE VIRTUAL TABLE flyer_place USING rtree_i32(id, lat0, lat1, lng0, lng1);
CREATE TRIGGER flyer_place_add AFTER INSERT ON flyer WHEN NEW.lat IS NOT NULL BEGIN
	INSERT INTO flyer_place
	VALUES (NEW.id, NEW.lat, NEW.lat, NEW.lng, NEW.lng);
END;
CREATE TRIGGER flyer_place_drop AFTER DELETE ON flyer BEGIN
	DELETE FROM flyer_place WHERE id = OLD.id;
END;
CREATE TRIGGER flyer_place_change AFTER UPDATE OF lat, lng ON flyer BEGIN
	DELETE FROM flyer_place WHERE id = OLD.id;
	INSERT INTO flyer_place SELECT NEW.id, NEW.lat, NEW.lat, NEW.lng,
	    NEW.lng WHERE NEW.lat IS NOT NULL;
END;
