/*
 * cache: the last answers of this worker, by their entity tag.
 *
 * A handler computes its tag from versions, which it reads on every request;
 * when this worker has just given the same answer to the same user, the same
 * bytes are it again and need not be built. Nothing can be stale: what would
 * change the answer changes the tag (that is what tags are for), and user,
 * path and query are compared whole, so no two answers can be confused. At
 * most CACHE_BYTES in CACHE_SLOTS answers of at most CACHE_BODY bytes.
 */
#ifndef FCGI_CORE_CACHE_H
#define FCGI_CORE_CACHE_H

#include <stdbool.h>

#include "fcgi/core/req.h"

#define CACHE_SLOTS	64
#define CACHE_BODY	(64 * 1024)
#define CACHE_BYTES	(512 * 1024)

/* Is the answer with req->etag known? Then it is in req->out and link_next. */
bool	cache_get(struct req *);
/* Remember the answer of a successful GET that has a tag. */
void	cache_put(const struct req *);

#endif
