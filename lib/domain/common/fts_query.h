/*
 * fts_query: converts a user's search text to an FTS5 query.
 *
 * The text is split into words (base/words.h), and each word is quoted. So no
 * text causes a syntax error or acts as an operator. The tokenizer of the index
 * normalizes them in the same way as documents (db/tokenizer.h).
 */
#ifndef DOMAIN_COMMON_FTS_QUERY_H
#define DOMAIN_COMMON_FTS_QUERY_H

#include "base/arena.h"

/* The maximum number of words; more are ignored. */
#define FTS_QUERY_WORDS	8

/*
 * Return a query in arena memory, or NULL if the text has no words.
 * fts_query_words() matches rows that have, for each word, a word with this
 * prefix: "jane sm" is "jane"* AND "sm"*. fts_query_phrase() matches the whole
 * words in this order in one column.
 */
char	*fts_query_words(struct arena *, const char *text);
char	*fts_query_phrase(struct arena *, const char *column, const char *text);
/*
 * Joins two queries by AND. If one is NULL, returns the other one; if both are,
 * returns NULL.
 */
char	*fts_query_both(struct arena *, const char *, const char *);

#endif
