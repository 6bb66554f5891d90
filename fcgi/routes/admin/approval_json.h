/*
 * approval_json: writes requests that wait for another administrator.
 */
#ifndef FCGI_ROUTES_ADMIN_APPROVAL_JSON_H
#define FCGI_ROUTES_ADMIN_APPROVAL_JSON_H

#include "domain/calls/approval.h"
#include "fcgi/core/req.h"

/* Writes {"approval_id"} of a stored request and returns RC_ACCEPTED. */
static inline enum rc
approval_json_stored(struct req *req, const struct approval_result *r)
{
	json_write_obj(&req->j, NULL);
	json_write_int(&req->j, "approval_id", r->approval);
	json_write_obj_end(&req->j);
	return RC_ACCEPTED;
}

#endif
