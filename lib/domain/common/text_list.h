/*
 * text_list: a list of short texts in one column, one a line ("music\ntech").
 *
 * Items hold no control characters (the field tables see to that), so '\n' is
 * free to stand between them. An empty list is NULL.
 */
#ifndef DOMAIN_COMMON_TEXT_LIST_H
#define DOMAIN_COMMON_TEXT_LIST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"

/* The items of a column's text; NULL and "" give an empty list, v not NULL. */
struct strv	 text_list_split(struct arena *, const char *);
/*
 * The text of a list, without repeated items (the first stays); NULL when
 * nothing is left.
 */
char		*text_list_join(struct arena *, const struct strv *);

#endif
