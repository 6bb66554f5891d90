/*
 * message_internal: what the drivers of messages share. Private to lib/net.
 */
#ifndef PROVIDERS_MESSAGE_INTERNAL_H
#define PROVIDERS_MESSAGE_INTERNAL_H

#include "crypto/secret_file.h"
#include "net/http.h"
#include "providers/message.h"

struct message_keys {
	char sms[SECRET_FILE_BYTES], twilio[SECRET_FILE_BYTES],
	    smtp[SECRET_FILE_BYTES];
};
extern struct message_keys message_keys;

/* A message with its provider; begins cleared but for the first two. */
struct sending {
	const struct message *m;
	struct arena *arena;
	struct http_request ask;
	struct mail_request mail;
	struct http_answer answer;
	bool again;			/* it is the second try */
	void *tag;
};

struct message_driver {
	size_t most;			/* at once */
	bool is_mail;
	/* Fill ask or mail. False: *result says why there is no use. */
	bool (*begin)(struct sending *, const struct conf *,
	    struct message_result *result);
	/* What the answer means. */
	struct message_result (*judge)(struct sending *);
};

extern const struct message_driver sms_webhook_driver, twilio_driver,
    smtp_driver, fcm_driver;

/* Read the service account's key. */
bool	fcm_start(const struct conf *, const char **why);
/*
 * base64 of the HMAC-SHA-256 that Standard Webhooks signs with; NULL: the
 * secret is none.
 */
char	*sms_webhook_sign(struct arena *, const char *secret, const char *id,
	    int64_t seconds, const char *body, size_t n);

/* What an answer means where its body does not matter. */
struct message_result	message_judge(struct arena *,
			    const struct http_answer *);
struct message_result	message_dead(const char *why);

#endif
