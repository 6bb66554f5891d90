#include "fcgi/core/cookie.h"

#include "base/hash.h"
#include "base/origin.h"
#include "base/str.h"
#include "domain/accounts/session_cookie.h"
#include "fcgi/core/route.h"

/*
 * Browsers accept names with this prefix only from this host, with Secure, the
 * path "/" and no domain (RFC 6265bis, section 4.1.3.2).
 */
static const char *const names[COOKIE_KINDS] = {
	[COOKIE_USER] = "__Host-earmark",
	[COOKIE_STAFF] = "__Host-earmark-staff",
};

const char *
cookie_sent(struct req *req, enum cookie_kind kind)
{
	const char *at = req->cookies, *end;
	size_t n = strlen(names[kind]);

	for (; at != NULL && *at != '\0'; at = *end == '\0' ? end : end + 1) {
		at += strspn(at, " \t");
		end = at + strcspn(at, ";");
		if (strncmp(at, names[kind], n) == 0 && at[n] == '=')
			return arena_strn(&req->arena, at + n + 1,
			    (size_t)(end - at) - n - 1);
	}
	return NULL;
}

/* Returns whether the origin is that of a URL. */
static bool
origin_of(const char *url, const char *origin)
{
	size_t n = strlen(origin);

	return strncmp(url, origin, n) == 0 && strchr("/", url[n]) != NULL;
}

enum rc
cookie_check_origin(struct req *req)
{
	const char *own = arena_fmt(&req->arena, "%s://%s",
	    req->secure ? "https" : "http",
	    req->host == NULL ? "" : req->host);

	if (req->origin != NULL && (str_eq(req->origin, own) ||
	    origin_of(req->conf->base_url, req->origin) ||
	    origin_listed(req->conf->cors_origins, req->origin)))
		return RC_OK;
	return err_set(&req->err, RC_FORBIDDEN, "csrf",
	    "The header Origin must name this server or a configured origin");
}

/* Returns whether the CSRF token of the request belongs to a cookie. */
static bool
csrf_matches(const struct req *req, const char *cookie)
{
	char csrf[SESSION_COOKIE_TEXT];

	return cookie != NULL && session_cookie_csrf(cookie, csrf) &&
	    strlen(req->csrf_token) == sizeof(csrf) - 1 &&
	    hash_eq(req->csrf_token, csrf, sizeof(csrf) - 1);
}

/* Sets req->cookie to the cookie to which the CSRF token belongs. */
static enum rc
choose_by_token(struct req *req, const char *const sent[COOKIE_KINDS])
{
	int kind;

	for (kind = 0; kind < COOKIE_KINDS; kind++)
		if (csrf_matches(req, sent[kind])) {
			req->cookie = sent[kind];
			req->cookie_kind = (enum cookie_kind)kind;
			return RC_OK;
		}
	return err_set(&req->err, RC_FORBIDDEN, "csrf",
	    "The header X-CSRF-Token does not belong to the session");
}

/* Returns whether the route is one of the console only. */
static bool
for_staff(const struct route *r)
{
	return (r->flags & ROUTE_STAFF_COOKIE) ||
	    str_prefix(r->path, "/admin/");
}

enum rc
cookie_choose(struct req *req)
{
	const struct route *r = req->route;
	bool write = !str_eq(r->method, "GET");
	const char *sent[COOKIE_KINDS];
	enum rc rc = RC_OK;
	int kind;

	for (kind = 0; kind < COOKIE_KINDS; kind++)
		sent[kind] = cookie_sent(req, (enum cookie_kind)kind);
	if (sent[COOKIE_USER] == NULL && sent[COOKIE_STAFF] == NULL)
		return RC_OK;
	if (req->csrf_token != NULL) {
		rc = choose_by_token(req, sent);
	} else if (!write || r->role != ROLE_MAYBE) {
		req->cookie_kind = for_staff(r) ? COOKIE_STAFF : COOKIE_USER;
		req->cookie = sent[req->cookie_kind];
		if (write && req->cookie != NULL)
			rc = err_set(&req->err, RC_FORBIDDEN, "csrf",
			    "The header X-CSRF-Token is required");
	}
	if (rc == RC_OK && req->cookie_kind == COOKIE_USER && for_staff(r))
		req->cookie = NULL;
	if (rc == RC_OK && req->cookie != NULL &&
	    (write || (r->flags & ROUTE_CONNECT)))
		rc = cookie_check_origin(req);
	return rc;
}

static void
add_cookie(struct req *req, const char *header)
{
	size_t i;

	for (i = 0; i < NELEM(req->cookies_out); i++)
		if (req->cookies_out[i] == NULL) {
			req->cookies_out[i] = header;
			return;
		}
	BUG("more than %zu cookies", i);
}

#define ATTRIBUTES "; Path=/; HttpOnly; Secure; SameSite=Lax"

void
cookie_set(struct req *req, enum cookie_kind kind, const char *text,
    int64_t seconds)
{
	add_cookie(req, seconds == 0 ?
	    arena_fmt(&req->arena, "%s=%s" ATTRIBUTES, names[kind], text) :
	    arena_fmt(&req->arena, "%s=%s; Max-Age=%lld" ATTRIBUTES,
	    names[kind], text, (long long)seconds));
}

void
cookie_clear(struct req *req)
{
	int kind;

	for (kind = 0; kind < COOKIE_KINDS; kind++)
		add_cookie(req, arena_fmt(&req->arena, "%s=; Max-Age=0"
		    ATTRIBUTES, names[kind]));
}
