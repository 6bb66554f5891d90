/*
 * send: sends responses without waiting for slow readers.
 *
 * A response that the socket accepts at once is sent at once. The rest of
 * another one is kept in memory, or is in a file (fcgi/core/spool.h), and the
 * event loop sends pieces of it while it serves other connections. Meanwhile the
 * connection is not in the epoll set, so bytes that arrive too early cause no
 * events.
 *
 * nginx reads each response at once, except those of spool.h. So a rest in
 * memory means that nginx is overloaded or that something else uses the socket.
 * Such a response ends if nothing of it is read for 10 s, or not all of it
 * in 60 s, or if the rests of a worker exceed 64 MiB and nothing of it has been
 * read for the longest time.
 *
 * The response of a ROUTE_PADDED row is sent at a multiple of SEND_PAD after its
 * request arrived. The same statements take some 10 us longer if an account
 * exists, because other pages of the database change. The multiple hides this,
 * because the work is done much earlier. Meanwhile, the worker serves other
 * requests.
 */
#ifndef FCGI_CORE_SEND_H
#define FCGI_CORE_SEND_H

#include "fcgi/core/conn.h"
#include "fcgi/core/req.h"

#define SEND_PAD	10000	/* us */

/*
 * Prepares for at most max connections in the epoll set ep. Returns false if
 * memory or a descriptor is missing.
 */
bool	send_init(int ep, int64_t max);
/*
 * Sends the response of a request, or begins to. Ends the request; if the
 * response is in a file, later. allow: value of the header Allow, or NULL.
 */
void	send_response(struct conn *, struct req *, const char *allow);
/*
 * Sends pieces of all incomplete responses, and produces slices of those of
 * spool.h. Returns how long the loop may wait for events, in ms, or -1 if all
 * responses are complete.
 */
int	send_pass(void);
/* Returns the number of incomplete responses. */
size_t	send_count(void);
/* Returns the number of requests that ended. */
int64_t	send_served(void);

#endif
