/*
 * pool: the main program of all workers.
 *
 * A worker serves the listening socket on file descriptor 0, which spawn-fcgi
 * or systemd made. It has one thread and an event loop. multiwatch keeps a
 * number of workers running. See earmark-pool(8) for signals and options.
 */
#ifndef FCGI_CORE_POOL_H
#define FCGI_CORE_POOL_H

#include "base/conf.h"
#include "fcgi/core/route.h"

struct pool_desc {
	enum pool pool;
	const struct route_table *const *tables; /* list, ends with NULL */
	bool signs;			/* needs the private key for JWTs */
	bool tls;			/* is a TLS client */
	/*
	 * Called once after the configuration was read. May be NULL. Pools that
	 * move money or use sessions set it to session_register(), which links
	 * the code of sessions.
	 */
	void (*configure)(const struct conf *);
	/*
	 * Called once after the database is open. May be NULL. If it returns
	 * false, *why is a sentence for the log and the worker does not start.
	 */
	bool (*start)(const struct conf *, const char **why);
};

/*
 * Parses the options and serves until a stop signal. Returns the exit status.
 */
int	pool_main(int argc, char **argv, const struct pool_desc *);

#endif
