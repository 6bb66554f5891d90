/*
 * audit: logs the changes that administrators made. Triggers prevent updates
 * and deletions of rows.
 *
 * Rows form a hash chain. audit_verify() finds rows that another program
 * changed, removed, inserted or moved. The hash of a row is
 *
 *	SHA-256(hash of the previous row (32 zero bytes for the first)
 *	    || id || at || actor	int64, big endian each; null: INT64_MIN
 *	    || for each of action, target, before, after, request_id:
 *		SHA-256 of its bytes; null: 32 zero bytes)
 *
 * Rows that were written before the chain was introduced have no hash. The
 * first row with a hash covers them, as their hashes are part of it. Ids have
 * no gaps and are never reused.
 *
 * The states `before` and `after` are small JSON texts. audit_user() and
 * audit_listener() read them from the database, so the audit shows the real
 * effect.
 */
#ifndef DOMAIN_COMMON_AUDIT_H
#define DOMAIN_COMMON_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "db/db.h"

/* The actor, the request and the time of a change. */
struct audit_by {
	int64_t actor;			/* 0: operator's program or job */
	const char *request_id;		/* NULL: no request */
	int64_t now;
};

/*
 * Adds a row. `action` is a fixed word ("user.ban"), `target` is like
 * "user:12". `before` and `after` are JSON texts or NULL. Must run in a write
 * transaction.
 */
enum rc	audit_add(struct db *, const struct audit_by *, const char *action,
	    const char *target, const char *before, const char *after);

/*
 * Returns the state of an account or a listener as JSON in arena memory. *json
 * is NULL if it does not exist.
 */
enum rc	audit_user(struct db *, struct arena *, int64_t id, const char **json);
enum rc	audit_listener(struct db *, struct arena *, int64_t id,
	    const char **json);

/*
 * The filters of audit_list(). 0, NULL, INT64_MIN and INT64_MAX do not filter.
 */
struct audit_query {
	int64_t actor;
	const char *action, *target, *request_id;
	int64_t from, to;		/* from <= at < to */
	int64_t limit, offset;
	bool given;			/* starts after this row: */
	int64_t before_at, before_id;
	size_t bytes;			/* maximum of the texts */
};

struct audit_row {
	int64_t id, at;
	int64_t actor;			/* INT64_MIN: operator's program */
	const char *action, *target, *before, *after, *request_id;
};

/* The maximum of audit_page.total if a filter is given. */
#define AUDIT_COUNT_MAX 10000

struct audit_page {
	struct audit_row *rows;
	size_t n;
	int64_t total;
	bool more;
	bool cut;		/* rows were left out because of query.bytes */
};

/* Lists rows, newest first. */
enum rc	audit_list(struct db *, struct arena *, const struct audit_query *,
	    struct audit_page *);

/* Returns the hash of a row, given the hash of the previous row. */
struct hash	audit_hash(const struct hash *before, const struct audit_row *);
/* Counts all rows. */
enum rc	audit_count(struct db *, int64_t *n);
/* Returns the id and the hash of the last row. */
enum rc	audit_head(struct db *, int64_t *id, struct hash *);

/* The result of audit_verify(). */
struct audit_proof {
	int64_t rows, chained;		/* chained: rows with a stored hash */
	struct hash head;		/* hash of the last row */
	bool ok;
	const char *wrong;	/* description of the first broken row */
};

/*
 * Verifies the chain in a read transaction of its own. If `since` is not NULL,
 * it starts at the last row of that earlier result; else it verifies all rows.
 * Returns RC_OK also if the chain is broken: see `ok` and `wrong`.
 */
enum rc	audit_verify(struct db *, struct arena *,
	    const struct audit_proof *since, struct audit_proof *);

#endif
