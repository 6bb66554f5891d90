/*
 * lines: a list of short texts in one column, one a line ("music\ntech").
 *
 * Items hold no control characters (the field tables see to that), so '\n' is
 * free to stand between them. An empty list is NULL.
 */
#ifndef DOM_LINES_H
#define DOM_LINES_H

#include "base/arena.h"
#include "base/str.h"

/* The items of a column's text; NULL and "" give an empty list, v not NULL. */
struct strv	 lines_split(struct arena *, const char *);
/*
 * The text of a list, without repeated items (the first stays); NULL when
 * nothing is left.
 */
char		*lines_join(struct arena *, const struct strv *);

/* "[1,2,3]", for statements that take a list of ids by json_each(). */
char		*lines_ids(struct arena *, const int64_t *, size_t n);

#endif
