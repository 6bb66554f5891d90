/*
 * req_spare: keeps some structs of ended requests, so that the next ones need
 * no new memory.
 */
#ifndef FCGI_CORE_REQ_SPARE_H
#define FCGI_CORE_REQ_SPARE_H

#include "fcgi/core/req.h"

/* Returns an initialized request, or NULL (logged) if memory is missing. */
struct req	*req_spare_take(struct db *, const struct conf *);
/* Resets a request and keeps or frees it. */
void		 req_spare_give(struct req *);

#endif
