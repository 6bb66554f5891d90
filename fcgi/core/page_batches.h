/*
 * page_batches: a page that is selected by number or offset and whose rows may
 * be large.
 *
 * A page by cursor may have fewer rows than requested, because its cursor names
 * the last row. A page by number must be complete: the next one starts at a
 * multiple of the page size. If its texts exceed PAGE_BYTES, it is read in
 * batches and sent from a file (spool.h). If the list has an ETag, all batches
 * are read twice: first for the ETag, then for the response.
 */
#ifndef FCGI_CORE_PAGE_BATCHES_H
#define FCGI_CORE_PAGE_BATCHES_H

#include "fcgi/core/spool.h"

/*
 * The functions of a list. `list` is its state. It must be in req->arena and
 * begin with the position of the page.
 */
struct page_batches {
	/*
	 * Reads the next rows and moves the position after them: at most
	 * `bytes` of texts, but at least one row. *cut is set if rows of the
	 * page were left out for this reason.
	 */
	enum rc	(*read)(struct req *, void *list, struct arena *,
		    size_t bytes, bool *cut);
	/* Adds the rows to the ETag. NULL: the list has no ETag. */
	void	(*tag)(struct req *, void *list);
	/* Returns req_etag() after the last row. */
	enum rc	(*tag_end)(struct req *, void *list);
	/* Moves the position back to the first row of the page. */
	void	(*rewind)(void *list);
	/* Render what precedes the rows, the rows, and what follows them. */
	void	(*begin)(struct req *, void *list);
	void	(*rows)(struct req *, const void *list);
	void	(*end)(struct req *, void *list);
};

/*
 * Produces a page. by_cursor: the page may be cut. A TX_READ handler returns
 * the result.
 */
enum rc	page_batches(struct req *, const struct page_batches *, void *list,
	    bool by_cursor);

#endif
