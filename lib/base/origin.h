/* origin: reads lists of web origins (RFC 6454). */
#ifndef BASE_ORIGIN_H
#define BASE_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Returns the length of the first item of a list whose items are separated by
 * commas or spaces, and makes *at its beginning. Returns 0 at the end. The
 * caller then adds the length to *at for the next item.
 */
size_t	origin_next(const char **at);

/*
 * Returns whether the list contains this origin. The comparison is exact, so
 * "*" and "null" never match. origin may be NULL.
 */
bool	origin_listed(const char *list, const char *origin);

/*
 * Returns whether each item is an origin as browsers send it: http or https, a
 * host in lowercase, and optionally a port, without a slash at the end.
 */
bool	origin_list_valid(const char *list);

#endif
