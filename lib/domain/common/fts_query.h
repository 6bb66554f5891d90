/*
 * fts_query: what a person typed, as a full-text query.
 *
 * The text never reaches FTS5's query language as it is: it is cut into words
 * of letters and digits, and each word is quoted. So no text is a syntax
 * error and none is an operator.
 */
#ifndef DOMAIN_COMMON_FTS_QUERY_H
#define DOMAIN_COMMON_FTS_QUERY_H

#include "base/arena.h"

/* More words than this are left out. */
#define FTS_QUERY_WORDS	8

/*
 * Rows that have every word, each as the beginning of one of theirs:
 * ("jane sm", NULL) is "jane"* AND "sm"*. With a column, words of that column
 * only, whole and one behind the other. NULL: there is no word in the text, so
 * nothing can match.
 */
char	*fts_query_words(struct arena *, const char *text);
char	*fts_query_phrase(struct arena *, const char *column, const char *text);
/* Both, where both are there; NULL where neither is. */
char	*fts_query_both(struct arena *, const char *, const char *);

#endif
