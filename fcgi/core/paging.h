/*
 * paging: lists by page number, by offset and by cursor.
 *
 * A cursor is opaque text that holds the last row's sort key and id, bound to
 * its list by a tag and by a keyed check: page 10,000 costs what page 1 costs,
 * and equal keys fall back on the id, so nothing is skipped or repeated.
 */
#ifndef FCGI_CORE_PAGING_H
#define FCGI_CORE_PAGING_H

#include "base/field.h"
#include "fcgi/core/req.h"

/* Which list a cursor belongs to; one number a list and order. */
enum paging_tag {
	PAGING_FAV_LISTENER = 1, PAGING_FAV_FLYER, PAGING_FAV_DESTINATION,
	PAGING_FAV_STUDIO, PAGING_LISTENERS = 16, PAGING_FLYERS = 32,
	PAGING_DESTINATIONS = 40, PAGING_STYLES = 48, PAGING_CREATIVES,
	PAGING_DOCUMENTS, PAGING_ACTIVITY = 64, PAGING_CHANGES,
	PAGING_ADMIN_USERS = 80, PAGING_ADMIN_LISTENERS, PAGING_ADMIN_ACTIVITY,
	PAGING_ADMIN_AUDIT, PAGING_ADMIN_OUTBOX, PAGING_ADMIN_CALLS,
	PAGING_ADMIN_WEBHOOKS, PAGING_ADMIN_DEVICES,
	PAGING_ADMIN_PROMOTIONS = 88, PAGING_ADMIN_PAYMENTS,
	PAGING_ADMIN_TRANSACTIONS, PAGING_DEVICES = 96,
	PAGING_TRANSACTIONS = 104, PAGING_REFERRALS = 112,
	PAGING_PAYMENTS = 120, PAGING_SESSIONS = 128, PAGING_LISTENER_SESSIONS,
	PAGING_REVIEWS, PAGING_ADMIN_SESSIONS, PAGING_CALLS = 136,
	PAGING_NOTIFICATIONS = 144, PAGING_TICKETS = 152, PAGING_REPLIES,
	PAGING_ADMIN_TICKETS, PAGING_ADMIN_REPLIES, PAGING_FAQ, PAGING_FEEDBACK
};

#define PAGING_CURSOR_TEXT	128	/* most bytes of a text key; longer ones are cut */

struct cursor {
	bool given;
	int64_t key;		/* the sort key where it is a number */
	int64_t id;
	const char *text;	/* the sort key where it is text, else NULL */
	int64_t order;		/* sort order and the like, the list's own */
};

/* The opaque text of a cursor, in the request's arena. */
char	*paging_cursor_write(struct req *, enum paging_tag,
	    const struct cursor *);
/*
 * Read a cursor given by the client; NULL gives an empty one (given false).
 * RC_INVALID, field "cursor": not one of this list, or of another order than
 * c->order says.
 */
enum rc	 paging_cursor_read(struct req *, enum paging_tag, const char *text,
	    struct cursor *c);

/*
 * The listener app: page and per_page beside the list. The query struct has a
 * member `struct pages pages`, its table PAGING_FIELDS(struct x, pages).
 */
struct pages {
	int64_t page, per_page;
	const char *cursor;
};
#define PAGING_FIELDS(S, m) \
	{ .name = "page", .type = F_INT, .off = offsetof(S, m.page), \
	    .min = 1, .max = 1000000000, .dflt = 1 }, \
	{ .name = "per_page", .type = F_INT, .flags = FIELD_CLAMP, \
	    .off = offsetof(S, m.per_page), .min = 1, .max = 100, \
	    .dflt = 20 }, \
	{ .name = "cursor", .type = F_STR, .off = offsetof(S, m.cursor), \
	    .min = 1, .max = 512 }

/* The query of a list with nothing else. */
struct paged {
	struct pages pages;
};
extern const struct field_table paged_table;
/* The rows before a page by its number; 0 behind a cursor. */
int64_t	 paging_offset(const struct pages *, const struct cursor *);

/*
 * Write total_count, page, per_page, has_next, has_previous, next_cursor
 * (NULL: none) into the open object, and the Link header. `more`: there is a
 * row behind this page. A page by cursor says page null.
 */
void	 paging_render(struct req *, const struct pages *, int64_t total,
	    bool more, const char *next_cursor);

/* Flyers, destinations and the studio: limit and offset. */
struct offsets {
	int64_t limit, offset;
	const char *cursor;
};
#define PAGING_OFFSETS_FIELDS(S, m, most, least) \
	{ .name = "limit", .type = F_INT, .flags = FIELD_CLAMP, \
	    .off = offsetof(S, m.limit), .min = 1, .max = (most), \
	    .dflt = (least) }, \
	{ .name = "offset", .type = F_INT, .off = offsetof(S, m.offset), \
	    .min = 0, .max = 1000000000, .dflt = 0 }, \
	{ .name = "cursor", .type = F_STR, .off = offsetof(S, m.cursor), \
	    .min = 1, .max = 512 }

/*
 * The request's own URL with one parameter set and page, offset and cursor
 * taken out; a path as nginx saw it, absolute by conf->base_url.
 */
char	*paging_url(struct req *, const char *name, const char *value);
/* Link: rel="next" for a cursor; NULL: none. */
void	 paging_link(struct req *, const char *next_cursor);

#endif
