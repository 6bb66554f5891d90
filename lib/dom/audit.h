/*
 * audit: what administrators did. Rows are final; the database refuses to
 * change or delete one.
 *
 * A state before and after is a small JSON text. audit_user() and
 * audit_listener() read it from the row itself, so it says what was stored,
 * not what was meant.
 */
#ifndef DOM_AUDIT_H
#define DOM_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/db.h"

/* Who does something, and in which request. */
struct audit_by {
	int64_t actor;			/* 0: the operator's program, a job */
	const char *request_id;		/* NULL: no request */
	int64_t now;
};

/*
 * Add a row: action is a fixed word ("user.ban"), target like "user:12";
 * before and after are JSON texts or NULL.
 */
enum rc	audit_add(struct db *, const struct audit_by *, const char *action,
	    const char *target, const char *before, const char *after);

/* The state of an account, of a listener; NULL where there is none. */
enum rc	audit_user(struct db *, struct arena *, int64_t id, const char **json);
enum rc	audit_listener(struct db *, struct arena *, int64_t id,
	    const char **json);

/* What to list; 0, NULL and INT64_MIN, INT64_MAX do not filter. */
struct audit_query {
	int64_t actor;
	const char *action, *target;
	int64_t from, to;		/* from <= at < to */
	int64_t limit, offset;
	int64_t before;			/* ids below this; INT64_MAX: all */
};

struct audit_row {
	int64_t id, at;
	int64_t actor;			/* INT64_MIN: the operator's program */
	const char *action, *target, *before, *after, *request_id;
};

struct audit_page {
	struct audit_row *rows;
	size_t n;
	int64_t total;
	bool more;
};

/* Newest first. */
enum rc	audit_list(struct db *, struct arena *, const struct audit_query *,
	    struct audit_page *);

#endif
