/* accept: content negotiation (RFC 9110, section 12.5.1). */
#ifndef FCGI_CORE_ACCEPT_H
#define FCGI_CORE_ACCEPT_H

#include <stdbool.h>

/*
 * Returns whether a client with this Accept header (NULL: none) prefers
 * application/problem+json to application/json: it names it, and with a higher
 * quality, or first if the qualities are equal. If application/json is not
 * named, its quality is that of a wildcard, and the named type is preferred if
 * they are equal. A malformed item is ignored.
 */
bool	accept_problem(const char *accept);

#endif
