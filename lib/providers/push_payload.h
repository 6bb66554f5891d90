/*
 * push_payload: the bodies of push messages for FCM and APNs. A message with a
 * title is an alert. Others contain only data, and wake the app.
 */
#ifndef PROVIDERS_PUSH_PAYLOAD_H
#define PROVIDERS_PUSH_PAYLOAD_H

#include "base/buf.h"
#include "providers/message.h"

#define PUSH_PAYLOAD_MAX	4096	/* bytes, without the token */
#define PUSH_PAYLOAD_VOIP	5120
#define PUSH_COLLAPSE_MAX	64	/* bytes of apns-collapse-id */

/*
 * Write the body of a message as JSON into an empty buffer. A text that would
 * exceed the maximum of the provider is cut between two characters, and then the
 * title. Return false if the data alone exceeds it.
 */
bool	push_payload_fcm(struct arena *, struct buf *, const struct message *);
bool	push_payload_apns(struct arena *, struct buf *, const struct message *);
/* Returns the bytes of the larger of the two bodies, without cutting. */
size_t	push_payload_size(struct arena *, const struct message *);
/*
 * Returns the collapse ID of APNs, or NULL if the data of the message has no
 * "collapse". A digest replaces one that is not valid in a header.
 */
const char	*push_payload_collapse(struct arena *, const struct message *);

#endif
