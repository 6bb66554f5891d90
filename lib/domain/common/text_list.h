/*
 * text_list: stores a list of short texts in one column, one per line
 * ("music\ntech").
 *
 * The field tables reject control characters, so '\n' can separate the items.
 * An empty list is NULL.
 */
#ifndef DOMAIN_COMMON_TEXT_LIST_H
#define DOMAIN_COMMON_TEXT_LIST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"

/*
 * Splits the text of a column. NULL and "" return an empty list with v not
 * NULL.
 */
struct strv	 text_list_split(struct arena *, const char *);
/*
 * Joins the items, without empty and repeated ones. Returns NULL if none is
 * left.
 */
char		*text_list_join(struct arena *, const struct strv *);

#endif
