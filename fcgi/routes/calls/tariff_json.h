/*
 * tariff_json: the price of a call or a session in requests and responses.
 */
#ifndef FCGI_ROUTES_CALLS_TARIFF_JSON_H
#define FCGI_ROUTES_CALLS_TARIFF_JSON_H

#include "domain/calls/session.h"
#include "fcgi/core/req.h"

/* The optional members kind and expected_rate (FIELD_NONE: not given). */
#define TARIFF_FIELDS(in, kind_member, rate_member) \
	{ .name = "kind", .type = F_ENUM, .words = listener_kind_names, \
	    .off = offsetof(in, kind_member), .dflt = LISTENER_AUDIO }, \
	{ .name = "expected_rate", .type = F_INT, \
	    .off = offsetof(in, rate_member), .min = 0, \
	    .max = LISTENER_RATE_MAX, .dflt = FIELD_NONE }

/*
 * Writes the member "tariff" into the open object. The listener must not see
 * how long the money lasts.
 */
void	tariff_json_write(struct req *, const struct session_offer *);

#endif
