/*
 * session_cookie: login sessions of browsers, which send a cookie.
 *
 * The cookie is 256 random bits; the database stores its SHA-256. Scripts
 * cannot read it. A session with a cookie has no tokens. Each request reads
 * the session, so a sign-out takes effect immediately.
 *
 * A cookie of a customer is valid until conf->refresh_ttl seconds after its
 * last renewal. A cookie of staff is valid for SESSION_COOKIE_STAFF after the
 * sign-in. The value of a cookie does not change: several tabs and requests
 * whose response was lost share it.
 *
 * The CSRF token of a cookie is a digest of it. It reveals nothing about the
 * cookie, and a script of another origin cannot compute it.
 */
#ifndef DOMAIN_ACCOUNTS_SESSION_COOKIE_H
#define DOMAIN_ACCOUNTS_SESSION_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/secret_token.h"
#include "db/db.h"
#include "domain/common/actor.h"

/* Size of the text of a cookie, and of a CSRF token. */
#define SESSION_COOKIE_TEXT	SECRET_TOKEN_TEXT

/* ms after its sign-in for which a cookie of staff is valid. */
#define SESSION_COOKIE_STAFF	(12 * HOUR)
/* ms after which a client renews a cookie. */
#define SESSION_COOKIE_RENEW	DAY

/*
 * Gives a login session that was just issued a new cookie, and deletes its
 * refresh token. staff: it is a cookie of staff.
 */
enum rc	session_cookie_issue(struct db *, int64_t session, bool staff,
	    char text[SESSION_COOKIE_TEXT]);

/* The session of a cookie. */
struct session_cookie {
	struct credential who;
	int64_t expires_at;		/* ms */
	int64_t renew_at;		/* ms; INT64_MIN: not renewable */
};
/*
 * Finds the session of a cookie. Returns RC_NOT_FOUND if the cookie is unknown,
 * signed out or expired, or if it is not of the kind `staff`. Must run in a
 * transaction.
 */
enum rc	session_cookie_find(struct db *, const struct conf *, const char *text,
	    bool staff, int64_t now, struct session_cookie *);

/*
 * Makes a cookie of a customer valid for conf->refresh_ttl seconds from now.
 * Cookies of staff do not change.
 */
enum rc	session_cookie_renew(struct db *, int64_t session, int64_t now);

/*
 * Computes the CSRF token of a cookie. Returns false if the text is not a
 * cookie.
 */
bool	session_cookie_csrf(const char *text, char csrf[SESSION_COOKIE_TEXT]);

#endif
