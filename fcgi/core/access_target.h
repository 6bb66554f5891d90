/*
 * access_target: the objects that a request names, for its log line.
 */
#ifndef FCGI_CORE_ACCESS_TARGET_H
#define FCGI_CORE_ACCESS_TARGET_H

#include "fcgi/core/req.h"

#define ACCESS_TARGET_MAX 256	/* bytes with the NUL */

/*
 * Writes the variable segments of the path and the members of the body that
 * are identifiers, as in "user=me destination_id=018f...". Names of
 * identifiers are "id" or end with "_id". Only integers and UUIDs are written,
 * and the word "me": other text may be secret. Writes "" if there are none.
 */
void	access_target(const struct req *, char out[ACCESS_TARGET_MAX]);

#endif
