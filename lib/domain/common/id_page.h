/*
 * id_page: reads a page of a list as ids, from one index. A second statement
 * reads their rows.
 */
#ifndef DOMAIN_COMMON_ID_PAGE_H
#define DOMAIN_COMMON_ID_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

struct id_page {
	int64_t *v;
	size_t n;
	bool more;			/* more rows follow */
};

/*
 * Reads the ids of a page: column 0 of a statement with :limit and :offset. The
 * caller has bound the other parameters. The statement is finished.
 */
enum rc		 id_page_read(struct stmt *, struct arena *, int64_t limit,
		    int64_t offset, struct id_page *);
/* As id_page_read(), for ids below :before (INT64_MAX: all). */
enum rc		 id_page_before(struct stmt *, struct arena *, int64_t before,
		    int64_t limit, int64_t offset, struct id_page *);
/* Returns "[1,2,3]", for statements that read ids with json_each(). */
char		*id_page_json(struct arena *, const int64_t *, size_t n);

#endif
