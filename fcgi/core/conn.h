/*
 * conn: the connections of nginx to a worker, one request at a time on each.
 *
 * Bytes are received without waiting and checked by fcgi/core/record.h. libfcgi
 * decodes a request only when all of it has arrived, from a private descriptor
 * that holds exactly its bytes. So no read blocks, libfcgi sees nothing that
 * was not checked, and no byte of a body is left on a connection. Only this
 * file uses libfcgi.
 *
 * conn_read() and conn_take() share one buffer: call conn_take() or
 * conn_close() before the next conn_read() if conn_read() returned
 * CONN_REQUEST.
 */
#ifndef FCGI_CORE_CONN_H
#define FCGI_CORE_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct conn;
struct req;

enum conn_input {
	CONN_WAIT,		/* more bytes are needed, or it is busy */
	CONN_REQUEST,		/* a request is complete */
	CONN_CLOSED		/* the connection is gone, and the struct */
};

/*
 * Prepares for at most max connections at once, once a process. Returns false
 * if memory or descriptors are missing.
 */
bool	conn_init(int64_t max);
/* Number of open connections. */
int64_t	conn_count(void);
/*
 * Takes over a connected socket. Returns NULL if that is not possible (logged);
 * the descriptor is then closed.
 */
struct conn *conn_open(int fd);
/* The connection with this descriptor, or NULL. */
struct conn *conn_find(int fd);
/* Closes a connection and frees the struct. */
void	conn_close(struct conn *);
/*
 * Receives once, without waiting. Bytes that are not a part of exactly one
 * request, and the peer's end, close the connection.
 */
enum conn_input conn_read(struct conn *);
/*
 * Fills the initialized request from the complete one: parameters and body.
 * Returns false if req->rc is the answer already: 400 if CONTENT_LENGTH is not
 * the length of the body (the connection ends after the answer), 413 if the
 * body is above RECORD_BODY_MAX (it was discarded), 404 if no route can have
 * the path. Pointers of the request into the parameters are valid until
 * conn_finish() or conn_close().
 */
bool	conn_take(struct conn *, struct req *);
/* The descriptor of the connection, to ask whether it takes more bytes. */
int	conn_fd(const struct conn *);
/*
 * Sends a part of an answer. Returns false, now and in all further calls, if
 * nginx closed the connection or does not take the answer in time.
 */
bool	conn_put(struct conn *, const char *, size_t);
/*
 * Ends an answer and makes the connection ready for the next request, or closes
 * it if conn_put() failed or nginx asked for that.
 */
void	conn_finish(struct conn *);
/* Sends a complete answer: conn_put() and conn_finish(). */
void	conn_answer(struct conn *, const struct buf *);
/*
 * Closes the connections on which no request has become complete for 15 s. Call
 * it only if all that had arrived before `now` (clock_mono()) has been read.
 */
void	conn_expire(int64_t now);

#endif
