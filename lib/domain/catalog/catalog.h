/*
 * catalog: the common functions of flyers, destinations, styles, creatives and
 * documents: pages of ids, changes of members, audit and import.
 *
 * A list first reads the ids of its page from one index, then all rows of the
 * page with one statement.
 */
#ifndef DOMAIN_CATALOG_CATALOG_H
#define DOMAIN_CATALOG_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/field.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/common/id_page.h"

/* The requested part of a list. */
struct span {
	int64_t limit;
	int64_t offset;			/* ignored if `after` is set */
	bool after;			/* starts after the row (key, id) */
	int64_t key;
	const char *text;		/* the key if it is text */
	int64_t id;
	size_t bytes;		/* maximum of the texts; 0: no maximum */
};

/*
 * Reads the ids of a page: column 0 of a statement whose filters are bound.
 * Binds :id (of the last row, or `first`, which precedes all rows), :limit and
 * :offset. The statement is finished.
 */
enum rc	 catalog_page_ids(struct stmt *, struct arena *,
	    const struct span *, int64_t first, struct id_page *);
/*
 * Reads column 0 of the first row of a statement; without a row, the result is
 * 0.
 */
enum rc	 catalog_count(struct stmt *, int64_t *n);
/* Binds a filter. NULL and "" are bound as null. */
void	 catalog_bind_filter(struct stmt *, const char *name,
	    const char *value);

/* The user that changes a row, and the time. */
struct editor {
	int64_t user;
	bool admin;			/* may change rows of other users */
	const struct conf *conf;	/* for the quotas */
	const char *request_id;
	int64_t now;
};
/*
 * Audit a change by an administrator. catalog_editor_state() returns the state
 * of a row as JSON by a statement with :id, or NULL if the row does not exist.
 * catalog_editor_audit() adds the entry.
 */
enum rc	 catalog_editor_state(struct db *, struct arena *, enum stmt_id,
	    int64_t row, const char **json);
enum rc	 catalog_editor_audit(struct db *, const struct editor *,
	    const char *action, const char *target, const char *before,
	    const char *after);

/*
 * Apply a member of a request body to a row. A NULL text, FIELD_NONE, a nil
 * UUID, or a list with a NULL v leaves the member unchanged. The text "",
 * FIELD_CLEARED, or a UUID with all bits set deletes it. Repeated items of a
 * list are removed. *changed is set if the value differs from the old one.
 */
void	 catalog_edit_text(const char **to, const char *edit, bool *changed);
void	 catalog_edit_num(int64_t *to, int64_t edit, bool *changed);
void	 catalog_edit_bool(bool *to, int edit, bool *changed);
void	 catalog_edit_uuid(struct uuid *to, const struct uuid *edit,
	    bool *changed);
void	 catalog_edit_list(struct arena *, struct strv *to,
	    const struct strv *edit, bool *changed);

/*
 * Check members of a changed row. They return RC_OK, or add the invalid field
 * to err and return RC_INVALID.
 */
enum rc	 catalog_check_url(struct err *, const char *name, const char *url);
enum rc	 catalog_check_urls(struct err *, const char *name,
	    const struct strv *);
enum rc	 catalog_check_place(struct err *, int64_t lat, int64_t lng);

/* The origin of an imported row, and the result of the import. */
struct source {
	const char *key;	/* identifies the row in the imported data */
	struct uuid uuid;		/* of a new row; nil: generated */
	int64_t owner;			/* of a new row */
	int64_t now;
};
enum put { PUT_SAME, PUT_CHANGED, PUT_ADDED };
/* Returns the UUID of the row with this source; nil: none. */
enum rc	 catalog_source_uuid(struct db *, enum stmt_id, const struct source *,
	    struct uuid *);
/* Converts RC_CONFLICT of an insert to an error of the field "id". */
enum rc	 catalog_source_taken(enum rc, struct err *);

/*
 * A box, in 10^-6 degree, that contains all places within a distance of a
 * place. It has all longitudes if a pole or the date line is near.
 */
struct box {
	int64_t south, north, west, east;
};
void	 catalog_box_around(struct box *, int64_t lat, int64_t lng,
	    int64_t meters);

#endif
