/*
 * tokenizer: the FTS5 tokenizer "earmark", which indexes the words of
 * base/words.h (https://sqlite.org/fts5.html#custom_tokenizers).
 *
 * Units of a run are indexed in pairs, so that a text matches inside a run: a
 * document has one token for each pair of neighbors, and one for the last unit.
 * A query of several units is a phrase of pairs. A query of one unit should be a
 * prefix query, which finds all pairs that begin with this unit.
 */
#ifndef DB_TOKENIZER_H
#define DB_TOKENIZER_H

#include <sqlite3.h>

/*
 * Registers the tokenizer with a connection. Each connection needs it before it
 * uses a full-text index. Returns a result code of SQLite.
 */
int	tokenizer_register(sqlite3 *);

#endif
