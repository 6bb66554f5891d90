/*
 * req: one request and its response.
 *
 * It contains all data that a handler may use. The only global data is the
 * configuration of the process. All memory is in the arena, which is reset
 * after the log line was written.
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
#include "fcgi/core/body_file.h"
#include "json/json_write.h"
#include "providers/provider.h"

struct route;
struct spool;
struct req;

typedef bool deferred_fn(struct req *, bool refuse, int *fd);

/* Bits of a set of roles. */
#define ROLE_CUSTOMER	01u
#define ROLE_LISTENER	02u
#define ROLE_ADMIN	04u
#define ROLE_SERVICE	010u
#define ROLE_FINANCE	020u
#define ROLE_SUPPORT	040u
#define ROLE_MODERATOR	0100u
/* The roles of staff. An administrator may do everything that staff may. */
#define ROLE_STAFF	(ROLE_ADMIN | ROLE_FINANCE | ROLE_SUPPORT | \
			    ROLE_MODERATOR)

struct actor {
	int64_t user;			/* 0: not authenticated */
	int64_t session;		/* login session; 0: none */
	int64_t service_token;		/* id of the service token; 0: none */
	struct uuid uuid;
	unsigned roles;
	bool active;
};

/*
 * The cookies of login sessions: of sign-ins from /console/, and of all others.
 */
enum cookie_kind { COOKIE_USER, COOKIE_STAFF };
#define COOKIE_KINDS	2

#define REQ_PATH_ARGS 4	/* maximum number of variable segments */

struct req {
	/* The request as received. */
	struct arena arena;
	struct db *db;
	const struct conf *conf;
	int64_t now;			/* ms, fixed for the whole request */
	int64_t began;			/* µs, monotonic */
	char id[65];			/* X-Request-Id */
	const char *method, *path, *query_text;
	const char *content_type, *content_encoding, *accept,
	    *accept_language;
	const char *authorization, *if_none_match;
	const char *idempotency_key, *remote_addr, *user_agent, *origin;
	const char *cookies, *csrf_token, *host;
	struct webhook_headers hook;	/* headers of a payment provider */
	const char *agora_signature;
	bool secure;			/* received by HTTPS */
	bool check;			/* nginx asks before it reads the body,
					 * which this request lacks */
	const char *raw;		/* body bytes; NULL: in body_file */
	size_t raw_len;
	struct body_file body_file;

	/* Set by guard(). */
	const struct route *route;
	bool head;			/* HEAD: response without body */
	const char *path_arg[REQ_PATH_ARGS]; /* the path's variable segments */
	void *query, *body;	/* structs of the field tables, or NULL */
	struct actor actor;
	/* The cookie that authenticated the request, or NULL, and its kind. */
	const char *cookie;
	enum cookie_kind cookie_kind;
	void *prepared;			/* result of the row's before() */

	/* The response. */
	struct err err;
	enum rc rc;
	struct buf *out;		/* body */
	struct json_write j;			/* writes into out */
	char etag[24];			/* without quotes and W/; "": no tag */
	uint64_t page_hash;		/* of caller, path, query; with etag */
	const char *content_type_out;	/* NULL: application/json */
	const char *cookies_out[COOKIE_KINDS]; /* Set-Cookie headers, or NULL */
	const char *location;		/* Location header, or NULL */
	const char *link_next;		/* URL for Link: rel="next", or NULL */
	int64_t cache_seconds;		/* > 0: Cache-Control public, max-age */
	/* X-Earmark-User, used by nginx only; NULL: none */
	const char *realtime_user;
	bool replayed;			/* Idempotent-Replayed: true */
	/*
	 * commit the writes of a failure, such as a counted wrong one-time code
	 */
	bool keep_writes;
	void (*after)(struct req *);	/* runs after the commit, such as the
					 * removal of files; or NULL */
	struct spool *spool;		/* response produced in slices
					 * (fcgi/core/spool.h), or NULL */
	/*
	 * Runs if before() failed, or the handler failed, did not run or was
	 * rolled back. It removes the files that the row's before() made. May
	 * be NULL.
	 */
	void (*undo)(struct req *);
	/*
	 * Set by before() if the request waits for a process (see
	 * fcgi/core/deferred.h), else NULL.
	 */
	deferred_fn *deferred;
	uint64_t statements;	/* number of SQL statements, for the log */
	int64_t limit, remaining;	/* RateLimit headers if limit > 0 */
};

/*
 * Prepares a request: sets the times, an empty error and an empty response. A
 * new request must be zeroed memory. Returns false if memory is missing.
 */
bool	req_init(struct req *, struct db *, const struct conf *);
/*
 * Copies the needed values of the parameters, a list like environ. Returns
 * false if the path has characters that no route has: the response is then 404.
 */
bool	req_params(struct req *, char *const *params);
/*
 * Returns whether the last work exceeded the limit of an arena or the maximum
 * size of the response, and clears the mark. req->rc is then RC_FAULT.
 */
bool	req_exceeded(struct req *);
/* Clears a request for reuse. Keeps its memory. */
void	req_reset(struct req *);
/* Frees the memory of a reset request, except for the struct. */
void	req_trim(struct req *);
/* Frees a reset request that calloc() allocated. */
void	req_free(struct req *);

/*
 * Computes an ETag: req_etag(req, n, v1, ..., vn) mixes n int64_t values with
 * the id and roles of the caller, the path and the query. Tags of different
 * users differ, so a browser never shows the cached response of another user.
 *
 * Returns RC_NOT_MODIFIED if the client has this version. Returns RC_KNOWN if
 * this worker has the response in its cache; it is then rendered. The handler
 * must return either of them. Returns RC_OK if the handler has to render.
 */
enum rc	req_etag(struct req *, int n, ...);
/*
 * Sets the ETag of a rendered response to a hash of its body, for responses
 * without versions. Returns RC_NOT_MODIFIED if the client has this body, else
 * RC_OK. It saves the transfer, not the work.
 */
enum rc	req_etag_body(struct req *);
/*
 * Returns a hash of the request without its headers. Requests with the same
 * idempotency key must have the same hash.
 */
struct hash req_hash(const struct req *);
/* Returns the actor for the audit log. The request id is not copied. */
struct audit_by	req_by(const struct req *);
/*
 * Parses variable path segment i as an integer from 1 to FIELD_INT_MAX. Returns
 * false if it is not one.
 */
bool	req_path_arg_int(const struct req *, int i, int64_t *);
/*
 * Parses variable path segment i as a UUID. Returns false if it is not one or
 * is nil.
 */
bool	req_path_arg_uuid(const struct req *, int i, struct uuid *);
/*
 * Parses the first variable path segment as an id. Returns RC_NOT_FOUND with
 * `sentence` as message if it is not one.
 */
enum rc	req_path_id(struct req *, int64_t *, const char *sentence);

#endif
