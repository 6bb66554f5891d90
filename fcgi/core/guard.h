/*
 * guard: checks a request and runs its handler.
 *
 * The checks run in this order: path and method, token, role, account, body and
 * parameters, rate limits.
 *
 * All reads of one pass of the event loop share one snapshot. The first read
 * opens it and the end of the pass closes it. All requests of a pass had
 * arrived before the snapshot. So each request sees all writes that were
 * acknowledged before it was sent.
 */
#ifndef FCGI_CORE_GUARD_H
#define FCGI_CORE_GUARD_H

#include "base/clock.h"
#include "fcgi/core/req.h"
#include "fcgi/core/route.h"

/*
 * ms for which a second factor permits actions that move money out
 * or change staff. See
 * ROUTE_STEP_UP.
 */
#define GUARD_STEP_UP	(10 * MINUTE)

struct loop_pass {
	struct db *db;
	bool reading;			/* the snapshot of the pass is open */
};

/* Closes the snapshot of the pass, if it is open. */
void	guard_pass_end(struct loop_pass *);

/*
 * Checks the request and runs it, unless it is a write. Returns true if req->rc
 * is the result. Returns false if the request passed all checks and waits for
 * guard_commit_group(). *allow is set as by route_find().
 */
bool	guard(struct req *, struct loop_pass *,
	    const struct route_table *const *, const char **allow);

/*
 * Checks the account, the roles and the login session or service token of the
 * caller again, in the transaction of a write. They may have changed while the
 * request waited. Returns RC_OK also for requests without authentication.
 * Handlers of TX_NONE routes call it after their own db_write().
 */
enum rc	guard_recheck(struct req *);

/*
 * Runs n waiting requests in one transaction with one commit. Each request has
 * its own savepoint. Afterwards req->rc is the result of each request. Call
 * guard_pass_end() first.
 */
void	guard_commit_group(struct db *, struct req **, size_t n);

#endif
