/*
 * studio: what styles, creatives and documents have in common. Each is a
 * const struct studio_type; lists, reading, changes and import are the same.
 *
 * Everybody who is signed in sees what is open, and the own; its owner alone
 * changes it. Favorites outlive what they are of. Where a row or an edit is a
 * void pointer, it is the noun's struct.
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

/* What every row begins with. */
struct studio_head {
	int64_t id, owner_id;
	struct uuid uuid;
	int64_t created_at, updated_at, version;
	bool is_favorite;		/* of whom it is shown to */
};

/* The ways along which a list goes. */
enum studio_scope {
	STUDIO_SEEN,			/* all that the viewer may see */
	STUDIO_OWN,
	STUDIO_COLLECTION,		/* of one collection, seen or own */
	STUDIO_SCOPES
};

/* The total of a way is its count and its tally, as far as it has them. */
struct studio_list {
	enum stmt_id find, count;
	bool personal;			/* they ask for :viewer; else no count */
	const char *tally;		/* NULL: none */
};

struct studio_type {
	size_t size;			/* of its struct */
	const void *blank;		/* a new one, before its edit */
	const char *not_found, *not_own;
	struct studio_list lists[STUDIO_SCOPES];
	enum stmt_id items, get, add, change, drop, source;
	/* Returns the column behind the row's; is_favorite is not told. */
	int	(*read)(struct stmt *, int col0, struct arena *, void *row);
	/* Does everybody see it? NULL: of every row. */
	bool	(*open)(const void *row);
	/* Bring the edit into the row, then see whether it is a good one. */
	enum rc	(*edit)(struct arena *, void *row, const void *edit,
		    bool *moved, struct err *);
	/* Bind the members that an edit can change. */
	void	(*bind)(struct stmt *, struct arena *, const void *row);
};

/* What a list is to show. */
struct studio_query {
	struct uuid collection;		/* nil: all; of creatives alone */
	bool own;			/* the viewer's alone */
};

struct studio_page {
	size_t n;
	void **v;
	bool more;			/* there are rows behind these */
	int64_t total;
};

/* A page of what the viewer may see, newest first. */
enum rc	studio_list(struct db *, struct arena *, const struct studio_type *,
	    int64_t viewer, const struct studio_query *, const struct span *,
	    struct studio_page *);
/* RC_NOT_FOUND: none that the viewer may see; err says it. */
enum rc	studio_get(struct db *, struct arena *, const struct studio_type *,
	    const struct uuid *, int64_t viewer, void *row, struct err *);
/*
 * Make, change, take away; the row as it is then. RC_FORBIDDEN: it is
 * somebody else's that the editor may see.
 */
enum rc	studio_add(struct db *, struct arena *, const struct studio_type *,
	    const struct editor *, const void *edit, void *row, struct err *);
enum rc	studio_change(struct db *, struct arena *, const struct studio_type *,
	    const struct editor *, const struct uuid *, const void *edit,
	    void *row, struct err *);
enum rc	studio_remove(struct db *, struct arena *, const struct studio_type *,
	    const struct editor *, const struct uuid *, struct err *);
/*
 * Import a row: add it, or bring the row of that source to what is given.
 * RC_INVALID: err has the wrong fields.
 */
enum rc	studio_put(struct db *, struct arena *, const struct studio_type *,
	    const struct source *, const void *edit, enum put *, struct err *);

#endif
