/*
 * resp: writes the HTTP response of a request.
 *
 * This is the only file that knows status codes: one table maps rc to status.
 * Errors use the JSON error envelope, or RFC 9457 if the client prefers it.
 * Responses are sent after the commit.
 */
#ifndef FCGI_CORE_RESP_H
#define FCGI_CORE_RESP_H

#include "base/buf.h"
#include "fcgi/core/req.h"

/* Returns the HTTP status of req->rc on this route. */
int	resp_status(const struct req *);
/* Returns the error code for the envelope and the log, or "" for a success. */
const char *resp_code(const struct req *);
/*
 * Returns whether the response tells nginx to read the body of the request. A
 * preflight request has no route: nginx sends its response without reading.
 */
bool	resp_admits(const struct req *);
/* Replaces the body by the error envelope. req->rc must be a failure. */
void	resp_error(struct req *);
/*
 * Writes a complete response, 503 busy, without allocating memory. Returns its
 * length. The size RESP_BUSY is sufficient.
 */
#define RESP_BUSY 512
size_t	resp_busy(char *to, size_t size);
/*
 * Clears `to` and writes status line, headers and body. If req->rc is a failure
 * without a rendered envelope, renders it. If the body is in a file
 * (fcgi/core/spool.h), writes only status line and headers.
 */
void	resp_write(struct req *, const char *allow, struct buf *to);

#endif
