/*
 * route: the table form of every endpoint, and the way from a request to its
 * row.
 *
 * A group file (fcgi/routes/catalog/flyers_routes.c ...) exports one table. A
 * row says method, path, who may call, what kind of transaction, the query and
 * body tables, and the handler. The runner (pool, guard) does all but the
 * handler's own thought:
 *
 *	{ .method = "GET", .path = "/users/me/favorites", .prefix = PREFIX_V1,
 *	    .role = ROLE_ANY, .tx = TX_READ, .flags = ROUTE_422,
 *	    .query = &list_table, .handler = list_favorites },
 *
 * A path's variable segments are written {name} and arrive in req->path_arg[]
 * in order. A row without method, path, prefix, role, transaction or handler
 * ends the program at its start (route_check()).
 *
 * The contract of a handler: read req->query, req->body, req->path_arg,
 * req->actor and its row's arg (req->route->arg); call one function of
 * lib/domain; on success render with req->j; return an rc.
 * It never prints otherwise, never picks a status, opens no transaction, waits
 * for no network (but those of the pool payments, which is for that, and whose
 * rows are TX_NONE). It knows nothing of group commit. If it returns a failure,
 * what it rendered is thrown away and the error envelope is sent.
 */
#ifndef FCGI_CORE_ROUTE_H
#define FCGI_CORE_ROUTE_H

#include "base/field.h"
#include "fcgi/core/req.h"

enum route_prefix {
	PREFIX_APP = 1,		/* /api/v1/x and bare /x: the listener app */
	PREFIX_V1,		/* /api/v1/x only: D */
	PREFIX_API,		/* /api/x only: flyers, studio */
	PREFIX_NONE		/* as written */
};

/* Who may call. The roles are alternatives: any one of the set is enough. */
enum route_role {
	ROLE_OPEN = 0x100,	/* nobody needs to be signed in */
	ROLE_MAYBE = 0x200,	/* open; a token, if there is one, must be good */
	ROLE_ANY = 0x400	/* signed in */
	/* or ROLE_CUSTOMER, ROLE_LISTENER, ROLE_ADMIN | ROLE_SERVICE, ... */
};

enum route_tx { TX_NONE = 1, TX_READ, TX_WRITE };

#define ROUTE_422	01u	/* validation errors are 422: destinations */
#define ROUTE_DETAIL	02u	/* errors carry "detail": flyers */
#define ROUTE_RAW	04u	/* body is bytes: no content type, no JSON */
#define ROUTE_FORM	010u	/* form encoding is taken too */
#define ROUTE_BODY_OPT	020u	/* the body may be missing */
#define ROUTE_IDEMPOTENT 040u	/* takes Idempotency-Key */
#define ROUTE_INACTIVE	0100u	/* inactive accounts may call (logout) */
#define ROUTE_SEARCH	0200u	/* counts against limits.search_rate */
#define ROUTE_FAVORITE	0400u	/* 5xx say "Could not update Favorites. ..." */
#define ROUTE_NO_STORE	01000u	/* Cache-Control: no-store */
#define ROUTE_PAGE	02000u	/* HTML for people: errors too (fcgi/core/html.h) */

struct route {
	const char *method, *path;
	enum route_prefix prefix;
	unsigned role;
	enum route_tx tx;
	unsigned flags;
	const struct field_table *query, *body;
	enum rc (*handler)(struct req *);
	const void *arg;	/* for handler and before: req->route->arg */
	/*
	 * Slow work that must not hold the writer lock (a password hash): run
	 * before the transaction, after all checks of the request. It may use
	 * db_read()/db_read_end() itself and leaves what it found in req->aux.
	 * What it saw may have changed by the time the handler runs: look again.
	 * NULL: none.
	 */
	enum rc (*before)(struct req *);
};

struct route_table {
	const struct route *routes;
	size_t n;
};

#define ROUTE_TABLE(routes) { (routes), sizeof(routes) / sizeof((routes)[0]) }

/* BUG() on a row that lacks what it must say: role, prefix, transaction. */
void	route_check(const struct route_table *const *);
/*
 * Find the row for req->method and req->path among the tables (a NULL-ended
 * list) and fill req->route, req->head and req->seg. RC_NOT_FOUND, or
 * RC_METHOD with *allow = "GET, HEAD, POST" in the arena.
 */
enum rc	route_find(struct req *, const struct route_table *const *,
	    const char **allow);
/* Print each row as "METHOD path role" lines, both spellings of PREFIX_APP. */
void	route_print(const struct route_table *const *, FILE *);
/*
 * Print each field as "METHOD path query|body name type required|optional min
 * max scale words" lines; enums have words, with '|', all others "-".
 */
void	route_print_fields(const struct route_table *const *, FILE *);

#endif
