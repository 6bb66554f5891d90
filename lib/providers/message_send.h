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

enum post_kind { POST_SMS, POST_EMAIL, POST_PUSH };

/* At most so many are begun and not done, of any kind. */
#define POST_MOST	32

struct post;
/* NULL: [delivery] says that it goes into the file. */
struct post	*post_new(const struct conf *, enum post_kind);
/* What is not done is given up. */
void		 post_free(struct post *);
/* How many may be begun now. */
size_t		 post_room(const struct post *);
/*
 * Begin one. The message, with all it points to, and the arena live until it is
 * done, which is told by the tag.
 */
void		 post_begin(struct post *, struct arena *,
		    const struct message *, void *tag);
/* The tag of one that is done, and what became of it; NULL: none is. */
void		*post_done(struct post *, struct message_result *);
/* Until one moves, or there is something to read at fd (-1: none). */
void		 post_wait(struct post *, int fd, int ms);

#endif
