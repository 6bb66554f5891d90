/*
 * studio: the common functions of styles, creatives and documents. Each type is
 * a const struct studio_type; lists, reads, changes and import are the same.
 *
 * All signed-in users see open (public or published) rows and their own rows.
 * Only the owner may change a row. If a row is deleted, its favorites remain. A
 * void pointer to a row or an edit points to the struct of the type.
 */
#ifndef DOMAIN_CATALOG_STUDIO_H
#define DOMAIN_CATALOG_STUDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/catalog/catalog.h"

/* The first member of every row. */
struct studio_head {
	int64_t id, owner_id;
	struct uuid uuid;
	int64_t created_at, updated_at, version;
	bool is_favorite;		/* of the viewer */
};

/* The kinds of lists. */
enum studio_scope {
	STUDIO_SEEN,			/* all rows that the viewer may see */
	STUDIO_OWN,
	STUDIO_COLLECTION,	/* one collection, visible or own rows */
	STUDIO_SCOPES
};

/*
 * The total of a list is the sum of its count and its counter, if it has them.
 */
struct studio_list {
	enum stmt_id find, count;
	bool personal;			/* binds :viewer; false: no count */
	const char *counter;		/* name of a counter; NULL: none */
};

struct studio_type {
	size_t size;			/* size of its struct */
	const void *blank;		/* a new row, before its edit */
	const char *not_found, *not_own;
	struct studio_list lists[STUDIO_SCOPES];
	enum stmt_id items, get, add, change, drop, source;
	/* Reads a row. Returns the next column. Does not set is_favorite. */
	int	(*read)(struct stmt *, int col0, struct arena *, void *row);
	/* Returns whether all users see the row. NULL: they see all rows. */
	bool	(*open)(const void *row);
	/* Applies an edit to a row, then validates the result. */
	enum rc	(*edit)(struct arena *, void *row, const void *edit,
		    bool *changed, struct err *);
	/* Binds the members that an edit can change. */
	void	(*bind)(struct stmt *, struct arena *, const void *row);
};

/* The filters of a list. */
struct studio_query {
	struct uuid collection;		/* only for creatives; nil: all */
	bool own;			/* only the viewer's rows */
};

struct studio_page {
	size_t n;
	void **v;
	bool more;			/* more rows follow */
	bool cut;		/* rows were left out because of span.bytes */
	int64_t total;
};

/* Lists rows that the viewer may see, newest first. */
enum rc	studio_list(struct db *, struct arena *, const struct studio_type *,
	    int64_t viewer, const struct studio_query *, const struct span *,
	    struct studio_page *);
/*
 * Loads the rows of a page of ids, in its order, whether or not the viewer may
 * see them. Other ids are skipped. If the texts exceed `bytes` (0: no maximum),
 * the other rows are left out and page->more is set. Does not set page->total.
 */
enum rc	studio_items(struct db *, struct arena *, const struct studio_type *,
	    const struct id_page *, size_t bytes, int64_t viewer,
	    struct studio_page *);
/*
 * Loads a row. Returns RC_NOT_FOUND if it does not exist or the viewer may not
 * see it.
 */
enum rc	studio_get(struct db *, struct arena *, const struct studio_type *,
	    const struct uuid *, int64_t viewer, void *row, struct err *);
/*
 * Add, change or delete a row. They return the new state of the row, or
 * RC_FORBIDDEN if the editor is not the owner.
 */
enum rc	studio_add(struct db *, struct arena *, const struct studio_type *,
	    const struct editor *, const void *edit, void *row, struct err *);
enum rc	studio_change(struct db *, struct arena *, const struct studio_type *,
	    const struct editor *, const struct uuid *, const void *edit,
	    void *row, struct err *);
enum rc	studio_remove(struct db *, struct arena *, const struct studio_type *,
	    const struct editor *, const struct uuid *, struct err *);
/*
 * Imports a row: inserts it, or updates the row with this source. If it is
 * invalid, returns RC_INVALID with the fields in err.
 */
enum rc	studio_put(struct db *, struct arena *, const struct studio_type *,
	    const struct source *, const void *edit, enum put *, struct err *);

#endif
