/*
 * paging: splits lists into pages by page number, by offset and by cursor.
 *
 * A cursor is opaque text with the sort key and the id of the last row. A tag
 * and a keyed check bind it to its list. A page by cursor costs the same at any
 * position. Rows with equal keys are ordered by id, so rows are neither skipped
 * nor repeated.
 */
#ifndef FCGI_CORE_PAGING_H
#define FCGI_CORE_PAGING_H

#include "base/field.h"
#include "fcgi/core/req.h"

/* The list that a cursor belongs to. Each list and order has its own number. */
enum paging_tag {
	PAGING_FAV_LISTENER = 1, PAGING_FAV_FLYER, PAGING_FAV_DESTINATION,
	PAGING_FAV_STUDIO, PAGING_LISTENERS = 16, PAGING_FLYERS = 32,
	PAGING_DESTINATIONS = 40, PAGING_STYLES = 48, PAGING_CREATIVES,
	PAGING_DOCUMENTS, PAGING_ACTIVITY = 64, PAGING_CHANGES,
	PAGING_POPULAR,
	PAGING_ADMIN_USERS = 80, PAGING_ADMIN_LISTENERS, PAGING_ADMIN_ACTIVITY,
	PAGING_ADMIN_AUDIT, PAGING_ADMIN_OUTBOX, PAGING_ADMIN_CALLS,
	PAGING_ADMIN_WEBHOOKS, PAGING_ADMIN_DEVICES,
	PAGING_ADMIN_PROMOTIONS = 88, PAGING_ADMIN_PAYMENTS,
	PAGING_ADMIN_TRANSACTIONS, PAGING_ADMIN_APPROVALS, PAGING_DEVICES = 96,
	PAGING_SECURITY,
	PAGING_TRANSACTIONS = 104, PAGING_REFERRALS = 112,
	PAGING_PAYMENTS = 120, PAGING_SESSIONS = 128, PAGING_LISTENER_SESSIONS,
	PAGING_REVIEWS, PAGING_ADMIN_SESSIONS, PAGING_CALLS = 136,
	PAGING_NOTIFICATIONS = 144, PAGING_TICKETS = 152, PAGING_REPLIES,
	PAGING_ADMIN_TICKETS, PAGING_ADMIN_REPLIES, PAGING_FAQ, PAGING_FEEDBACK,
	PAGING_ADMIN_RATES = 200, PAGING_BLOCKS,
	PAGING_ADMIN_REVIEWS, PAGING_ADMIN_REPORTS,
	PAGING_ADMIN_STAFF = 220
};

/* maximum bytes of a text key; longer keys are cut */
#define PAGING_CURSOR_TEXT	128

struct cursor {
	bool given;
	int64_t key;		/* the sort key if it is a number */
	int64_t id;
	const char *text;	/* the sort key if it is text, else NULL */
	int64_t order;	/* sort order and filters, defined by the list */
};

/*
 * Returns the opaque text of a cursor, allocated in the arena of the request.
 */
char	*paging_cursor_write(struct req *, enum paging_tag,
	    const struct cursor *);
/*
 * Decodes a cursor from the client. If text is NULL, sets c->given to false.
 * Set c->order before the call. Returns RC_INVALID for the field "cursor" if
 * the cursor belongs to another list or to another order.
 */
enum rc	 paging_cursor_read(struct req *, enum paging_tag, const char *text,
	    struct cursor *c);

/*
 * Parameters page and per_page, as the listener app uses them. The query struct
 * has a member `struct pages pages`, and its field table contains
 * PAGING_FIELDS(struct x, pages).
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

/* The query of a list without other parameters. */
struct paged {
	struct pages pages;
};
extern const struct field_table paged_table;
/*
 * Returns the number of rows before a page by number, or 0 if a cursor is
 * given.
 */
int64_t	 paging_offset(const struct pages *, const struct cursor *);

/*
 * Writes total_count, page, per_page, has_next, has_previous and next_cursor
 * into the open object, and sets the Link header. more: another row follows
 * this page. next_cursor may be NULL. If the page was requested by cursor,
 * "page" is null.
 */
void	 paging_render(struct req *, const struct pages *, int64_t total,
	    bool more, const char *next_cursor);

/*
 * The frame of a list that is sorted by falling ids: an object with an array and
 * the members of paging_render(). Set the first three members, with
 * cursor.order. Store the id of each rendered row in cursor.id.
 */
struct paging_list {
	enum paging_tag tag;
	const struct pages *pages;
	struct cursor cursor;
	int64_t before;		/* ids below it are on the page */
	int64_t offset;		/* rows to skip */
};
/*
 * Reads the cursor and sets `before` and `offset`. Errors: see
 * paging_cursor_read().
 */
enum rc	 paging_list_begin(struct req *, struct paging_list *);
/* Opens the response and its array `name`. */
void	 paging_list_open(struct req *, const char *name);
/* Closes the array, writes the members of the page and closes the response. */
enum rc	 paging_list_end(struct req *, const struct paging_list *,
	    int64_t total, bool more);

/*
 * Parameters limit and offset, as flyers, destinations and the studio use them.
 */
struct offsets {
	int64_t limit, offset;
	const char *cursor;
};
#define PAGING_OFFSETS_FIELDS(S, m, max_limit, default_limit) \
	{ .name = "limit", .type = F_INT, .flags = FIELD_CLAMP, \
	    .off = offsetof(S, m.limit), .min = 1, .max = (max_limit), \
	    .dflt = (default_limit) }, \
	{ .name = "offset", .type = F_INT, .off = offsetof(S, m.offset), \
	    .min = 0, .max = 1000000000, .dflt = 0 }, \
	{ .name = "cursor", .type = F_STR, .off = offsetof(S, m.cursor), \
	    .min = 1, .max = 512 }

/*
 * Returns the URL of the request with one parameter set and without page,
 * offset and cursor. It starts with conf->base_url and has the path that nginx
 * received.
 */
char	*paging_url(struct req *, const char *name, const char *value);
/* Sets the header Link: rel="next" for a cursor. NULL: no header. */
void	 paging_link(struct req *, const char *next_cursor);

#endif
