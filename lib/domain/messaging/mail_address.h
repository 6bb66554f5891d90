/*
 * mail_address: e-mail addresses that do not accept mail, and the addresses and
 * links that identify a recipient in bounces and requests to unsubscribe.
 *
 * An address is identified by a keyed hash. The envelope sender of a message
 * contains it: b+<hash>.<MAC>@<delivery.bounce_domain> (VERP). The MAC prevents
 * others from suppressing addresses with invented bounces.
 */
#ifndef DOMAIN_MESSAGING_MAIL_ADDRESS_H
#define DOMAIN_MESSAGING_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

struct mail_key { uint8_t b[16]; };

enum mail_reason { MAIL_REJECTED = 1, MAIL_BOUNCED };

/* Returns the key of an address. Upper and lower case are equal. */
struct mail_key	mail_address_key(const struct conf *, const char *address);
/*
 * Suppresses an address for 90 days. status is the reason, "5.1.1".
 */
enum rc	mail_address_suppress(struct db *, const struct mail_key *,
	    enum mail_reason, const char *status, int64_t now);
/* Ends a suppression. *found: there was one. */
enum rc	mail_address_allow(struct db *, const struct mail_key *, bool *found);
enum rc	mail_address_suppressed(struct db *, const struct mail_key *,
	    int64_t now, bool *suppressed);

/*
 * Returns the envelope sender of a message to an address, or mail_from if there
 * is no bounce_domain.
 */
const char *mail_address_sender(struct arena *, const struct conf *,
	    const char *to);
/* Reads the key of an envelope sender. Returns false if it is not authentic. */
bool	mail_address_read_sender(const struct conf *, const char *address,
	    struct mail_key *);

/*
 * Returns the token of the link that ends news by e-mail to a user. It remains
 * valid until the key of the installation changes.
 */
const char *mail_address_token(struct arena *, const struct conf *,
	    int64_t user);
/* Reads a token. Returns 0 if it is not authentic. */
int64_t	mail_address_read_token(const struct conf *, const char *token);

#endif
