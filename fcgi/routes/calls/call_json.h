/*
 * call_json: writes a call as its parties and administrators see it.
 */
#ifndef FCGI_ROUTES_CALLS_CALL_JSON_H
#define FCGI_ROUTES_CALLS_CALL_JSON_H

#include "domain/calls/call.h"
#include "fcgi/core/req.h"

/* Writes the members of a call into the open object. */
void	call_json_members(struct req *, const struct call *);

#endif
