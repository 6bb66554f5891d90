/*
 * guard: everything between a request's parameters and its handler, in the
 * contract's order: path and method, token, role, account, body and
 * parameters, rates; then the transaction.
 *
 * Reads of one turn of the loop share one snapshot, which begins with the
 * first of them and ends with the turn: all its requests had arrived before,
 * so each sees every write that was acknowledged before it was sent.
 */
#ifndef FCGI_CORE_GUARD_H
#define FCGI_CORE_GUARD_H

#include "fcgi/core/req.h"
#include "fcgi/core/route.h"

struct loop_pass {
	struct db *db;
	bool reading;			/* the turn's snapshot is open */
};

/* Close the turn's snapshot, if it is open. */
void	guard_pass_end(struct loop_pass *);

/*
 * Check the request and, unless it writes, run it. True: req->rc is the
 * answer. False: it passed all checks and waits for the group commit.
 */
bool	guard(struct req *, struct loop_pass *,
	    const struct route_table *const *, const char **allow);

/*
 * Checks the caller again, in the transaction of a write: its account, its roles
 * and its login session or service token may have ended while the request
 * waited. RC_OK also if nobody is signed in. Handlers of TX_NONE call it after
 * their own db_write().
 */
enum rc	guard_recheck(struct req *);

/*
 * Run n waiting requests in one transaction, each in a savepoint; one commit
 * for all. Afterwards each has its answer in req->rc. The turn must have ended.
 */
void	guard_commit_group(struct db *, struct req **, size_t n);

#endif
