/*
 * cache: keeps recent responses of this worker by their entity tag.
 *
 * A handler reads the versions of its rows on every request and computes the
 * tag from them. If this worker sent the same response to the same user before,
 * the cached bytes are reused and the handler does not render again. Cached
 * responses cannot be stale, because every change of the content changes the
 * tag. User, path and query are compared in full, so responses cannot be mixed
 * up.
 *
 * The cache holds at most CACHE_SLOTS responses and CACHE_BYTES bytes. A
 * response larger than CACHE_BODY bytes is not cached.
 */
#ifndef FCGI_CORE_CACHE_H
#define FCGI_CORE_CACHE_H

#include <stdbool.h>

#include "fcgi/core/req.h"

#define CACHE_SLOTS	64
#define CACHE_BODY	(64 * 1024)
#define CACHE_BYTES	(512 * 1024)

/*
 * Looks up the response with req->etag. Returns true and fills req->out and
 * req->link_next if it is cached.
 */
bool	cache_get(struct req *);
/*
 * Stores the response of a successful GET request that has a tag, if the slot
 * was used for the same user, path and query the last time.
 */
void	cache_put(const struct req *);

#endif
