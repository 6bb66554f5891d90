/*
 * message_internal: definitions shared by the message drivers. Private to
 * lib/providers.
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

/* A message that is being sent. At first only m, arena and tag are set. */
struct sending {
	const struct message *m;
	struct arena *arena;
	struct http_request ask;
	struct mail_request mail;
	struct http_answer answer;
	const char *success;		/* SMS by http: test of the response */
	bool again;			/* this is the second attempt */
	bool waits;			/* until the driver is ready */
	int64_t began;			/* by clock_mono(): to send, or to
					 * wait */
	const struct conf *conf;	/* APNs, set by begin() */
	const char *token;		/* APNs: the provider token */
	void *tag;
};

struct message_driver {
	size_t max_requests;		/* maximum concurrent requests */
	size_t max_urgent;		/* in addition, for urgent messages */
	size_t max_hosts;		/* maximum connections to one host; 0:
					 * no limit */
	bool is_mail;
	/*
	 * Fills in ask or mail. Returns false, and sets *result, if the message
	 * cannot be sent.
	 */
	bool (*begin)(struct sending *, const struct conf *,
	    struct message_result *result);
	/* Interprets the response. */
	struct message_result (*judge)(struct sending *);
	/*
	 * A driver that needs a request of its own, such as for an access
	 * token, has these three functions; otherwise they are NULL. The
	 * request runs concurrently with the messages.
	 *
	 * ready() returns whether messages can be sent; otherwise they wait.
	 * prepare() fills in the request, in the arena, and returns whether it
	 * is due. needed: messages wait for it. It is called often, but not
	 * while the request runs. prepared() interprets the response.
	 */
	bool (*ready)(void);
	bool (*prepare)(struct arena *, const struct conf *, bool needed,
	    struct http_request *);
	void (*prepared)(struct arena *, const struct http_answer *);
};

/* no_driver rejects messages for a provider that is not configured. */
extern const struct message_driver sms_webhook_driver, twilio_driver,
    sms_http_driver, smtp_driver, fcm_driver, apns_driver, no_driver;

/* Reads the key of the service account. */
bool	fcm_start(const struct conf *, const char **why);
/* Returns whether [delivery] configures APNs. */
bool	message_by_apns(const struct conf *);
/* Reads the key of the team, and opens the shared token. */
bool	apns_start(const struct conf *, const char **why);
/*
 * Returns base64 of the HMAC-SHA-256 signature of Standard Webhooks in the
 * arena, or NULL if the secret is not base64.
 */
char	*sms_webhook_sign(struct arena *, const char *secret, const char *id,
	    int64_t seconds, const char *body, size_t n);

/* Interprets the status of a response without its body. */
struct message_result	message_judge(struct arena *,
			    const struct http_answer *);
struct message_result	message_dead(const char *why);

#endif
