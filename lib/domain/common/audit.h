/*
 * audit: what administrators did. Rows are final; the database refuses to
 * change or delete one.
 *
 * Rows form a chain, so that one that was changed, removed, put in or moved
 * behind SQLite's back is found by audit_verify(). A row's hash is
 *
 *	SHA-256(hash of the one before (32 zero bytes for the first)
 *	    || id || at || actor	int64, big endian each; none: INT64_MIN
 *	    || for each of action, target, before, after, request_id:
 *		SHA-256 of its bytes; none: 32 zero bytes)
 *
 * Rows that are older than the chain have none in the database; the first one
 * that has covers them, since their hashes are still part of it. Numbers have
 * no gaps, and none is given twice.
 *
 * A state before and after is a small JSON text. audit_user() and
 * audit_listener() read it from the row itself, so it says what was stored,
 * not what was meant.
 */
#ifndef DOMAIN_COMMON_AUDIT_H
#define DOMAIN_COMMON_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "db/db.h"

/* Who does something, and in which request. */
struct audit_by {
	int64_t actor;			/* 0: the operator's program, a job */
	const char *request_id;		/* NULL: no request */
	int64_t now;
};

/*
 * Add a row: action is a fixed word ("user.ban"), target like "user:12";
 * before and after are JSON texts or NULL. In a write transaction.
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
	const char *action, *target, *request_id;
	int64_t from, to;		/* from <= at < to */
	int64_t limit, offset;
	bool given;			/* behind that place: */
	int64_t before_at, before_id;
};

struct audit_row {
	int64_t id, at;
	int64_t actor;			/* INT64_MIN: the operator's program */
	const char *action, *target, *before, *after, *request_id;
};

/* Filtered ones are counted as far as this. */
#define AUDIT_COUNT_MOST 10000

struct audit_page {
	struct audit_row *rows;
	size_t n;
	int64_t total;
	bool more;
};

/* Newest first. */
enum rc	audit_list(struct db *, struct arena *, const struct audit_query *,
	    struct audit_page *);

/* The row's hash, behind that of the one before. */
struct hash	audit_hash(const struct hash *before, const struct audit_row *);
/* How many there are. */
enum rc	audit_count(struct db *, int64_t *n);
/* The number and hash that a new row follows. */
enum rc	audit_head(struct db *, int64_t *id, struct hash *);

/* What audit_verify() found. */
struct audit_proof {
	int64_t rows, chained;		/* of these, with a hash of their own */
	struct hash head;		/* of the last row */
	bool ok;
	const char *wrong;		/* the first broken row: what and why */
};

/*
 * Walk the chain in one read transaction of its own: all of it, or (since) the
 * row that an earlier proof ended with and those behind it. RC_OK also where
 * something is wrong: see ok and wrong.
 */
enum rc	audit_verify(struct db *, struct arena *,
	    const struct audit_proof *since, struct audit_proof *);

#endif
