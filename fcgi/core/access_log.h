/*
 * access_log: writes the log line of each request and counts its metrics.
 */
#ifndef FCGI_CORE_ACCESS_LOG_H
#define FCGI_CORE_ACCESS_LOG_H

#include "fcgi/core/req.h"
#include "fcgi/core/route.h"

/* Sets the name of this pool and its route tables. Call it once at start. */
void	access_log_init(const char *pool, const struct route_table *const *);
/*
 * Writes the log line of an answered request and adds it to the counters of
 * this process.
 */
void	access_log_request(const struct req *);
/* Adds the counters of this process to the counters in shared memory. */
void	access_log_flush(void);

#endif
