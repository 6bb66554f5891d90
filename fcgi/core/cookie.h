/*
 * cookie: the cookies of login sessions, and protection against requests that
 * pages of other origins forge (CSRF).
 *
 * A request that a cookie authenticates is safe if a page of an allowed origin
 * sent it. Writes prove this with the header X-CSRF-Token and the header
 * Origin. The CSRF token also selects one of two cookies: a browser sends the
 * cookies of /app/ and of /console/ with each request.
 */
#ifndef FCGI_CORE_COOKIE_H
#define FCGI_CORE_COOKIE_H

#include <stdbool.h>

#include "fcgi/core/req.h"

/*
 * Chooses the cookie that authenticates a request without a token, and sets
 * req->cookie. It remains NULL if there is none: the caller is not signed in.
 *
 * - X-CSRF-Token selects the cookie to which it belongs. Without it, routes of
 *   staff (ROUTE_STAFF_COOKIE and /admin/) use the cookie of /console/, and all
 *   others use the one of /app/.
 * - Routes below /admin/ never use the cookie of /app/.
 * - Writes whose authentication is optional use a cookie only with
 *   X-CSRF-Token, so that an old cookie does not prevent a new sign-in.
 *
 * Returns RC_FORBIDDEN csrf if X-CSRF-Token belongs to none of the cookies, or
 * if a write has no X-CSRF-Token or no allowed Origin. ROUTE_CONNECT needs an
 * allowed Origin too.
 */
enum rc	cookie_choose(struct req *);
/*
 * Checks that a page of an allowed origin sent the request: the origin of this
 * server, or one of server.cors_origins. Returns RC_FORBIDDEN csrf if not, or
 * if the request has no Origin. Requests that set a cookie must pass it.
 */
enum rc	cookie_check_origin(struct req *);
/*
 * Returns the text of a cookie that the client sent, or NULL. It is not
 * verified.
 */
const char	*cookie_sent(struct req *, enum cookie_kind);
/* Makes the response set a cookie. seconds: its lifetime; 0: of the browser. */
void	cookie_set(struct req *, enum cookie_kind, const char *text,
	    int64_t seconds);
/* Makes the response delete both cookies. */
void	cookie_clear(struct req *);

#endif
