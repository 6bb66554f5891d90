/*
 * message_impl: what the drivers of messages share. Private to lib/net.
 */
#ifndef NET_MESSAGE_IMPL_H
#define NET_MESSAGE_IMPL_H

#include "net/http.h"
#include "net/message.h"
#include "net/secret.h"

struct message_keys {
	char sms[SECRET_BYTES], twilio[SECRET_BYTES], smtp[SECRET_BYTES];
};
extern struct message_keys message_keys;

/* What an answer means where its body does not matter. */
struct message_result	message_judge(struct arena *,
			    const struct http_answer *);
struct message_result	message_dead(const char *why);

#endif
