/*
 * catalog_page: pages, links, ETags and editors of the catalog routes. The
 * objects are in catalog_json.h.
 */
#ifndef FCGI_ROUTES_CATALOG_CATALOG_PAGE_H
#define FCGI_ROUTES_CATALOG_CATALOG_PAGE_H

#include "domain/catalog/catalog.h"
#include "fcgi/core/paging.h"

/* Returns the editor of a change: the caller, the request id and the time. */
struct editor	catalog_page_editor(const struct req *);

/*
 * Computes an ETag over rows. Call catalog_page_tag_init(), then
 * catalog_page_tag_add() for each value that can change the response, then
 * catalog_page_tag_end(), which returns the result of req_etag().
 */
struct tag {
	uint64_t h;
};
void	catalog_page_tag_init(struct tag *, int64_t total, bool more);
void	catalog_page_tag_add(struct tag *, int64_t);
enum rc	catalog_page_tag_end(struct req *, const struct tag *);

/*
 * Sets the span of rows that limit, offset and cursor select. Only pages by
 * cursor are cut at PAGE_BYTES.
 */
enum rc	catalog_page_offsets_span(struct req *, enum paging_tag,
	    const struct offsets *, int64_t order, struct span *);
/*
 * Returns the cursor of the page after a row, allocated in the arena of the
 * request.
 */
char	*catalog_page_span_cursor(struct req *, enum paging_tag, int64_t order,
	    int64_t key, const char *text, int64_t id);

/*
 * Writes the beginning and the end of a page of the studio: {"items": [...],
 * "total_count", "page", "limit", "next_cursor"}, and sets the Link header. next
 * is NULL on the last page. catalog_page_begin() ignores its second argument.
 */
void	catalog_page_begin(struct req *, void *);
void	catalog_page_end(struct req *, int64_t total, int64_t page,
	    int64_t limit, const char *next);

#endif
