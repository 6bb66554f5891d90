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

struct realtime_person;

struct realtime_msg {
	int refs;
	size_t len;
	unsigned char data[];		/* LWS_PRE bytes, then the text */
};

struct realtime_waiting {
	struct realtime_msg *msg;
	struct realtime_waiting *next;
};

/* libwebsockets keeps one of these, zeroed, with each connection. */
struct realtime_conn {
	struct lws *wsi;		/* NULL: not one of ours yet */
	struct realtime_person *person;
	struct realtime_conn *next;		/* of the same person */
	struct credential who;		/* that opened it */
	int64_t last;			/* seq of the last event queued */
	bool sse;
	bool behind;			/* is being given what it missed */
	int closing;			/* close code; 0: not */
	size_t incoming;		/* bytes of the frame that is coming */
	struct realtime_waiting *first, *end;
	int nwaiting;
};

struct realtime_person {
	int64_t user;
	struct realtime_conn *conns;
	int n;
	bool held;			/* presence says so */
	int64_t gone_at;		/* ms, monotonic: since when n is 0 */
	struct realtime_person *next;		/* of the bucket */
};

/* The person with that id; made where there is none and make is true. */
struct realtime_person	*realtime_person_find(int64_t user, bool make);
/* Take one out who has no connections. */
void		 realtime_person_drop(struct realtime_person *);
/* Each of them; f may drop the one it is given. */
void		 realtime_person_each(void (*f)(void *,
	    struct realtime_person *), void *);

/* False: that user has too many. */
bool		 realtime_conn_add(struct realtime_conn *, struct lws *,
		    const struct credential *, bool sse);
/* It is closed: forget it. The person stays, with gone_at set. */
void		 realtime_conn_gone(struct realtime_conn *);
/* How many there are. */
int		 realtime_conn_count(void);

/* A message with one reference, of text and, for streams, its frame. */
struct realtime_msg	*realtime_msg_new(const char *text, size_t len);
void		 realtime_msg_drop(struct realtime_msg *);
/* Queue it (a further reference); a full queue closes the connection. */
void		 realtime_conn_put(struct realtime_conn *,
	    struct realtime_msg *);
/* Close it, as soon as it can be told why, and in 5 s at the latest. */
void		 realtime_conn_close(struct realtime_conn *, int code);
/* Write one message. -1: the connection is to be closed. */
int		 realtime_conn_write(struct realtime_conn *);

#endif
