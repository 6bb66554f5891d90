/*
 * oidc_key: the public keys of OpenID providers.
 *
 * A worker must not wait for a provider. A process of earmark-jobs fetches the
 * keys (cmd/jobs/key_dispatcher.h) and stores them here:
 *
 * - before they expire by Cache-Control (at least OIDC_KEY_FRESH_MIN, at most a
 *   day after the last time);
 * - if a token has a key that is not stored: the worker marks the provider as
 *   wanted, and the client repeats its request;
 * - at most once per OIDC_KEY_PAUSE for each provider.
 *
 * If a request fails, the former keys stay valid. The keys of another URL than
 * the configured one are not used.
 */
#ifndef DOMAIN_ACCOUNTS_OIDC_KEY_H
#define DOMAIN_ACCOUNTS_OIDC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

#define OIDC_KEY_PAUSE		MINUTE
#define OIDC_KEY_FRESH_MIN	(5 * MINUTE)

/* A key. type and the numbers: as in crypto/public_key.h. */
struct oidc_key {
	const char *kid;
	int type;
	const void *first, *second;
	size_t first_len, second_len;
};

/* Finds the key with key->kid and key->type. */
enum rc	oidc_key_find(struct db *, struct arena *, const struct conf_oidc *,
	    struct oidc_key *, bool *found);
/*
 * Requests the keys of a provider because one was not found, in a write
 * transaction that the caller commits despite the error. Returns RC_AUTH
 * id_token_invalid if they were fetched in the last OIDC_KEY_PAUSE, because then
 * the provider does not have the key. Otherwise returns RC_PENDING
 * provider_keys_pending with retry_after.
 */
enum rc	oidc_key_want(struct db *, struct arena *, const struct conf_oidc *,
	    int64_t now, struct err *);

/* Returns in *due whether the keys of a provider must be fetched now. */
enum rc	oidc_key_due(struct db *, struct arena *, const struct conf_oidc *,
	    int64_t now, bool *due);
/* Records the start of a request, and deletes keys of another URL. */
enum rc	oidc_key_begin(struct db *, const struct conf_oidc *, int64_t now);
/* Replaces the keys. max_age: seconds; 0: not given. */
enum rc	oidc_key_store(struct db *, const struct conf_oidc *,
	    const struct oidc_key *, size_t n, int max_age, int64_t now);
/* Records a failure. */
enum rc	oidc_key_failed(struct db *, const struct conf_oidc *,
	    const char *error);

#endif
