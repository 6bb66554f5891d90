/*
 * route: the table of endpoints, and the search for the row of a request.
 *
 * Each file in fcgi/routes/ (such as catalog/flyers_routes.c) exports one
 * table. A row has the method, path, roles, kind of transaction, query and body
 * tables, and the handler:
 *
 *	{ .method = "GET", .path = "/users/me/favorites", .prefix = PREFIX_V1,
 *	    .role = ROLE_ANY, .tx = TX_READ, .flags = ROUTE_422,
 *	    .query = &list_table, .handler = list_favorites },
 *
 * A variable segment of a path is written {name}. Its values are in
 * req->path_arg[] in order. A row without method, path, prefix, role,
 * transaction or handler stops the program at start (see route_check()).
 *
 * A handler reads req->query, req->body, req->path_arg, req->actor and the
 * row's argument req->route->arg. It calls one function of lib/domain, renders
 * the result with req->j and returns an rc. It does not write other output,
 * choose a status, open a transaction or wait for the network. Only the pool
 * payments waits for payment providers; its rows are TX_NONE. If a handler
 * fails, its rendered output is discarded and the error envelope is sent.
 */
#ifndef FCGI_CORE_ROUTE_H
#define FCGI_CORE_ROUTE_H

#include "base/field.h"
#include "fcgi/core/req.h"
#include "json/json_read_only.h"

enum route_prefix {
	PREFIX_APP = 1,		/* /api/v1/x and /x: listener app */
	PREFIX_V1,		/* /api/v1/x: destinations */
	PREFIX_API,		/* /api/x: flyers, studio */
	PREFIX_NONE		/* path as written */
};

/* Callers with access. The roles are alternatives: one of them is enough. */
enum route_role {
	ROLE_OPEN = 0x100,	/* no authentication */
	ROLE_MAYBE = 0x200,	/* optional; an invalid token is an error */
	ROLE_ANY = 0x400	/* any authenticated user */
	/* or a set such as ROLE_ADMIN | ROLE_SERVICE */
};

enum route_tx { TX_NONE = 1, TX_READ, TX_WRITE };

#define ROUTE_422	01u	/* validation errors are 422 */
#define ROUTE_DETAIL	02u	/* errors have the member "detail" */
#define ROUTE_RAW	04u	/* body is not JSON; any content type */
#define ROUTE_FORM	010u	/* also accepts a form as body */
#define ROUTE_BODY_OPT	020u	/* body is optional */
#define ROUTE_IDEMPOTENT 040u	/* accepts Idempotency-Key */
#define ROUTE_INACTIVE	0100u	/* inactive accounts may call it */
#define ROUTE_SEARCH	0200u	/* counts for limits.search_rate */
#define ROUTE_FAVORITE	0400u	/* 5xx use the message for Favorites */
#define ROUTE_NO_STORE	01000u	/* Cache-Control: no-store */
#define ROUTE_PAGE	02000u	/* response and errors are HTML */
#define ROUTE_STEP_UP	04000u	/* callers with a second factor must have
				 * proved it in the last GUARD_STEP_UP ms */
#define ROUTE_STAFF_COOKIE 010000u /* uses only the cookie of /console/, as
				 * all paths below /admin/ do */
#define ROUTE_CONNECT	020000u	/* nginx asks about a realtime connection: a
				 * cookie needs an Origin (fcgi/core/cookie.h),
				 * and X-Earmark-Error has the error code */
#define ROUTE_PADDED	040000u	/* the time of the response must not reveal
				 * whether an account exists (SEND_PAD) */
#define ROUTE_IMAGE	0100000u /* body is an image, of IMAGE_UPLOAD_MAX */


struct route {
	const char *method, *path;
	enum route_prefix prefix;
	unsigned role;
	enum route_tx tx;
	unsigned flags;
	const struct field_table *query, *body;
	enum rc (*handler)(struct req *);
	const void *arg;	/* read as req->route->arg */
	/*
	 * Members of the response that the body cannot change; NULL: none. The
	 * request fails if it contains one of them with another value.
	 */
	const struct json_read_only *read_only;
	json_normalize *normalize;	/* of their texts; may be NULL */
	/*
	 * Does slow work that must not hold the write lock, such as hashing a
	 * password. Runs before the transaction, after all checks. It may use
	 * db_read() and db_read_end(), and stores its result in req->prepared.
	 * The handler must check the data again, because it may have changed
	 * meanwhile. May be NULL.
	 *
	 * Work that takes longer than some ms runs in another process: before()
	 * of a TX_WRITE row then sets req->deferred (fcgi/core/deferred.h).
	 */
	enum rc (*before)(struct req *);
};

struct route_table {
	const struct route *routes;
	size_t n;
};

#define ROUTE_TABLE(routes) { (routes), sizeof(routes) / sizeof((routes)[0]) }

/* Stops the program with BUG() if a row is incomplete. */
void	route_check(const struct route_table *const *);
/*
 * Finds the row for req->method and req->path in a list of tables that ends
 * with NULL. Sets req->route, req->head and req->path_arg. If several rows
 * match, uses the rows with the fewest variable segments. So GET
 * /presence/update is a wrong method, not a user with the id "update". Returns
 * RC_NOT_FOUND, or RC_METHOD with the allowed methods in *allow ("GET, HEAD,
 * POST", allocated in the arena).
 */
enum rc	route_find(struct req *, const struct route_table *const *,
	    const char **allow);
/* Returns what precedes the path of a row in URLs, such as "/api/v1". */
const char	*route_path_prefix(const struct route *);
/* Prints "METHOD path role" for each row. Prints both paths of PREFIX_APP. */
void	route_print(const struct route_table *const *, FILE *);
/*
 * Prints "METHOD path query|body name type required|optional min max scale
 * names" for each field. names: the values of an enum, separated by '|'; "-"
 * for other types.
 */
void	route_print_fields(const struct route_table *const *, FILE *);

#endif
