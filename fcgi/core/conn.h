/*
 * conn: manages the connections from nginx to a worker. Each connection has one
 * request at a time.
 *
 * Bytes are received without blocking and checked by fcgi/core/record.h.
 * libfcgi decodes a request only after all of it has arrived. It reads from a
 * private descriptor that holds exactly the bytes of the request. So reads do
 * not block, libfcgi reads only checked bytes, and no byte of a body remains on
 * a connection. This is the only file that uses libfcgi.
 *
 * Responses are not written by libfcgi: it copies them and sends each 8 KiB by a
 * call of write(2). One writev(2) sends a short response with its end.
 *
 * A body above RECORD_BODY_MEMORY is written to a file while it arrives, and
 * libfcgi decodes only the parameters.
 *
 * conn_read() and conn_take() share one buffer. After conn_read() returned
 * CONN_REQUEST, call conn_take(), conn_refuse() or conn_close() before the next
 * conn_read().
 */
#ifndef FCGI_CORE_CONN_H
#define FCGI_CORE_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct conn;
struct req;

enum conn_input {
	CONN_WAIT,		/* incomplete, or a request is running */
	CONN_REQUEST,		/* a request is complete */
	CONN_CLOSED		/* the connection was closed and freed */
};

/*
 * Prepares for at most max connections at once. dir: folder for large bodies.
 * Call it once per process. Returns false if there is not enough memory or no
 * descriptor.
 */
bool	conn_init(int64_t max, const char *dir);
/* Returns the number of open connections. */
int64_t	conn_count(void);
/*
 * Allocates the memory of the next connection, before it is accepted. Returns
 * false if memory is missing.
 */
bool	conn_reserve(void);
/*
 * Takes ownership of a connected socket. Call conn_reserve() before. On failure,
 * logs the error, closes the descriptor and returns NULL.
 */
struct conn *conn_open(int fd);
/* Returns the connection with this descriptor, or NULL. */
struct conn *conn_find(int fd);
/* Closes a connection and frees the struct. */
void	conn_close(struct conn *);
/*
 * Receives once without blocking. Closes the connection if nginx closed it or
 * if the bytes are not part of exactly one request.
 */
enum conn_input conn_read(struct conn *);
/*
 * Fills an initialized request with the parameters and body of the complete
 * request. Returns false if req->rc is already the result:
 * - 400 if CONTENT_LENGTH is not the length of the body. The connection is
 *   closed after the response.
 * - 413 if the body is larger than RECORD_BODY_MAX. The body was discarded.
 * - 503 or 500 if a large body could not be stored. It was discarded.
 * - 404 if the path has characters that no route has.
 * The pointers of the request into the parameters are valid until conn_finish()
 * or conn_close().
 */
bool	conn_take(struct conn *, struct req *);
/*
 * Sends a response of n bytes instead of conn_take() and closes the connection,
 * because there is no memory for a struct req. If the socket is full, only closes
 * it.
 */
void	conn_refuse(struct conn *, const char *, size_t n);
/* Returns the descriptor of the connection, for poll(2). */
int	conn_fd(const struct conn *);
/*
 * Returns whether conn_put() of CONN_PIECE bytes and conn_finish() do not block.
 * Also returns true if they would fail.
 */
#define CONN_PIECE	((size_t)32 * 1024)
bool	conn_writable(const struct conn *);
/*
 * Sends a part of a response. last: it is the last one. Returns false, in this
 * and all further calls, if nginx closed the connection.
 */
bool	conn_put(struct conn *, const char *, size_t, bool last);
/*
 * Ends a response. Prepares the connection for the next request, or closes it
 * if conn_put() failed or nginx asked to close it.
 */
void	conn_finish(struct conn *);
/*
 * Closes connections on which no request has become complete for 15 s. Call it
 * only after all bytes that had arrived before `now` (clock_mono()) were read.
 */
void	conn_expire(int64_t now);

#endif
