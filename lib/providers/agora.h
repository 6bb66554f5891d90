/*
 * agora: tokens and notifications of Agora's media network.
 *
 * The tokens are AccessToken2 ("007"), identical to those of Agora's own
 * builders (github.com/AgoraIO/Tools, DynamicKey/AgoraDynamicKey; npm
 * agora-token 2.0.6). An app ID and a certificate are 32 hexadecimal
 * characters, used as text. All times in a token are in seconds. Expiries count
 * from the time of issue.
 */
#ifndef PROVIDERS_AGORA_H
#define PROVIDERS_AGORA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define AGORA_ID	32	/* characters of an app ID or a certificate */
#define AGORA_CHANNEL	63	/* maximum bytes of a channel name */
#define AGORA_DAY	86400	/* maximum duration of a privilege in seconds */

/* Privileges of the RTC service, as bits. */
#define AGORA_JOIN	01u
#define AGORA_AUDIO	02u
#define AGORA_VIDEO	04u
#define AGORA_DATA	010u
#define AGORA_PUBLISHER	(AGORA_JOIN | AGORA_AUDIO | AGORA_VIDEO | AGORA_DATA)
#define AGORA_SUBSCRIBER AGORA_JOIN

struct agora_token {
	const char *app_id, *certificate;
	const char *channel;
	const char *uid;		/* decimal user ID or account name;
					 * never "" */
	unsigned privileges;
	uint32_t issued;		/* seconds since 1970 */
	uint32_t expire;		/* of the token, seconds after issued */
	uint32_t privilege_expire;	/* of each privilege; 0: never */
	uint32_t salt;			/* 0: random */
};

/* Returns whether the text is 32 hexadecimal characters. */
bool	agora_id(const char *);
/*
 * Returns whether the text is 1 to 63 letters, digits, spaces and
 * !#$%&()+-:;<=.>?@[]^_{}|~, (Agora's limit of 64 bytes includes the NUL).
 */
bool	agora_channel(const char *);
/*
 * Returns a token in the arena. Invalid parts are a BUG(), and so is the uid 0,
 * which would admit any user.
 */
char	*agora_build(struct arena *, const struct agora_token *);
/*
 * Parses a token and verifies its signature with the certificate in constant
 * time. Sets app_id, channel, uid, privileges, issued, expire, privilege_expire
 * (of AGORA_JOIN) and salt. The strings are in the arena. Returns RC_AUTH if
 * the text is not a token of this certificate with an RTC service. Returns
 * RC_FAULT if zlib could not allocate memory.
 */
enum rc	agora_read(struct arena *, const char *token, const char *certificate,
	    struct agora_token *);
/*
 * Verifies the signature of a notification, header Agora-Signature-V2:
 * lower-case hex of HMAC-SHA-256 over the raw body. signature may be NULL.
 * Source:
 * https://docs.agora.io/en/api-reference/api-ref/rtc/channel-event-types
 */
bool	agora_signed(const char *secret, const char *signature,
	    const void *body, size_t len);

#endif
