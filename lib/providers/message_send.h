/*
 * message_send: sends messages to a provider with concurrent requests, for
 * earmark-jobs.
 *
 * The window, which is the number of concurrent requests, starts at one and
 * grows with each accepted message. If the provider is unavailable or asks to
 * slow down, sending pauses and then starts at one again. This protects a
 * provider with problems, and a slow request delays no others.
 *
 * An error that may concern only its recipient (a limit, no response) delays no
 * other message, unless several recipients in a row get it. Urgent push messages
 * are outside of the window: they are sent immediately in any case.
 *
 * A provider may need an access token. A request that runs concurrently with the
 * messages renews it long before it expires. Messages wait only while no token is
 * valid.
 */
#ifndef PROVIDERS_MESSAGE_SEND_H
#define PROVIDERS_MESSAGE_SEND_H

#include "providers/message.h"

/* MESSAGE_PUSH is FCM. */
enum message_kind { MESSAGE_SMS, MESSAGE_EMAIL, MESSAGE_PUSH, MESSAGE_APNS };

/* Maximum number of messages of one kind that are being sent. */
#define MESSAGE_SEND_MAX	32
#define MESSAGE_SEND_URGENT	64	/* outside of the window, in addition */

struct message_send;
/* Returns NULL if [delivery] directs this kind to the message file. */
struct message_send	*message_send_new(const struct conf *,
	    enum message_kind);
/* Aborts unfinished messages. */
void		 message_send_free(struct message_send *);
/* Returns the number of messages that may be started now. */
size_t		 message_send_room(const struct message_send *);
/*
 * Returns the number of urgent messages that may be started now. If
 * message_send_reserves() is false, they share the room of the others.
 */
size_t		 message_send_urgent_room(const struct message_send *);
bool		 message_send_reserves(const struct message_send *);
/*
 * Sends a request of the provider's driver, such as for an access token, if it
 * is due. Returns whether such a request runs; message_send_done() continues it.
 * This is called by message_send_done() too, so callers need it only while no
 * message is being sent.
 */
bool		 message_send_prepare(struct message_send *);
/*
 * Starts sending a message. The message with everything it refers to, and the
 * arena, must live until message_send_done() returns the tag.
 */
void		 message_send_begin(struct message_send *, struct arena *,
		    const struct message *, void *tag);
/*
 * Returns the tag of a finished message and sets its result. Returns NULL if no
 * message has finished.
 */
void		*message_send_done(struct message_send *,
	    struct message_result *);
/*
 * Waits until a request makes progress, fd is readable (-1: none), or ms
 * milliseconds have passed.
 */
void		 message_send_wait(struct message_send *, int fd, int ms);

#endif
