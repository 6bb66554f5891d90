/*
 * catalog: what flyers, destinations, styles, creatives and documents have in
 * common: pages of ids, changes of some members, the end of a saved thing.
 *
 * A list finds the ids of its page first, along one index, then reads all rows
 * of the page with one statement.
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

/* The part of a list that is wanted. */
struct span {
	int64_t limit;
	int64_t offset;			/* not looked at with `after` */
	bool after;			/* behind the row of this key and id */
	int64_t key;
	const char *text;		/* the key where it is text */
	int64_t id;
};

/*
 * Reads the ids of a page: column 0 of a statement whose filters are bound.
 * Binds :id (the last row's, or `first`, which is before all), :limit and
 * :offset, and ends the statement.
 */
enum rc	 catalog_page_ids(struct stmt *, struct arena *,
	    const struct span *, int64_t first, struct id_page *);
/* The one number a statement gives. */
enum rc	 catalog_count(struct stmt *, int64_t *n);
/* Bind a filter that may be absent (NULL or ""), and so null. */
void	 catalog_bind_filter(struct stmt *, const char *name,
	    const char *value);
/* Bind a number; INT64_MIN is null. */
void	 catalog_bind_opt(struct stmt *, const char *name, int64_t);

/* Who changes something, and when. */
struct editor {
	int64_t user;
	bool admin;			/* may change what is not the own */
	const struct conf *conf;	/* for the quotas */
	const char *request_id;
	int64_t now;
};
/*
 * Audit what an administrator does: the state of the row :id as a statement
 * tells it in JSON (NULL where it is not there), then the entry.
 */
enum rc	 catalog_editor_state(struct db *, struct arena *, enum stmt_id,
	    int64_t row, const char **json);
enum rc	 catalog_editor_audit(struct db *, const struct editor *,
	    const char *action, const char *target, const char *before,
	    const char *after);

/*
 * Apply what a body says about one member to what the row has. Texts: NULL
 * leaves, "" clears. Numbers: FIELD_NONE leaves, FIELD_CLEARED clears. UUIDs:
 * nil leaves, all bits set clears. Lists: v NULL leaves; repeated items go.
 * *moved is set where the value is another than before.
 */
void	 catalog_edit_text(const char **to, const char *edit, bool *moved);
void	 catalog_edit_num(int64_t *to, int64_t edit, bool *moved);
void	 catalog_edit_bool(bool *to, int edit, bool *moved);
void	 catalog_edit_uuid(struct uuid *to, const struct uuid *edit,
	    bool *moved);
void	 catalog_edit_list(struct arena *, struct strv *to,
	    const struct strv *edit, bool *moved);

/*
 * Checks of what an edited row has. Each adds the wrong field to err and gives
 * RC_INVALID, or gives RC_OK.
 */
enum rc	 catalog_check_url(struct err *, const char *name, const char *url);
enum rc	 catalog_check_urls(struct err *, const char *name,
	    const struct strv *);
enum rc	 catalog_check_place(struct err *, int64_t lat, int64_t lng);

/* Where an imported row comes from, and what became of it. */
struct source {
	const char *key;		/* names the row in what is imported */
	struct uuid uuid;		/* of a new row; nil: any */
	int64_t owner;			/* of a new row */
	int64_t now;
};
enum put { PUT_SAME, PUT_CHANGED, PUT_ADDED };
/* The UUID that a statement finds for :source; nil: none. */
enum rc	 catalog_source_uuid(struct db *, enum stmt_id, const struct source *,
	    struct uuid *);
/* A UUID that is another row's is a wrong field of the row. */
enum rc	 catalog_source_taken(enum rc, struct err *);

/*
 * A box, in 10^-6 degree, that holds all places within so many metres of one;
 * all longitudes where a pole or the date line is near.
 */
struct box {
	int64_t south, north, west, east;
};
void	 catalog_box_around(struct box *, int64_t lat, int64_t lng,
	    int64_t metres);

#endif
