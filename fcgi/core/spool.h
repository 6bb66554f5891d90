/*
 * spool: responses of any size, produced in slices.
 *
 * A handler whose response has no bound by a page gives a function that
 * renders one batch. If the whole response is small, it is complete when
 * spool_start() returns and is sent like any other. If not, the pool's loop
 * calls spool_step() once per pass, so other requests are served between two
 * slices. What is rendered goes into an unlinked file in conf->spool_dir; when
 * it is complete, the pool sends status, headers and the file in pieces. So the
 * length is known before the first byte is sent, an error is a proper status,
 * and a worker's memory holds one batch of each response.
 *
 * One response per machine is produced at a time, in turns of SPOOL_TURN_MS (see
 * spool_table.h). Others wait for up to SPOOL_WAIT_MS, and at most SPOOL_MAX per
 * worker; beyond both the response is 503 busy with Retry-After. So it is if it
 * is not complete after SPOOL_TOTAL_MS, which must be less than nginx waits.
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

#define SPOOL_MAX	16		/* responses of one worker */
#define SPOOL_WAIT_MS	20000
#define SPOOL_TOTAL_MS	50000
#define SPOOL_BATCH	((size_t)256 * 1024)	/* stmt_budget() of a batch */

/*
 * Renders the next batch at the end of req->j. Rows and texts go into the
 * arena, which is reset after the batch; `state` must hold what the next call
 * needs and be in req->arena. *more is true on entry; set it to false with the
 * last batch. The query and what the request was given stay valid until the
 * end. A result other than RC_OK ends the response with this rc; it may be a
 * success (RC_NOT_MODIFIED, RC_KNOWN) as long as nothing is rendered.
 */
typedef enum rc spool_fn(struct req *, void *state, struct arena *batch,
	    bool *more);

/*
 * Starts a response; called by a TX_READ handler, which returns the result. If
 * req->spool is NULL afterwards, the response is complete.
 */
enum rc	spool_start(struct req *req, spool_fn *produce, void *state);
/*
 * Does about 1 ms of work outside of any transaction. Returns true when the
 * response is complete: req->rc is final, and if req->spool is not NULL its
 * body is in the file. Else *idle tells that it waits for its turn.
 */
bool	spool_step(struct req *, bool *idle);
/*
 * Tells that the worker ends: responses that have not had a turn, `all`: those
 * that are not complete, are 503 busy from now on.
 */
void	spool_drain(bool all);
/* The length of a complete file. */
int64_t	spool_size(const struct spool *);
/* The next bytes of a complete file; 0 at its end, -1 if it cannot be read. */
ssize_t	spool_read(struct spool *, void *, size_t);
/* Ends a response in any state: closes the file, gives the turn to others. */
void	spool_end(struct req *);

/* What the pool has to do after spool_pass(). */
enum spool_next {
	SPOOL_WAITS,			/* for its turn: again in 5 ms */
	SPOOL_FULL,			/* the socket is: again in 1 ms */
	SPOOL_BUSY,			/* call again in the next pass */
	SPOOL_ANSWER,			/* send the response as any other */
	SPOOL_SENT,			/* end the request; it is sent */
	SPOOL_GONE			/* nobody waits any more: end both */
};
/*
 * Does the work of one pass of the loop: produces a slice, or passes some bytes
 * of headers or body to put() if the socket fd takes them without blocking.
 * put() returns false if they cannot be sent. After SPOOL_ANSWER and the values
 * behind it, spool_end() is done.
 */
enum spool_next spool_pass(struct req *req, int fd,
	    bool (*put)(void *arg, const char *data, size_t n), void *arg);

#endif
