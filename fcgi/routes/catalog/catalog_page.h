/*
 * catalog_page: what the catalogs' lists and writes have in common beside
 * their objects (see catalog_json): spans, totals and links of a page, ETags
 * over rows, who is editing.
 */
#ifndef FCGI_ROUTES_CATALOG_CATALOG_PAGE_H
#define FCGI_ROUTES_CATALOG_CATALOG_PAGE_H

#include "domain/catalog/catalog.h"
#include "fcgi/core/paging.h"

/* Who edits: the request's actor, its id and time. */
struct editor	catalog_page_editor(const struct req *);

/*
 * An ETag over rows: catalog_page_tag_init(), catalog_page_tag_add() for
 * everything that can make the answer another one, catalog_page_tag_end(),
 * which is req_etag() of it all.
 */
struct tag {
	uint64_t h;
};
void	catalog_page_tag_init(struct tag *, int64_t total, bool more);
void	catalog_page_tag_add(struct tag *, int64_t);
enum rc	catalog_page_tag_end(struct req *, const struct tag *);

/* Flyers and destinations: the span that limit, offset and cursor ask for. */
enum rc	catalog_page_offsets_span(struct req *, enum paging_tag,
	    const struct offsets *, int64_t order, struct span *);
/* The cursor behind a row; its text in the request's arena. */
char	*catalog_page_span_cursor(struct req *, enum paging_tag, int64_t order,
	    int64_t key, const char *text, int64_t id);

#endif
