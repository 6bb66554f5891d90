/*
 * agora: tokens and callbacks of Agora's media network.
 *
 * AccessToken2 ("007"), byte for byte as Agora's own builders make it
 * (github.com/AgoraIO/Tools, DynamicKey/AgoraDynamicKey; npm agora-token
 * 2.0.6). An app id and a certificate are 32 hexadecimal characters, used as
 * text. All times in a token are seconds; expiries count from its issue.
 */
#ifndef PROVIDERS_AGORA_H
#define PROVIDERS_AGORA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define AGORA_ID	32	/* characters of an app id, a certificate */
#define AGORA_CHANNEL	63	/* most bytes of a channel's name */
#define AGORA_DAY	86400	/* no privilege lasts longer, seconds */

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
	const char *uid;		/* decimal, or an account; never "" */
	unsigned privileges;
	uint32_t issued;		/* seconds since 1970 */
	uint32_t expire;		/* of the token */
	uint32_t privilege_expire;	/* of each privilege; none: never */
	uint32_t salt;			/* 0: a random one */
};

/* 32 hexadecimal characters? */
bool	agora_id(const char *);
/*
 * 1 to 63 of letters, digits, space and !#$%&()+-:;<=.>?@[]^_{}|~,
 * (Agora takes 64 bytes with the end.)
 */
bool	agora_channel(const char *);
/*
 * Make one; in the arena. What is not in the forms above is our mistake,
 * BUG(). A uid of 0 would let anybody in: BUG() too.
 */
char	*agora_build(struct arena *, const struct agora_token *);
/*
 * Read one and check it with the certificate, in constant time. False: it is no
 * token of that certificate with an RTC service. The text is in the arena; the
 * members app_id, channel, uid, privileges, issued, expire, privilege_expire
 * (of joining) and salt are set.
 */
bool	agora_read(struct arena *, const char *token, const char *certificate,
	    struct agora_token *);
/*
 * The signature of a callback, header Agora-Signature-V2: lower-case hex of
 * HMAC-SHA-256 over the raw body.
 * https://docs.agora.io/en/api-reference/api-ref/rtc/channel-event-types
 */
bool	agora_signed(const char *secret, const char *signature,
	    const void *body, size_t len);

#endif
