-- Creates the list of full-text indexes. earmark-jobs rebuilds an index that
-- was built with other words than those of the program (lib/db/search_index.h).
-- It is a small job for each step, and searches use the old index until the new
-- one is complete.
--
-- search_index.version: 0 the tokenizer unicode61 of SQLite; otherwise
-- WORDS_VERSION of lib/base/words.h.

CREATE TABLE search_index (
	name		TEXT PRIMARY KEY,	-- the full-text table
	version		INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
	position	INTEGER			-- the highest rowid in the new index; null: none is being built
) STRICT, WITHOUT ROWID;
INSERT INTO search_index(name) VALUES ('destination_text'), ('faq_text'),
    ('flyer_text'), ('listener_text'), ('ticket_text');
