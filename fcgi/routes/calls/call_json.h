/*
 * call_json: a call as its parties and administrators see one.
 */
#ifndef FCGI_ROUTES_CALLS_CALL_JSON_H
#define FCGI_ROUTES_CALLS_CALL_JSON_H

#include "domain/calls/call.h"
#include "fcgi/core/req.h"

/* Write its members into the object that is open. */
void	call_json_members(struct req *, const struct call *);

#endif
