/*
 * idempotency: stores responses by Idempotency-Key.
 *
 * The first response for (user, key) is stored for 24 hours, in the transaction
 * of its effect. A repeat of the same request returns the stored response. Each
 * account keeps its newest keys, up to IDEMPOTENCY_KEYS and IDEMPOTENCY_BYTES.
 */
#ifndef DOMAIN_COMMON_IDEMPOTENCY_H
#define DOMAIN_COMMON_IDEMPOTENCY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "db/db.h"

#define IDEMPOTENCY_KEY_MAX	255
#define IDEMPOTENCY_KEYS	10000		/* maximum per account */
/* maximum size of the responses per account */
#define IDEMPOTENCY_BYTES	(16 << 20)

struct idempotency {
	int64_t user;
	const char *key;
	struct hash request;		/* hash of method, path and body */
	bool service;	/* the caller is a service: no maximum */
	/* of the stored response; NULL: JSON. In the arena after a find. */
	const char *media_type;
};

/*
 * Parses a header value: 1 to 255 visible characters, bare or as a quoted
 * string (RFC 8941). Returns NULL if it is invalid.
 */
const char	*idempotency_key_parse(struct arena *, const char *header);
/*
 * Finds the stored response of a key. Must run in a write transaction.
 *
 * If *found is false, the caller runs the request. If *found is true, the
 * stored response is in *result, body, *location and media_type of the key. Errors: RC_UNPROCESSABLE
 * idempotency_key_reused if the key belongs to another request; RC_CONFLICT
 * idempotency_in_progress if the first request has no response yet.
 */
enum rc		 idempotency_find(struct db *, struct arena *,
		    struct idempotency *, int64_t now, bool *found,
		    enum rc *result, struct buf *body, const char **location,
		    struct err *);
/*
 * As idempotency_find(), for requests that need several transactions.
 *
 * idempotency_begin() stores the key as running, with the id of the object that
 * the request created. If the request dies, a repeat takes it over after
 * IDEMPOTENCY_STALE. After idempotency_release(), a repeat takes it over
 * immediately. Then *found is false and *object is that id; otherwise *object
 * is 0.
 */
#define IDEMPOTENCY_STALE	(60 * SECOND)
enum rc		 idempotency_resume(struct db *, struct arena *,
		    struct idempotency *, int64_t now, bool *found,
		    enum rc *result, struct buf *body, const char **location,
		    int64_t *object, struct err *);
enum rc		 idempotency_begin(struct db *, const struct idempotency *,
		    int64_t object, int64_t now);
enum rc		 idempotency_release(struct db *, const struct idempotency *);
/* Stores a response. */
enum rc		 idempotency_keep(struct db *, const struct idempotency *,
		    enum rc result, const struct buf *body,
		    const char *location, int64_t now);

#endif
