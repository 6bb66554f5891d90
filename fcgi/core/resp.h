/*
 * resp: an answer, from what the handler left in the request to bytes.
 *
 * The only place that knows status numbers: one table, rc to status. An error
 * becomes the envelope of the contract, or RFC 9457 where the client prefers
 * it. Nothing is sent before the commit.
 */
#ifndef FCGI_CORE_RESP_H
#define FCGI_CORE_RESP_H

#include "base/buf.h"
#include "fcgi/core/req.h"

/* The status of an rc on this request's route. */
int	resp_status(const struct req *);
/* The code word that goes in the envelope and the log ("" for successes). */
const char *resp_code(const struct req *);
/* Replace the body by the error envelope; req->rc is a failure. */
void	resp_error(struct req *);
/*
 * Write status line, headers and body to `to` (emptied before). Renders the
 * envelope itself where req->rc is a failure that has none yet. If the body is
 * in a file (fcgi/core/spool.h), only status line and headers are written.
 */
void	resp_write(struct req *, const char *allow, struct buf *to);

#endif
