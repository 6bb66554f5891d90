/*
 * turn_credentials: short-lived credentials for a TURN server with a shared
 * secret (coturn's use-auth-secret; draft-uberti-behave-turn-rest-00).
 *
 * The name is "<expiry>:<user>". The password is base64 of HMAC-SHA-1 over the
 * name. The server checks the expiry when an allocation is created or
 * refreshed.
 */
#ifndef PROVIDERS_TURN_CREDENTIALS_H
#define PROVIDERS_TURN_CREDENTIALS_H

#include <stdint.h>

#include "base/arena.h"

struct turn_credentials {
	const char *name, *password;	/* in the arena */
};

/* Returns credentials that expire at `expires`, in seconds since 1970. */
struct turn_credentials	turn_credentials(struct arena *, const char *secret,
			    int64_t expires, int64_t user);

#endif
