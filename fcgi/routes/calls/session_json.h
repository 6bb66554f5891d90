/*
 * session_json: writes a paid session in lists and details.
 */
#ifndef FCGI_ROUTES_CALLS_SESSION_JSON_H
#define FCGI_ROUTES_CALLS_SESSION_JSON_H

#include "domain/calls/session.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/req.h"

/*
 * Viewer of a session. A listener sees the earnings, a customer sees cost and
 * balance, an administrator sees all members.
 */
enum session_json_viewer { SESSION_JSON_CUSTOMER, SESSION_JSON_LISTENER,
	    SESSION_JSON_ADMIN };

/* Returns the role of the caller in the session. The caller must be a party. */
enum session_json_viewer session_json_viewer_of(const struct req *,
	    const struct session *);
/* Writes the members of a session into the open object. */
void	session_json_members(struct req *, const struct session *,
	    enum session_json_viewer);
/*
 * Returns a hash of the visible members of a session. It changes if they
 * change.
 */
uint64_t session_json_hash(const struct session *, uint64_t seed);

/*
 * Renders a list of sessions. The caller sets side, user and filters of the
 * query; limit, offset and cursor are taken from the pages. viewer: NULL uses
 * the role of the caller in each session.
 */
enum rc	session_json_render_list(struct req *, enum paging_tag,
	    const struct pages *, struct session_query *,
	    const enum session_json_viewer *viewer);
/*
 * Parses the session id in the path. Returns RC_NOT_FOUND with a message if no
 * session can have it.
 */
enum rc	session_json_path_id(struct req *, int64_t *id);

#endif
