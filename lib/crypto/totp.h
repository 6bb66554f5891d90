/*
 * totp: time-based one-time codes (RFC 6238) by liboath: SHA-1, 6 digits and
 * steps of 30 s, the only values that all authenticator apps support.
 */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define TOTP_SECRET	20		/* bytes, RFC 4226 section 4 */
#define TOTP_DIGITS	6
#define TOTP_STEP_MS	30000

/* Initializes liboath, once per process. Returns false, after a log entry. */
bool		totp_init(void);
/*
 * Returns the number of the time step that a code belongs to, counted from 1970,
 * or -1 if the code is wrong. Accepts the current step and one step before and
 * after it. now: ms. The caller must reject steps that were used before
 * (section 5.2); neither liboath nor this function detects them.
 */
int64_t		totp_step(const uint8_t *secret, size_t n, const char *code,
		    int64_t now);
/* Returns a secret as text for authenticator apps (base32), in the arena. */
const char	*totp_text(struct arena *, const uint8_t *secret, size_t n);
/*
 * Returns the URI that authenticator apps read from a QR code, in the arena.
 * issuer and account are UTF-8 and are percent-encoded. secret: of totp_text().
 */
const char	*totp_uri(struct arena *, const char *issuer,
		    const char *account, const char *secret);

#endif
