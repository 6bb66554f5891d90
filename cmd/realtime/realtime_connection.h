/*
 * realtime_connection: the open connections of earmark-realtime, by user.
 *
 * A connection is a WebSocket or a stream of server-sent events. Each has a
 * short queue of messages that wait for its socket; a message for many is one
 * block, counted. Who does not read is cut off when the queue is full; the
 * client comes back and asks for what is behind its last number.
 */
#ifndef CMD_REALTIME_REALTIME_CONNECTION_H
#define CMD_REALTIME_REALTIME_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libwebsockets.h>

#include "domain/common/actor.h"

#define QUEUE		256	/* messages of one connection */
#define CONNS_OF_ONE	32	/* connections of one user */
#define FRAME_MOST	(64 * 1024)	/* bytes of what a client sends */

/* Close codes of RFC 6455 7.4.1 and its registry. */
#define CLOSE_POLICY	1008
#define CLOSE_TOO_LARGE	1009
#define CLOSE_RESTART	1012
#define CLOSE_TRY_LATER	1013

struct person;

struct msg {
	int refs;
	size_t len;
	unsigned char data[];		/* LWS_PRE bytes, then the text */
};

struct waiting {
	struct msg *msg;
	struct waiting *next;
};

/* libwebsockets keeps one of these, zeroed, with each connection. */
struct conn {
	struct lws *wsi;		/* NULL: not one of ours yet */
	struct person *person;
	struct conn *next;		/* of the same person */
	struct credential who;		/* that opened it */
	int64_t last;			/* seq of the last event queued */
	bool sse;
	bool behind;			/* is being given what it missed */
	int closing;			/* close code; 0: not */
	size_t incoming;		/* bytes of the frame that is coming */
	struct waiting *first, *end;
	int nwaiting;
};

struct person {
	int64_t user;
	struct conn *conns;
	int n;
	bool held;			/* presence says so */
	int64_t gone_at;		/* ms, monotonic: since when n is 0 */
	struct person *next;		/* of the bucket */
};

/* The person with that id; made where there is none and make is true. */
struct person	*person_find(int64_t user, bool make);
/* Take one out who has no connections. */
void		 person_drop(struct person *);
/* Each of them; f may drop the one it is given. */
void		 person_each(void (*f)(void *, struct person *), void *);

/* False: that user has too many. */
bool		 conn_add(struct conn *, struct lws *,
		    const struct credential *, bool sse);
/* It is closed: forget it. The person stays, with gone_at set. */
void		 conn_gone(struct conn *);
/* How many there are. */
int		 conn_count(void);

/* A message with one reference, of text and, for streams, its frame. */
struct msg	*msg_new(const char *text, size_t len);
void		 msg_drop(struct msg *);
/* Queue it (a further reference); a full queue closes the connection. */
void		 conn_put(struct conn *, struct msg *);
/* Close it, as soon as it can be told why, and in 5 s at the latest. */
void		 conn_close(struct conn *, int code);
/* Write one message. -1: the connection is to be closed. */
int		 conn_write(struct conn *);

#endif
