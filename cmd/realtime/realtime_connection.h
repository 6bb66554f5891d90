/*
 * realtime_connection: the open connections of earmark-realtime, by user.
 *
 * A connection is a WebSocket or a stream of server-sent events. Each
 * connection has a short queue of messages that wait for its socket. A message
 * for several connections is allocated once and reference-counted. If a client
 * does not read and its queue is full, the connection is closed. The client
 * then reconnects and requests the events after its last number.
 */
#ifndef CMD_REALTIME_REALTIME_CONNECTION_H
#define CMD_REALTIME_REALTIME_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ev.h>
#include <libwebsockets.h>

#include "domain/common/actor.h"

#define QUEUE		256	/* maximum messages per connection */
#define CONNS_OF_ONE	32	/* maximum connections per user */
#define FRAME_MAX	(64 * 1024)	/* maximum bytes of a client message */

/* Close codes (RFC 6455, section 7.4.1, and the IANA registry). */
#define CLOSE_POLICY	1008
#define CLOSE_TOO_LARGE	1009
#define CLOSE_RESTART	1012
#define CLOSE_TRY_LATER	1013

struct realtime_user;

struct realtime_msg {
	int refs;
	size_t len;
	unsigned char data[];		/* LWS_PRE bytes, then the text */
};

struct realtime_waiting {
	struct realtime_msg *msg;
	struct realtime_waiting *next;
};

/* State of a connection. libwebsockets allocates it, zeroed. */
struct realtime_conn {
	struct lws *wsi;		/* NULL: not initialized */
	struct realtime_user *person;
	struct realtime_conn *next;	/* next connection of the user */
	struct credential who;		/* credential of the connection */
	int64_t last;			/* seq of the last queued event */
	bool sse;
	struct ev_io input;		/* of a stream */
	struct ev_loop *loop;		/* that has input; NULL: none */
	int64_t heard;			/* ms, monotonic: of the last message */
	int64_t pinged;			/* ms, monotonic: of the last ping; 0: none */
	bool ping;			/* a ping waits for the socket */
	bool behind;			/* is receiving missed events */
	int closing;			/* close code; 0: open */
	size_t incoming;		/* bytes of the partial message */
	struct realtime_waiting *first, *end;
	int nwaiting;
};

struct realtime_user {
	int64_t user;
	struct realtime_conn *conns;
	int n;
	bool held;			/* the user is marked as online */
	int64_t gone_at;		/* ms, monotonic: when n became 0 */
	struct realtime_user *next;		/* next in the hash bucket */
};

/*
 * Finds a user with connections, or with connections that were closed recently.
 * make: adds the user if not found. Returns NULL if not found and not added.
 */
struct realtime_user	*realtime_user_find(int64_t user, bool make);
/* Removes a user without connections. */
void		 realtime_user_drop(struct realtime_user *);
/* Calls f for each user. f may remove its argument. */
void		 realtime_user_each(void (*f)(void *,
	    struct realtime_user *), void *);

/* Adds a connection. Returns false if the user has too many connections. */
bool		 realtime_conn_add(struct realtime_conn *, struct lws *,
		    const struct credential *, bool sse);
/*
 * Closes a stream as soon as its client ends the connection. libwebsockets does
 * not read from the socket of a stream. The loop would report the end again at
 * once, until a write fails.
 */
void		 realtime_conn_watch(struct realtime_conn *, struct ev_loop *);
/* Removes a closed connection. The user remains, with gone_at set. */
void		 realtime_conn_gone(struct realtime_conn *);
/* Returns the number of connections. */
int		 realtime_conn_count(void);

/*
 * Allocates a message with one reference. For streams, the text includes its
 * framing.
 */
struct realtime_msg	*realtime_msg_new(const char *text, size_t len);
void		 realtime_msg_drop(struct realtime_msg *);
/*
 * Adds a message to the queue and takes a reference. If the queue is full,
 * closes the connection.
 */
void		 realtime_conn_put(struct realtime_conn *,
	    struct realtime_msg *);
/* Closes a connection after the close code was sent, after at most 5 s. */
void		 realtime_conn_close(struct realtime_conn *, int code);
/* Sends a ping frame when the socket is writable. now: ms, monotonic. */
void		 realtime_conn_ping(struct realtime_conn *, int64_t now);
/* Ends a connection soon, without a close frame. */
void		 realtime_conn_kill(struct realtime_conn *);
/* Writes a ping or one queued message. Returns -1 if the connection must be closed. */
int		 realtime_conn_write(struct realtime_conn *);

#endif
