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
enum session_json_viewer { SESSION_JSON_CUSTOMER, SESSION_JSON_LISTENER,
	    SESSION_JSON_ADMIN };

/* The caller's, who is a party. */
enum session_json_viewer session_json_viewer_of(const struct req *,
	    const struct session *);
/* Write its members into the object that is open. */
void	session_json_members(struct req *, const struct session *,
	    enum session_json_viewer);
/* A hash that changes when what is shown of it does. */
uint64_t session_json_hash(const struct session *, uint64_t seed);

/*
 * A whole list, by the query's side and user; limit, offset and cursor are
 * those of the pages. eyes: NULL, each session by the caller's part in it.
 */
enum rc	session_json_render_list(struct req *, enum paging_tag,
	    const struct pages *, struct session_query *,
	    const enum session_json_viewer *eyes);
/* RC_NOT_FOUND with the sentence where the path's id is none. */
enum rc	session_json_path_id(struct req *, int64_t *id);

#endif
