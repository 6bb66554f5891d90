/*
 * text_list: a list of short texts in one column, one a line ("music\ntech").
 *
 * Items hold no control characters (the field tables see to that), so '\n' is
 * free to stand between them. An empty list is NULL. And lists of ids: a page
 * is the ids that it shows, then their rows.
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

struct id_page {
	int64_t *v;
	size_t n;
	bool more;			/* than this page shows */
};

/*
 * The ids of a page: column 0 of a statement with :before (ids below it;
 * INT64_MAX: all), :limit and :offset, whose other parameters are bound; it is
 * ended.
 */
enum rc		 id_page_read(struct stmt *, struct arena *, int64_t before,
		    int64_t limit, int64_t offset, struct id_page *);
/* "[1,2,3]", for statements that take a list of ids by json_each(). */
char		*id_page_json(struct arena *, const int64_t *, size_t n);

#endif
