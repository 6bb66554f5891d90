/* start_failure: reports why a worker cannot start. */
#ifndef FCGI_CORE_START_FAILURE_H
#define FCGI_CORE_START_FAILURE_H

#include "base/conf.h"

/*
 * Reports why a worker of the pool cannot start, and returns the exit status.
 * The supervisor restarts such a worker repeatedly. So the reason is stored in
 * run/ and logged only if it changed. Takes 0.4 s.
 */
int	start_failure(const struct conf *, enum pool, const char *why);
/* Removes the stored reason after a start. */
void	start_failure_clear(const struct conf *, enum pool);

#endif
