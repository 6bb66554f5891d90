/*
 * access_log: the request metrics and the request's log line.
 */
#ifndef FCGI_CORE_ACCESS_LOG_H
#define FCGI_CORE_ACCESS_LOG_H

#include "fcgi/core/req.h"
#include "fcgi/core/route.h"

/* Say which pool this is and which routes it has. */
void	access_log_init(const char *pool, const struct route_table *const *);
/* One answered request: its log line and its counters. */
void	access_log_request(const struct req *);
/* Bring the counters of this process to the shared ones. */
void	access_log_flush(void);

#endif
