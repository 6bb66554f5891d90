/*
 * session_json: a paid session as lists and details show one.
 */
#ifndef FCGI_ROUTES_CALLS_SESSION_JSON_H
#define FCGI_ROUTES_CALLS_SESSION_JSON_H

#include "domain/calls/session.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/req.h"

/*
 * Whose eyes: a party sees what is its own (a listener what was earned, a
 * customer what is left), an administrator all of it.
 */
enum session_eyes { EYES_CUSTOMER, EYES_LISTENER, EYES_ADMIN };

/* The caller's, who is a party. */
enum session_eyes session_eyes_of(const struct req *, const struct session *);
/* Write its members into the object that is open. */
void	session_members(struct req *, const struct session *,
	    enum session_eyes);
/* A hash that changes when what is shown of it does. */
uint64_t session_hash(const struct session *, uint64_t seed);

/*
 * A whole list, by the query's side and user; limit, offset and cursor are
 * those of the pages. eyes: NULL, each session by the caller's part in it.
 */
enum rc	session_render_list(struct req *, enum page_tag, const struct pages *,
	    struct session_query *, const enum session_eyes *eyes);
/* RC_NOT_FOUND with the sentence where the path's id is none. */
enum rc	session_path_id(struct req *, int64_t *id);

#endif
