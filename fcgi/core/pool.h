/*
 * pool: the main program of every worker.
 *
 * A worker serves file descriptor 0 (a listening socket that spawn-fcgi or
 * systemd made) with one thread and an event loop; multiwatch keeps N of them
 * running. See earmark-pool(8) for signals and options.
 */
#ifndef FCGI_CORE_POOL_H
#define FCGI_CORE_POOL_H

#include "base/conf.h"
#include "fcgi/core/route.h"

struct pool_desc {
	enum pool pool;
	const struct route_table *const *tables;	/* NULL at the end */
	bool signs;			/* needs the private key (auth) */
	/*
	 * Called once after the database is open; may be NULL. False: *why is a
	 * sentence, and the worker does not serve.
	 */
	bool (*start)(const struct conf *, const char **why);
};

/* Parse options, serve until told to end, return the exit status. */
int	pool_main(int argc, char **argv, const struct pool_desc *);

#endif
