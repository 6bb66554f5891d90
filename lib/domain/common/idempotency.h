/*
 * idempotency: idempotency keys. The first answer to (user, key) is kept for 24 hours
 * in the transaction of its effect, and given again to the same request. Of one
 * account at most IDEMPOTENCY_KEYS and IDEMPOTENCY_BYTES are kept, the newest.
 */
#ifndef DOMAIN_COMMON_IDEMPOTENCY_H
#define DOMAIN_COMMON_IDEMPOTENCY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "db/db.h"

#define IDEMPOTENCY_KEY_MAX	255
#define IDEMPOTENCY_KEYS	10000		/* of one account; the oldest give way */
#define IDEMPOTENCY_BYTES	(16 << 20)	/* of the answers kept for them */

struct idempotency {
	int64_t user;
	const char *key;
	struct hash request;		/* of method, path and body */
	bool service;			/* another backend: no maximum */
};

/*
 * Read a header's value: 1 to 255 visible characters, bare or as a quoted
 * string (RFC 8941). NULL: it is neither.
 */
const char	*idempotency_key_parse(struct arena *, const char *header);
/*
 * RC_OK and *found false: go on. *found: the kept answer is in rc, body and
 * location. RC_UNPROCESSABLE idempotency_key_reused: the key belongs to
 * another request. RC_CONFLICT idempotency_in_progress: its first request has
 * begun and has no answer yet. Inside a write transaction.
 */
enum rc		 idempotency_find(struct db *, struct arena *,
		    const struct idempotency *, int64_t now, bool *found,
		    enum rc *answer, struct buf *body, const char **location,
		    struct err *);
/*
 * As idempotency_find(), for what can not be done in one transaction:
 * idempotency_begin() keeps the key as running, with the number of what was
 * begun under it. Who ends without an answer (killed) is replaced after
 * IDEMPOTENCY_STALE, who gave up by idempotency_release() at once: *found is
 * false then, and *thing the number; else 0.
 */
#define IDEMPOTENCY_STALE	(60 * SECOND)
enum rc		 idempotency_resume(struct db *, struct arena *,
		    const struct idempotency *, int64_t now, bool *found,
		    enum rc *answer, struct buf *body, const char **location,
		    int64_t *thing, struct err *);
enum rc		 idempotency_begin(struct db *, const struct idempotency *,
		    int64_t thing, int64_t now);
enum rc		 idempotency_release(struct db *, const struct idempotency *);
/* Keep an answer. */
enum rc		 idempotency_keep(struct db *, const struct idempotency *,
		    enum rc answer, const struct buf *body,
		    const char *location, int64_t now);

#endif
