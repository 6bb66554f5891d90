/*
 * spool: produces responses of any size in slices.
 *
 * A handler whose response is not bounded by a page provides a function that
 * renders one batch. A small response is complete when spool_start() returns
 * and is sent like any other. For a larger one, the event loop calls
 * spool_step() once per pass, so other requests are served between two slices.
 * The output goes to an unlinked file in conf->spool_dir. When the file is
 * complete, the pool sends status, headers and the file in pieces. So the
 * length is known before the first byte is sent, errors have a proper status,
 * and a worker holds only one batch of each response in memory.
 *
 * One response per machine is produced at a time, in turns of SPOOL_TURN_MS (see
 * spool_table.h). Others wait for up to SPOOL_WAIT_MS, and at most SPOOL_MAX per
 * worker; beyond both the response is 503 busy with Retry-After. So it is if it
 * is not complete after SPOOL_TOTAL_MS, which must be less than nginx waits. A
 * complete response does not count for SPOOL_MAX any more, so clients that read
 * slowly do not keep others from theirs. A worker sends at most SPOOL_HELD_MAX.
 *
 * A user has one at a time, and limits.large_bytes a minute; beyond, the response
 * is 429. HEAD counts too: its length is that of the complete response. The
 * files of all workers have at most limits.large_total bytes together. Free
 * space is left to the database. A client that reads too slowly is cut off.
 *
 * Each slice checks the caller again and reads a snapshot of its own. A batch
 * continues after the key of the last row, so a row that exists all the time is
 * in the response exactly once; one that is added or deleted meanwhile may be in
 * it or not.
 */
#ifndef FCGI_CORE_SPOOL_H
#define FCGI_CORE_SPOOL_H

#include "fcgi/core/req.h"

#define SPOOL_MAX	16	/* maximum per worker that are not complete */
#define SPOOL_HELD_MAX	128	/* maximum per worker in any state */
#define SPOOL_WAIT_MS	20000
#define SPOOL_TOTAL_MS	50000
#define SPOOL_BATCH	((size_t)256 * 1024)	/* stmt_budget() of a batch */

/*
 * Renders the next batch at the end of req->j. Rows and texts are allocated in
 * `batch`, which is reset after each batch. `state` must be in req->arena and
 * hold everything that the next call needs. *more is true at the call; set it
 * to false with the last batch. req->query and req->body are valid until the
 * end. A result other than RC_OK ends the response with this rc. It may be
 * RC_NOT_MODIFIED or RC_KNOWN if nothing was rendered.
 */
typedef enum rc spool_fn(struct req *, void *state, struct arena *batch,
	    bool *more);

/*
 * Starts a response. A TX_READ handler calls it and returns its result. If
 * req->spool is NULL afterwards, the response is complete.
 */
enum rc	spool_start(struct req *req, spool_fn *produce, void *state);
/*
 * Does about 1 ms of work outside of any transaction. Returns true when the
 * response is complete: req->rc is then final, and if req->spool is not NULL,
 * its body is in the file. Otherwise sets *idle to whether the response waits
 * for the lock.
 */
bool	spool_step(struct req *, bool *idle);
/*
 * Tells that the worker ends: responses that have not had a turn, `all`: those
 * that are not complete, are 503 busy from now on.
 */
void	spool_drain(bool all);
/* The length of a complete file. */
int64_t	spool_size(const struct spool *);
/*
 * Reads the next bytes of a complete file. Returns their number, 0 at the end,
 * or -1 on error.
 */
ssize_t	spool_read(struct spool *, void *, size_t);
/* Ends a response in any state. Closes the file and releases the lock. */
void	spool_end(struct req *);

/* The next action of the pool after spool_pass(). */
enum spool_next {
	SPOOL_WAITS,			/* waits for the lock: retry in 5 ms */
	SPOOL_FULL,			/* socket is full: retry in 1 ms */
	SPOOL_BUSY,			/* call again in the next pass */
	SPOOL_ANSWER,			/* send the response as usual */
	SPOOL_SENT,			/* response was sent: end the request */
	SPOOL_GONE	/* nginx closed the connection: end both */
};
/*
 * Does the work of one pass of the loop. It produces a slice, or passes some
 * bytes of headers or body to put() if the socket fd accepts them without
 * blocking. put() returns false if they cannot be sent. spool_end() was called
 * if the result is SPOOL_ANSWER, SPOOL_SENT or SPOOL_GONE.
 */
enum spool_next spool_pass(struct req *req, int fd,
	    bool (*put)(void *arg, const char *data, size_t n), void *arg);

#endif
