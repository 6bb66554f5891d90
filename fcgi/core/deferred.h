/*
 * deferred: requests that wait for another process before their transaction.
 *
 * Work that takes longer than some milliseconds must not run in a worker,
 * because other requests would wait. before() of a TX_WRITE row sets
 * req->deferred to a function instead, and returns RC_OK. The loop calls it in
 * each pass, and other requests are served meanwhile:
 *
 *	bool work(struct req *, bool refuse, int *fd);
 *
 * It does not wait. It returns false while the request waits, and sets *fd to a
 * descriptor that becomes readable when there is something to do, or to -1 if
 * it is to be called again after DEFERRED_RETRY_MS. It returns true when
 * req->rc is the result: RC_OK lets the handler run in the next group commit.
 * If `refuse` is true, it must end the work and return true. It owns *fd.
 *
 * A worker defers at most DEFERRED_MAX requests, each for at most
 * DEFERRED_TIME. Others are refused. If the client goes away, the request is
 * completed like any other write.
 */
#ifndef FCGI_CORE_DEFERRED_H
#define FCGI_CORE_DEFERRED_H

#include "fcgi/core/conn.h"
#include "fcgi/core/req.h"

#define DEFERRED_MAX	32
#define DEFERRED_TIME	(45 * 1000000)	/* µs; nginx waits for 60 s */
#define DEFERRED_RETRY_MS 5

/*
 * Takes a request with req->deferred and its connection, which leaves the epoll
 * set ep meanwhile. deferred_pass() begins the work. Returns false if there are
 * too many: req->rc is then the error.
 */
bool	deferred_add(int ep, struct conn *, struct req *);
size_t	deferred_count(void);
/* Returns how many of them an account has. */
size_t	deferred_count_user(int64_t user);
/*
 * Calls the function of each deferred request; of those that return no
 * descriptor only that of the first one. refuse: the worker ends.
 */
void	deferred_pass(int ep, bool refuse);
/*
 * Takes back a request that does not wait any more, in the order of arrival,
 * and its connection. Returns false if there is none. req->rc is the result;
 * req->undo was called if it is an error.
 */
bool	deferred_take(int ep, struct conn **, struct req **);
/*
 * Returns after how many ms deferred_pass() is to be called again without an
 * event, or -1. 0: the group commit was full, so a request that does not wait
 * any more was not taken.
 */
int	deferred_nap(void);

#endif
