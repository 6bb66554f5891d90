/*
 * apns_token: the provider token of APNs, a JWT signed by ES256. Private to
 * lib/providers.
 *
 * Apple accepts a token for 60 minutes, and rejects requests if it changes more
 * often than every 20 minutes. So all processes of an installation use the same
 * token. It is a file in run_dir, which survives a restart of earmark-jobs.
 */
#ifndef PROVIDERS_APNS_TOKEN_H
#define PROVIDERS_APNS_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"

/*
 * Reads the key. Returns false, and sets *why as secret_file_wrong() does, if
 * the key, its ID or the team's ID is invalid.
 */
bool		 apns_token_start(const struct conf *, const char **why);
/*
 * Returns the token, in the arena. now is in ms. Makes a token if there is none
 * or if it is older than 45 minutes. Returns NULL if that fails.
 */
const char	*apns_token_get(struct arena *, const struct conf *,
		    int64_t now);
/*
 * Replaces a token that Apple rejected as expired. Returns whether
 * apns_token_get() now returns another one. A token that is younger than 20
 * minutes is kept.
 */
bool		 apns_token_expired(struct arena *, const struct conf *,
		    const char *token, int64_t now);

#endif
