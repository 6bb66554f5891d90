/*
 * message_send: messages handed to a provider, several at once. For earmark-jobs.
 *
 * How many grows with each that was taken, from one; when the provider is down,
 * or asks for time, it is none for a while and then one again. So nobody who
 * is in trouble is stormed, and one that hangs delays only its own.
 */
#ifndef PROVIDERS_MESSAGE_SEND_H
#define PROVIDERS_MESSAGE_SEND_H

#include "providers/message.h"

enum message_kind { MESSAGE_SMS, MESSAGE_EMAIL, MESSAGE_PUSH };

/* At most so many are begun and not done, of any kind. */
#define MESSAGE_SEND_MAX	32

struct message_send;
/* NULL: [delivery] says that it goes into the file. */
struct message_send	*message_send_new(const struct conf *,
	    enum message_kind);
/* What is not done is given up. */
void		 message_send_free(struct message_send *);
/* How many may be begun now. */
size_t		 message_send_room(const struct message_send *);
/*
 * Begin one. The message, with all it points to, and the arena live until it is
 * done, which is told by the tag.
 */
void		 message_send_begin(struct message_send *, struct arena *,
		    const struct message *, void *tag);
/* The tag of one that is done, and what became of it; NULL: none is. */
void		*message_send_done(struct message_send *,
	    struct message_result *);
/* Until one moves, or there is something to read at fd (-1: none). */
void		 message_send_wait(struct message_send *, int fd, int ms);

#endif
