/*
 * req: one request, from its parameters to its answer.
 *
 * It carries everything a handler may use; there are no globals beside it but
 * the process's configuration. All of it is in the arena, gone after the log
 * line.
 */
#ifndef FCGI_CORE_REQ_H
#define FCGI_CORE_REQ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "json/json_write.h"
#include "providers/provider.h"

struct route;
struct spool;

/* Roles are a set. */
#define ROLE_CUSTOMER	01u
#define ROLE_LISTENER	02u
#define ROLE_ADMIN	04u
#define ROLE_SERVICE	010u

struct actor {
	int64_t user;			/* 0: nobody is signed in */
	int64_t session;		/* device session; 0: none */
	int64_t service_token;		/* its number; 0: none */
	struct uuid uuid;
	unsigned roles;
	bool active;
};

#define REQ_PATH_ARGS 4			/* variable path segments, at most */

struct req {
	/* what came */
	struct arena arena;
	struct db *db;
	const struct conf *conf;
	int64_t now;			/* ms, taken once */
	int64_t began;			/* µs, monotonic */
	char id[65];			/* X-Request-Id */
	const char *method, *path, *query_text;
	const char *content_type, *accept, *authorization, *if_none_match;
	const char *idempotency_key, *remote_addr, *user_agent, *origin;
	struct webhook_headers hook;	/* of a provider's webhook */
	const char *agora_signature;
	bool secure;			/* came by TLS */
	const char *raw;		/* body bytes */
	size_t raw_len;

	/* what the guard made of it */
	const struct route *route;
	bool head;			/* HEAD: answer without body */
	const char *path_arg[REQ_PATH_ARGS]; /* the path's variable segments */
	void *query, *body;		/* the route's structs, or NULL */
	struct actor actor;
	void *prepared;			/* what the row's before() found */

	/* the answer */
	struct err err;
	enum rc rc;
	struct buf *out;		/* body */
	struct json_write j;			/* on out */
	char etag[24];			/* "" : none; without quotes and W/ */
	const char *content_type_out;	/* NULL: application/json */
	const char *location;		/* Location, or NULL */
	const char *link_next;		/* URL for Link: rel="next", or NULL */
	int64_t cache_seconds;		/* > 0: Cache-Control public, max-age */
	const char *realtime_user;	/* X-Earmark-User, for nginx alone */
	bool replayed;			/* Idempotent-Replayed: true */
	bool keep;			/* a failure whose writes stay: a wrong
					 * one-time code was counted */
	void (*after)(struct req *);	/* to do when its writes are committed:
					 * files to remove. NULL: nothing */
	struct spool *spool;		/* a response that is produced in
					 * slices (fcgi/core/spool.h), or NULL */
	void (*undo)(struct req *);	/* runs if the handler failed, did not
					 * run or was rolled back: removes the
					 * files that the row's before() made */
	uint64_t statements;		/* used for it, for the log */
	int64_t limit, remaining;	/* RateLimit headers when limit > 0 */
};

/*
 * Makes it ready for one request: times, empty error, empty answer. The first
 * time it is zeroed memory. Returns false if memory is missing.
 */
bool	req_init(struct req *, struct db *, const struct conf *);
/*
 * Take what is needed from the parameters (an environ-like list) and a body.
 * False: the path has characters that no route has; answer 404.
 */
bool	req_params(struct req *, char *const *params);
/*
 * Returns whether the work just done exceeded an arena's limit or the maximum
 * of the response buffer, and clears the mark. Then req->rc is RC_FAULT.
 */
bool	req_exceeded(struct req *);
/* Forget it all, keep the memory. */
void	req_reset(struct req *);
/* Give the memory of a reset one back too. */
void	req_trim(struct req *);
/* Frees a reset one that calloc() made. */
void	req_free(struct req *);

/*
 * An ETag from parts: req_etag(req, n, v1, ..., vn) mixes int64_t values with
 * the caller's id and roles, the path and the query. Two users never have the
 * same tag, so a browser that revalidates what it kept of one user never shows
 * it to the next. When the client has it already the result is
 * RC_NOT_MODIFIED; when this worker still has the answer it is RC_KNOWN, and
 * rendered. Return either. Else RC_OK: go on and render.
 */
enum rc	req_etag(struct req *, int n, ...);
/* What makes it the same request under an idempotency key: all but headers. */
struct hash req_hash(const struct req *);
/* Who does it, for the audit; the id stays the request's. */
struct audit_by	req_by(const struct req *);
/* A path segment as an integer from 1 to FIELD_INT_MAX; false: it is not one. */
bool	req_path_arg_int(const struct req *, int i, int64_t *);
/* ... as a UUID. */
bool	req_path_arg_uuid(const struct req *, int i, struct uuid *);
/* The path's number; RC_NOT_FOUND with a sentence where it is none. */
enum rc	req_path_id(struct req *, int64_t *, const char *sentence);

#endif
