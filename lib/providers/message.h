/*
 * message: an SMS, e-mail or push message for a provider, and the result of
 * sending it. providers/message_send.h sends messages.
 */
#ifndef PROVIDERS_MESSAGE_H
#define PROVIDERS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"

/*
 * Providers, in the order of the values of [delivery]. Those of SMS are in
 * base/conf.h.
 */
enum { EMAIL_FILE, EMAIL_SMTP };
enum { PUSH_FILE, PUSH_FCM, PUSH_APNS };

struct message {
	int64_t id;
	const char *to;
	const char *template, *code, *title, *body, *data; /* may be NULL */
	bool urgent;			/* push: not subject to the window */
	bool fid;			/* push: `to` is an installation ID */
	bool rings;			/* push: an incoming call or, without a
					 * title, its end */
	bool voip, sandbox;		/* APNs: the kind and the environment of
					 * the device token */
	const char *sender;		/* e-mail: envelope sender; NULL: the
					 * configured address */
	int64_t created_at;
	int64_t now, expires_at;
};

enum delivery_status {
	MESSAGE_SENT,
	MESSAGE_RETRY,			/* try again later */
	MESSAGE_DROP,			/* do not send to this device again */
	MESSAGE_DEAD			/* do not try again */
};

struct message_result {
	enum delivery_status status;
	int64_t after;			/* RETRY: delay in ms; 0: unknown */
	bool down;			/* RETRY: the provider is unavailable
					 * for all messages */
	bool suspect;			/* RETRY: either for this recipient or
					 * for all messages */
	int64_t before;			/* DROP: if the device was registered
					 * before this time in ms; 0: always */
	bool again;			/* RETRY: at once, after the first
					 * attempt */
	const char *suppress;		/* e-mail: the address accepts no mail,
					 * with this status ("5.1.1"), or NULL */
	const char *why;		/* in the arena; NULL if it was sent */
};

#define MESSAGE_TIMEOUT	10000		/* ms per request */
#define MESSAGE_TIMEOUT_RING 5000	/* as above; a retry can still ring */

/*
 * Reads the secrets that [delivery] requires, once per process. Returns false,
 * and sets *why to a message, if one is missing or invalid.
 */
bool	message_start(const struct conf *, const char **why);

#endif
