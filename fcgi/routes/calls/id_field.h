/*
 * id_field: the row of an id in the field tables of calls and sessions.
 */
#ifndef FCGI_ROUTES_CALLS_ID_FIELD_H
#define FCGI_ROUTES_CALLS_ID_FIELD_H

#include "base/field.h"

/*
 * A row for the int64_t `member` of struct S, a positive integer. missing: the
 * value if it is not sent, such as FIELD_NONE.
 */
#define ID_FIELD(S, member, flag, missing) \
	{ .name = #member, .type = F_INT, \
	    .flags = (flag), .off = offsetof(S, member), .min = 1, \
	    .max = FIELD_INT_MAX, .dflt = (missing) }

#endif
