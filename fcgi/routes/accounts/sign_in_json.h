/*
 * sign_in_json: the responses of sign-ins, with tokens or a cookie.
 */
#ifndef FCGI_ROUTES_ACCOUNTS_SIGN_IN_JSON_H
#define FCGI_ROUTES_ACCOUNTS_SIGN_IN_JSON_H

#include "domain/accounts/auth_session.h"
#include "fcgi/core/req.h"

/*
 * The member "session" of the bodies of sign-ins: what the client gets. A
 * cookie of staff is one of /console/.
 */
enum sign_in_session { SIGN_IN_TOKEN, SIGN_IN_COOKIE, SIGN_IN_STAFF_COOKIE };
/* "token", "cookie", "staff_cookie", NULL. */
extern const char *const sign_in_sessions[];
/* The row of "session" in the field table of a struct. */
#define SIGN_IN_FIELD(type_, member) \
	{ .name = "session", .type = F_ENUM, \
	    .off = offsetof(type_, member), .words = sign_in_sessions, \
	    .dflt = SIGN_IN_TOKEN }

/*
 * Checks the origin of a request that wants a cookie (cookie_check_origin()).
 * Call it before anything is written.
 */
enum rc	sign_in_json_check(struct req *, int session);
/* Writes the tokens of a pair as members of the open object. */
void	sign_in_json_pair(struct req *, const struct token_pair *);
/*
 * Writes the tokens of a pair and the account as the response. For a cookie,
 * replaces the tokens by the cookie, which is not in the body, and its CSRF
 * token. It also ends the session of the cookie that it replaces. session: enum
 * sign_in_session.
 */
enum rc	sign_in_json_render(struct req *, const struct token_pair *,
	    int session);
/* As sign_in_json_render(), with is_new. Returns RC_CREATED if it is set. */
enum rc	sign_in_json_code(struct req *, const struct token_pair *, int session,
	    bool is_new);
/* Writes {"user": ...} as the response. */
enum rc	sign_in_json_user(struct req *, int64_t user);

#endif
