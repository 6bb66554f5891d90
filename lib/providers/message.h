/*
 * message: an SMS, an e-mail or a push message on its way to a provider, and
 * what became of it; providers/message_send.h sends it.
 */
#ifndef PROVIDERS_MESSAGE_H
#define PROVIDERS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"

/* By whom, in the order of the words of [delivery]. */
enum { SMS_FILE, SMS_WEBHOOK, SMS_TWILIO };
enum { EMAIL_FILE, EMAIL_SMTP };
enum { PUSH_FILE, PUSH_FCM };

struct message {
	int64_t id;
	const char *to;
	const char *template, *code, *title, *body, *data; /* or NULL */
	bool fid;			/* push: to is an installation id */
	bool rings;			/* push: of a call */
	int64_t now, expires_at;
};

enum delivery_status {
	MESSAGE_SENT,
	MESSAGE_RETRY,			/* later */
	MESSAGE_DROP,			/* never again to this device */
	MESSAGE_DEAD			/* no use to try again */
};

struct message_result {
	enum delivery_status fate;
	int64_t after;			/* RETRY: not before so many ms */
	bool down;			/* RETRY: and not the others now either */
	bool again;			/* RETRY: at once, if it was the first try */
	const char *why;		/* in the arena; NULL where it was sent */
};

#define MESSAGE_TIMEOUT	10000		/* ms, of one request */

/* Read the secrets of what [delivery] names. False: *why, a sentence. */
bool	message_start(const struct conf *, const char **why);

#endif
